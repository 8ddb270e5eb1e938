"""What comes with a request, read within limits: forms of a sensible size, in plain encoding, kept by nobody.

Litestar's own reading caches the last thousand forms in memory and takes text up to the limit for files.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import parse_qsl

import litestar
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException
from litestar_htmx import HTMXDetails
from multipart import MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

TEXT_LIMIT = 1_000_000  # bytes of text in one form; files come on top
FIELD_LIMIT = 1000
PART_LIMIT = 500
_DAMAGED, _TOO_LARGE, _NOT_THIS_WAY = 400, 413, 415

Fields = dict[str, list[str | UploadFile]]


class GivenTwice(HTTPException):
    """Several answers to a question that has one: which of them was meant, and which one others read, is unknown."""

    def __init__(self) -> None:
        super().__init__(status_code=_DAMAGED)


class Request(litestar.Request[Any, Any, Any]):
    """A request of the portal. What its route does not declare as `many` is given once, in form and address alike."""

    @property
    def htmx(self) -> HTMXDetails:
        """What htmx says of itself; true where it asks. Kept by the request, the two would hold each other for long."""
        return HTMXDetails(self)

    async def form(self) -> FormMultiDict:
        """Return the form; empty where the body is none. Raises GivenTwice, HTTPException 400, 413 or 415."""
        state = self._connection_state  # Litestar closes the files it finds there
        read: Any = state.form
        if not isinstance(read, dict):
            state.form = read = await self._read()
        self._each_once(name for name, values in read.items() for _ in values)
        return FormMultiDict.from_form_data(read)

    def check_parameters(self) -> None:
        """Look at the parameters of the address. Raises GivenTwice."""
        self._each_once(name for name, _ in self.query_params.multi_items())

    def _each_once(self, names: Iterable[str]) -> None:
        several = self.route_handler.opt.get("many", ())
        if any(times > 1 and name not in several for name, times in Counter(names).items()):
            raise GivenTwice

    async def _read(self) -> Any:
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(status_code=_NOT_THIS_WAY)
        kind, options = self.content_type
        if kind == "application/x-www-form-urlencoded":
            return await _urlencoded(self.stream())
        if kind == "multipart/form-data":
            return await _multipart(self.stream(), options.get("boundary", ""))
        return {}


async def _urlencoded(stream: AsyncIterator[bytes]) -> Fields:
    body = bytearray()
    async for block in stream:
        body += block
        if len(body) > TEXT_LIMIT:
            raise HTTPException(status_code=_TOO_LARGE)
    fields: Fields = {}
    try:
        for name, value in parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELD_LIMIT):
            fields.setdefault(name, []).append(value)
    except ValueError as error:  # not UTF-8, or more fields than any form has
        raise HTTPException(status_code=_DAMAGED) from error
    return fields


async def _multipart(stream: AsyncIterator[bytes], boundary: str) -> Fields:
    fields: Fields = {}
    try:
        with PushMultipartParser(boundary.encode(), max_segment_count=PART_LIMIT) as parser:
            await _parts(stream, parser, fields)
    except BaseException as error:
        for values in fields.values():
            for value in values:
                if isinstance(value, UploadFile):
                    await value.close()
        if isinstance(error, ValueError):  # no multipart, not UTF-8, or more parts than any form has
            raise HTTPException(status_code=_DAMAGED) from error
        raise
    return fields


async def _parts(stream: AsyncIterator[bytes], parser: PushMultipartParser, fields: Fields) -> None:
    """Read part by part: files go to a temporary file beyond a mebibyte, text stays within its limit."""
    values: list[str | UploadFile] = []
    file: UploadFile | None = None
    text, left = bytearray(), TEXT_LIMIT
    async for block in stream:
        for part in parser.parse(block):
            if isinstance(part, MultipartSegment):
                values, text = fields.setdefault(part.name or "", []), bytearray()
                file = UploadFile(part.content_type or "", part.filename) if part.filename else None
                if file is not None:
                    values.append(file)
            elif part and file is not None:
                await file.write(part)
            elif part:
                text += part
                left -= len(part)
                if left < 0:
                    raise HTTPException(status_code=_TOO_LARGE)
            elif file is not None:
                await file.seek(0)
            else:
                values.append(text.decode())
