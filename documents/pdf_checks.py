"""A PDF from a stranger: a whole document without programs, files or passwords inside.

Names of a PDF may be written with #-escapes and hide in packed object streams; both are looked through.
"""

import mmap
import re
import zipfile
import zlib
from typing import IO

from documents.file_refusal import DAMAGED, PASSWORD, PDF_HIDES, PDF_PROGRAM, TWO_IN_ONE, RefusedFile

MOST_UNPACKED = 32 * 1024 * 1024  # bytes of all object streams
_BLOCK = 1 << 16
_END = 1024  # bytes in which readers look for %%EOF
_NEAR = 4096  # bytes from the type of an object stream to its data

Content = bytes | mmap.mmap


def _names(*words: str) -> bytes:
    """A pattern for PDF names in which any letter may be escaped: /JavaScript is /J#61vaScript too."""
    alternatives = "|".join(
        "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word) for word in words
    )
    return f"/(?:{alternatives})(?![A-Za-z0-9_.-])".encode()


# Actions that run something, and files inside. Long enough not to occur by chance in a picture's bytes.
_PROGRAM = re.compile(
    _names("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Rendition", "ImportData")
)
# Short names count only where text surrounds them, as chance makes them in packed data.
_SHORT = re.compile(_names("JS", "XFA") + rb"(?<=[\t-\r -~]{12})[\s(<\[][\t-\r -~]{2}")
_PASSWORD = re.compile(_names("Encrypt") + rb"\s*(?:<<|\d+\s+\d+\s+R)")
_OBJECT_STREAM = re.compile(_names("ObjStm"))
_FILTER = re.compile(_names("Filter", "F"))
_ONLY_FLATE = re.compile(_names("Filter", "F") + rb"[\s\[]*" + _names("FlateDecode", "Fl") + rb"[\s\]]*(?:/|>>)")
_PREDICTED = re.compile(_names("DecodeParms", "DP"))
_DATA = re.compile(rb"stream\r?\n")


def check_pdf(file: IO[bytes]) -> None:
    """Look through a PDF that begins as one. Raises RefusedFile."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.rfind(b"%%EOF", max(0, len(content) - _END)) < 0:
            raise RefusedFile(DAMAGED)
        file.seek(0)
        if zipfile.is_zipfile(file):
            raise RefusedFile(TWO_IN_ONE)
        if _PASSWORD.search(content):
            raise RefusedFile(PASSWORD)
        _check_names(content)
        left = MOST_UNPACKED
        for found in _OBJECT_STREAM.finditer(content):
            objects = _objects(content, found.start(), found.end(), left)
            left -= len(objects)
            _check_names(objects)


def _check_names(content: Content) -> None:
    if _PROGRAM.search(content) or _SHORT.search(content):
        raise RefusedFile(PDF_PROGRAM)


def _objects(content: mmap.mmap, start: int, end: int, limit: int) -> bytes:
    """Return the objects of the stream whose dictionary holds the name at `start`; what hides them is refused."""
    data = _DATA.search(content, end, end + _NEAR)
    begin = content.rfind(b"obj", max(0, start - _NEAR), start)
    if data is None or begin < 0:
        raise RefusedFile(PDF_HIDES)
    dictionary = content[begin : data.start()]
    if not _FILTER.search(dictionary):
        return b""  # not packed: it has been looked through with the rest
    if not _ONLY_FLATE.search(dictionary) or _PREDICTED.search(dictionary):
        raise RefusedFile(PDF_HIDES)
    return _inflate(content, data.end(), limit)


def _inflate(content: mmap.mmap, start: int, limit: int) -> bytes:
    unpacker, parts, size = zlib.decompressobj(), [], 0
    try:
        for at in range(start, len(content), _BLOCK):
            parts.append(unpacker.decompress(content[at : at + _BLOCK], limit - size + 1))
            size += len(parts[-1])
            if size > limit:
                raise RefusedFile(PDF_HIDES)
            if unpacker.eof:
                return b"".join(parts)
    except zlib.error as error:
        raise RefusedFile(PDF_HIDES) from error
    raise RefusedFile(PDF_HIDES)
