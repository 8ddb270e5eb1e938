"""Which files are taken: recognised by what they contain, never by what they are called."""

from dataclasses import dataclass
from typing import IO

from documents.file_refusal import EMPTY, HEIC, OLDER_OFFICE, UNKNOWN, RefusedFile
from documents.package_checks import check_package
from documents.pdf_checks import check_pdf
from documents.zip_checks import Budget

__all__ = ["LARGEST", "TYPES", "FileType", "RefusedFile", "recognise"]

LARGEST = 20 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class FileType:
    """A type on the list; `picture` names the decoder that makes it anew."""

    media_type: str
    extensions: tuple[str, ...]  # the usual one first
    picture: str = ""


TYPES = {
    "pdf": FileType("application/pdf", (".pdf",)),
    "jpeg": FileType("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
    "png": FileType("image/png", (".png",), "PNG"),
    "docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    "odt": FileType("application/vnd.oasis.opendocument.text", (".odt",)),
    "asice": FileType("application/vnd.etsi.asic-e+zip", (".edoc", ".asice", ".sce")),
}


def recognise(file: IO[bytes], budget: Budget | None = None) -> FileType:
    """Return the type of a real file on disk after looking through it. Raises RefusedFile."""
    file.seek(0)
    head = file.read(16)
    if not head:
        raise RefusedFile(EMPTY)
    if head.startswith(b"%PDF-"):
        check_pdf(file)
        return TYPES["pdf"]
    if head.startswith(b"\xff\xd8\xff"):
        return TYPES["jpeg"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return TYPES["png"]
    if head.startswith(b"PK\x03\x04"):
        return TYPES[check_package(file, budget or Budget(), recognise)]
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedFile(OLDER_OFFICE)
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftypheim"):
        raise RefusedFile(HEIC)
    raise RefusedFile(UNKNOWN)
