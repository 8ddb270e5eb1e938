"""The head of a request has a limit: uvicorn's faster parser has none of its own and would keep any length of it."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 65_536  # bytes of request line and headers; what comes in one block is looked at first
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ncache-control: no-store\r\n"
    b"connection: close\r\n\r\n"
)


class LimitedHead(HttpToolsProtocol):
    """One connection; it is closed when a head grows beyond the limit."""

    _in_head, _size = True, 0

    def on_message_begin(self) -> None:
        """A new head begins."""
        super().on_message_begin()
        self._in_head, self._size = True, 0

    def on_headers_complete(self) -> None:
        """The rest is body, which the application limits."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, as far as a head may go."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._size += len(data)
            if self._size > HEAD_LIMIT:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
