"""A lean HTTP client: so many readers, each sending the next request as soon as its answer is there."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
READERS = 50


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent."""

    method: str
    path: str
    cookie: str = ""
    body: str = ""
    about: dict[str, str] = field(default_factory=dict)  # for the floor: dossier, person, role, word, code

    def message(self, port: int) -> bytes:
        """The bytes on the wire, as a browser's htmx sends them."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if self.method == "POST":
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(self.body.encode())}")
            lines.append("HX-Request: true")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


@dataclass
class Burst:
    """What a burst of requests came to; times in seconds."""

    answers: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    failures: dict[int, int] = field(default_factory=dict)  # answers by status other than 200
    bytes: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0


class _Reader(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._data = b""
        self._answer: asyncio.Future[tuple[int, int]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._data += data
        head = self._data.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._data, 0, head)
        size = head + 4 + (int(length.group(1)) if length else 0)
        if len(self._data) >= size and self._answer:
            status = int(self._data[9:12])
            self._data, answer, self._answer = self._data[size:], self._answer, None
            answer.set_result((status, size))

    async def ask(self, message: bytes) -> tuple[int, int]:
        """Send and return status and size of the answer."""
        assert self.transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        return await self._answer


async def burst(port: int, calls: Sequence[Call], seconds: float, readers: int = READERS) -> Burst:
    """Let `readers` go round `calls` for a while, and count what came back."""
    loop = asyncio.get_running_loop()
    messages = cycle([call.message(port) for call in calls])
    result = Burst()
    start = time.perf_counter()
    until = start + seconds

    async def read() -> None:
        transport, reader = await loop.create_connection(_Reader, "127.0.0.1", port)
        try:
            while (asked := time.perf_counter()) < until:
                status, size = await reader.ask(next(messages))
                result.waits.append(time.perf_counter() - asked)
                result.answers += 1
                result.bytes += size
                if status != 200:
                    result.failures[status] = result.failures.get(status, 0) + 1
        finally:
            transport.close()

    await asyncio.gather(*(read() for _ in range(readers)))
    result.seconds = time.perf_counter() - start
    return result
