"""A mail server for tests: speaks SMTP over TLS, keeps what it takes, refuses, stalls or dies as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from base64 import b64decode
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.mail.post import SmtpPost

HOST = "127.0.0.1"


def certificate(folder: Path, host: str = HOST) -> Path:
    """Make a key and a certificate for an address; returns the file that holds both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail for tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"mail-{host}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@dataclass
class MailServer:
    """One server. `answers` are given instead of its own, once each; while `hold` is clear it answers no letter."""

    pem: Path
    implicit: bool = False
    offers_tls: bool = True
    login: tuple[str, str] | None = None
    port: int = 0
    stalls_at: str = ""  # the command that gets no answer any more
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list[bytes] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # every command
    answers: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    has_taken: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _talks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    def __post_init__(self) -> None:
        self.hold.set()

    @property
    def letters(self) -> list[EmailMessage]:
        """What it took, read."""
        return [message_from_bytes(each, policy=SMTP) for each in self.taken]  # type: ignore[arg-type]

    @property
    def ids(self) -> list[str]:
        """The Message-IDs in the order they were taken."""
        return [str(each["Message-ID"]) for each in self.letters]

    def post(self, login: tuple[str, str] = ("", "")) -> SmtpPost:
        """The way here, trusting its certificate."""
        context = ssl.create_default_context(cafile=self.pem)
        tls = "implicit" if self.implicit else "starttls"
        return SmtpPost(HOST, self.port, tls, "no-reply@atbalsts.example", context, *login)  # type: ignore[arg-type]

    async def start(self) -> None:
        """Listen: at first on any port, later on the same."""
        context = self._context() if self.implicit else None
        self._server = await asyncio.start_server(self._serve, HOST, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be gone, with every conversation."""
        if self._server:
            self._server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        return context

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.current_task()
        assert talk
        self._talks.add(talk)
        try:
            with contextlib.suppress(OSError):
                await self._talk(reader, writer)
                await writer.drain()
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        safe = self.implicit
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            said = line.decode("ascii").strip()
            verb = said.split(" ")[0].upper()
            self.said.append(said)
            if verb == self.stalls_at:
                self.stalled.set()
                continue
            if self.answers[verb]:
                answer = self.answers[verb].popleft()
                writer.write(f"{answer}\r\n".encode())
                if answer.startswith("421"):
                    return
                continue
            match verb:
                case "EHLO":
                    more = ["STARTTLS"] if self.offers_tls and not safe else []
                    more += ["AUTH PLAIN"] if self.login and safe else []
                    lines = ["mail.example", *more]
                    writer.write(b"".join(f"250-{each}\r\n".encode() for each in lines) + b"250 HELP\r\n")
                case "STARTTLS":
                    writer.write(b"220 go on\r\n")
                    await writer.drain()
                    await writer.start_tls(self._context(), ssl_handshake_timeout=5)
                    safe = True
                case "AUTH":
                    _, name, word = b64decode(said.split(" ")[2]).decode().split("\0")
                    writer.write(b"235 welcome\r\n" if (name, word) == self.login else b"535 5.7.8 no\r\n")
                case "RCPT":
                    self.receivers.append(said.partition("<")[2].partition(">")[0])
                    writer.write(b"250 ok\r\n")
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self.taken.append(await _letter(reader))
                    self.has_taken.set()
                    await self.hold.wait()
                    writer.write(b"250 2.0.0 taken\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 ok\r\n")


async def _letter(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)


@asynccontextmanager
async def mail_server(folder: Path, **how: object) -> AsyncIterator[MailServer]:
    """A server that is there for one test."""
    made = MailServer(certificate(folder), **how)  # type: ignore[arg-type]
    await made.start()
    try:
        yield made
    finally:
        made.hold.set()
        await made.stop()
