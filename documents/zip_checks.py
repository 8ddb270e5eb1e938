"""A zip from a stranger: opened only if it is plain, whole, and small enough when unpacked."""

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import IO

from documents.file_refusal import DAMAGED, ODD_PACKING, PASSWORD, TWO_IN_ONE, UNPACKS_TOO_LARGE, RefusedFile

MOST_ENTRIES = 2_000
MOST_UNPACKED = 100 * 1024 * 1024  # bytes over all entries, also those of zips inside
MOST_RATIO = 200  # of an entry beyond a megabyte; text packs to a tenth or a thirtieth
DEEPEST = 3  # zips within zips
_DIRECTORY_ENTRY = 46 + 512  # bytes, with a long name
_DESCRIPTOR = 24  # bytes that may follow an entry's data
_BLOCK = 1 << 16


@dataclass
class Budget:
    """What unpacking may still cost, over all levels of nesting."""

    unpacked: int = MOST_UNPACKED
    depth: int = DEEPEST

    def spend(self, count: int) -> None:
        """Count unpacked bytes. Raises RefusedFile once they are too many."""
        self.unpacked -= count
        if self.unpacked < 0:
            raise RefusedFile(UNPACKS_TOO_LARGE)


class Archive:
    """The entries of a zip whose structure has been checked."""

    def __init__(self, file: IO[bytes], entries: list[zipfile.ZipInfo], starts: dict[str, int], budget: Budget) -> None:
        self._file, self._starts, self._budget = file, starts, budget
        self.entries = {entry.filename: entry for entry in entries if not entry.is_dir()}
        self.first = entries[0].filename if entries else ""

    def unpack(self, name: str) -> Iterator[bytes]:
        """Unpack an entry in blocks of at most 256 KiB. Raises RefusedFile when it is not what it claims."""
        entry = self.entries[name]
        total, crc = 0, 0
        for block in self._raw(entry) if entry.compress_type == zipfile.ZIP_STORED else _inflate(self._raw(entry)):
            total, crc = total + len(block), zlib.crc32(block, crc)
            self._budget.spend(len(block))
            if total > entry.file_size:
                raise RefusedFile(UNPACKS_TOO_LARGE)
            yield block
        if total != entry.file_size or crc != entry.CRC:
            raise RefusedFile(DAMAGED)

    def read(self, name: str, limit: int = 1 << 20) -> bytes:
        """Return a small entry whole; empty where there is none."""
        if name not in self.entries:
            return b""
        if self.entries[name].file_size > limit:
            raise RefusedFile(ODD_PACKING)
        return b"".join(self.unpack(name))

    def _raw(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        at, left = self._starts[entry.filename], entry.compress_size
        while left:
            self._file.seek(at)
            block = self._file.read(min(left, _BLOCK))
            if not block:
                raise RefusedFile(DAMAGED)
            at, left = at + len(block), left - len(block)
            yield block


def open_zip(file: IO[bytes], budget: Budget) -> Archive:
    """Check the structure of a zip and return its entries; nothing is unpacked yet. Raises RefusedFile."""
    directory = _directory_start(file)
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as opened:
            entries = opened.infolist()
        starts = _data_starts(file, entries, directory)
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, EOFError) as error:
        raise RefusedFile(DAMAGED) from error
    _check_names(entries)
    for entry in entries:
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > budget.unpacked:
        raise RefusedFile(UNPACKS_TOO_LARGE)
    return Archive(file, entries, starts, budget)


def _directory_start(file: IO[bytes]) -> int:
    """Where the directory begins; it and the end record must close the file, so that every reader sees the same."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(4)
    file.seek(max(0, size - 22 - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if head != b"PK\x03\x04" or at < 0 or at + 22 > len(tail):
        raise RefusedFile(DAMAGED)
    disk, first_disk, here, count, length, offset, comment = struct.unpack("<4H2IH", tail[at + 4 : at + 22])
    if disk or first_disk or here != count or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise RefusedFile(ODD_PACKING)  # in several parts, or of a size that only giants need
    end = size - len(tail) + at
    if end + 22 + comment != size or offset + length != end:
        raise RefusedFile(TWO_IN_ONE)
    # Counted before anything is read: a directory of a million entries would fill the memory.
    if count > MOST_ENTRIES or length > MOST_ENTRIES * _DIRECTORY_ENTRY:
        raise RefusedFile(ODD_PACKING)
    return int(offset)


def _data_starts(file: IO[bytes], entries: list[zipfile.ZipInfo], directory: int) -> dict[str, int]:
    """Where each entry's data begins. Entries lie one behind the other: none overlaps, nothing hides between."""
    starts = {}
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    if not ordered or ordered[0].header_offset != 0:
        raise RefusedFile(ODD_PACKING)
    offsets = [*(entry.header_offset for entry in ordered), directory]
    for entry, (offset, following) in zip(ordered, pairwise(offsets), strict=True):
        file.seek(offset)
        header = struct.unpack("<4s5H3I2H", file.read(30))
        signature, flags, method, name_length, extra = header[0], header[2], header[3], header[9], header[10]
        encoding = "utf-8" if flags & 0x800 else "cp437"
        name = file.read(name_length).decode(encoding)
        if signature != b"PK\x03\x04" or name != entry.orig_filename or method != entry.compress_type:
            raise RefusedFile(ODD_PACKING)
        if flags & 1:
            raise RefusedFile(PASSWORD)
        start = offset + 30 + name_length + extra
        gap = following - (start + entry.compress_size)
        if not 0 <= gap <= (_DESCRIPTOR if flags & 8 else 0):
            raise RefusedFile(ODD_PACKING)
        starts[entry.filename] = start
    return starts


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen = {unicodedata.normalize("NFC", entry.filename).casefold() for entry in entries}
    if len(seen) != len(entries) or len(entries) > MOST_ENTRIES:
        raise RefusedFile(ODD_PACKING)
    for entry in entries:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        unsafe = any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in parts[0]
        if unsafe or any(ord(letter) < 32 or ord(letter) == 127 for letter in name) or len(name) > 500:
            raise RefusedFile(ODD_PACKING)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x41:  # encrypted, also strongly
        raise RefusedFile(PASSWORD)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedFile(ODD_PACKING)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RefusedFile(ODD_PACKING)
    if entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size:
        raise RefusedFile(DAMAGED)
    if entry.file_size > 1 << 20 and entry.file_size > MOST_RATIO * entry.compress_size:
        raise RefusedFile(UNPACKS_TOO_LARGE)


def _inflate(raw: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack step by step: what lies about its size is stopped before it fills the memory."""
    unpacker = zlib.decompressobj(-15)
    try:
        for block in raw:
            while block and not unpacker.eof:
                yield unpacker.decompress(block, _BLOCK * 4)
                block = unpacker.unconsumed_tail
        while not unpacker.eof and (rest := unpacker.decompress(unpacker.unconsumed_tail, _BLOCK * 4)):
            yield rest
    except zlib.error as error:
        raise RefusedFile(DAMAGED) from error
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedFile(DAMAGED)
