"""Documents that are zips inside: DOCX, ODT and signed containers (ASiC-E, eDoc), without macros or programs."""

import re
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO
from xml.parsers import expat

from documents.file_names import shown_name
from documents.file_refusal import (
    FETCHES,
    INSIDE,
    MACROS,
    ODD_PACKING,
    PASSWORD,
    TWO_IN_ONE,
    UNKNOWN,
    UNPACKS_TOO_LARGE,
    RefusedFile,
)
from documents.zip_checks import Archive, Budget, open_zip

_MAIN_PART = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_BY_MIMETYPE = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.etsi.asic-e+zip": "asice",
}
_ZIP = b"PK\x03\x04"
# An old Office file (it may hold anything), programs of Windows and Linux, scripts.
_PROGRAMS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ", b"\x7fELF", b"#!")
_MACRO_PLACES = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml|Basic/.*|Scripts/.*)$", re.IGNORECASE)
_ODF_MACRO = re.compile(rb"vnd\.sun\.star\.script:|macro://")


def check_package(file: IO[bytes], budget: Budget, recognise: Callable[[IO[bytes], Budget], object]) -> str:
    """Return "docx", "odt" or "asice" of a zip, looked through to the last entry. Raises RefusedFile.

    `recognise` judges the files a signed container holds.
    """
    archive = open_zip(file, budget)
    kind = _kind(archive)
    file.seek(0)
    # Readers of PDF look that far for its beginning. A signed container may begin with the PDF it holds.
    if kind != "asice" and b"%PDF-" in file.read(1024):
        raise RefusedFile(TWO_IN_ONE)
    if any(_MACRO_PLACES.search(name) for name in archive.entries) and kind != "asice":
        raise RefusedFile(MACROS)
    if kind == "odt" and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise RefusedFile(PASSWORD)
    for name in archive.entries:
        if kind == "asice" and name != "mimetype" and not name.startswith("META-INF/"):
            _check_signed_file(archive, name, budget, recognise)
        else:
            _check_part(archive, name, kind, budget)
    return kind


def _kind(archive: Archive) -> str:
    declared = archive.read("mimetype", 200).strip()
    if declared in _BY_MIMETYPE:
        if archive.first != "mimetype":
            raise RefusedFile(ODD_PACKING)
        return _BY_MIMETYPE[declared]
    types = archive.read("[Content_Types].xml")
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise RefusedFile(MACROS)
    if _MAIN_PART in types and "word/document.xml" in archive.entries:
        return "docx"
    raise RefusedFile(UNKNOWN)


def _check_part(archive: Archive, name: str, kind: str, budget: Budget) -> None:
    if name.endswith(".rels"):
        _check_references(archive.read(name))
        return
    head, before = b"", b""
    with TemporaryFile() as inner:
        for block in archive.unpack(name):
            head = head or block[:8]
            if head.startswith(_ZIP):
                inner.write(block)
            elif kind == "odt" and _ODF_MACRO.search(before + block):
                raise RefusedFile(MACROS)
            before = block[-32:]
        if head.startswith(_PROGRAMS):
            raise RefusedFile(MACROS)
        if head.startswith(_ZIP):
            _check_inner_zip(inner, budget)


def _check_inner_zip(file: IO[bytes], budget: Budget) -> None:
    """A spreadsheet or drawing put into a document: any zip, as plain and as harmless as its outside."""
    with _one_deeper(budget):
        archive = open_zip(file, budget)
        if any(_MACRO_PLACES.search(name) for name in archive.entries):
            raise RefusedFile(MACROS)
        for name in archive.entries:
            _check_part(archive, name, "", budget)


def _check_signed_file(
    archive: Archive, name: str, budget: Budget, recognise: Callable[[IO[bytes], Budget], object]
) -> None:
    with TemporaryFile() as inner, _one_deeper(budget):
        for block in archive.unpack(name):
            inner.write(block)
        inner.flush()
        try:
            recognise(inner, budget)
        except RefusedFile as refusal:
            if refusal.message_id == UNKNOWN:
                raise RefusedFile(INSIDE, {"inside": shown_name(name)}) from refusal
            raise


class _one_deeper:  # noqa: N801 - reads as a phrase
    """One level of nesting; beyond the deepest the file is refused."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __enter__(self) -> None:
        self._budget.depth -= 1
        if self._budget.depth < 0:
            raise RefusedFile(UNPACKS_TOO_LARGE)

    def __exit__(self, *_: object) -> None:
        self._budget.depth += 1


def _check_references(xml: bytes) -> None:
    """Links a reader clicks are fine; templates, objects and pictures fetched by themselves are not."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def element(name: str, attributes: dict[str, str]) -> None:
        outside = attributes.get("TargetMode", "").lower() == "external"
        if name.endswith(" Relationship") and outside and not attributes.get("Type", "").endswith("/hyperlink"):
            raise RefusedFile(FETCHES)

    def doctype(*_: object) -> None:
        raise RefusedFile(ODD_PACKING)  # entities have no place here

    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise RefusedFile(ODD_PACKING) from error
