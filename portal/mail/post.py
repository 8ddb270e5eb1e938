"""Where mail goes: a post is opened, takes letters one after the other, and is closed."""

import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal, Protocol

import aiosmtplib

PATIENCE = 20.0  # seconds for one answer of the server


class PostAway(Exception):
    """The server cannot be reached, does not know us, or broke off: nothing is wrong with any letter."""


class NotNow(Exception):
    """The server cannot take this letter now (4xx): later perhaps."""


class Never(Exception):
    """The server will never take this letter (5xx)."""


class Counter(Protocol):
    """An open post."""

    async def send(self, letter: EmailMessage) -> None:
        """Hand a letter over; when it returns, the post answers for it. Raises PostAway, NotNow, Never."""


class Post(Protocol):
    """A way mail goes."""

    @property
    def sender(self) -> str:
        """The address it is sent from."""

    def open(self) -> AbstractAsyncContextManager[Counter]:
        """Open it for some letters. Raises PostAway."""


@dataclass(frozen=True)
class SmtpPost:
    """A mail server over SMTP, always over TLS with its certificate checked."""

    host: str
    port: int
    tls: Literal["starttls", "implicit"]
    sender: str
    context: ssl.SSLContext = field(repr=False)
    username: str = ""
    password: str = field(default="", repr=False)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Counter]:
        """Connect and sign in. Raises PostAway with a word on what failed, never with what the server said."""
        smtp = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            tls_context=self.context,
            username=self.username or None,
            password=self.password or None,
            timeout=PATIENCE,
        )
        try:
            await smtp.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            smtp.close()
            raise PostAway(_word(error)) from error
        try:
            yield _SmtpCounter(smtp, self.sender)
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, ValueError):
                await smtp.quit()
            smtp.close()


@dataclass(frozen=True)
class _SmtpCounter:
    smtp: aiosmtplib.SMTP
    sender: str

    async def send(self, letter: EmailMessage) -> None:
        """Hand a letter over. What a server says of an address goes into no log and no record: only its code."""
        try:
            await self.smtp.sendmail(self.sender, [str(letter["To"])], letter.as_bytes())
        except aiosmtplib.SMTPSenderRefused as error:  # of all letters: ours to put right
            raise PostAway(f"the sender is refused: {error.code}") from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0].code) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _verdict(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise PostAway(_word(error)) from error


def _verdict(code: int) -> Exception:
    if code == 421:  # "service not available, closing"
        return PostAway(str(code))
    return Never(str(code)) if code >= 500 else NotNow(str(code))


def _word(error: Exception) -> str:
    code = getattr(error, "code", None)
    return f"{type(error).__name__} {code}" if isinstance(code, int) else type(error).__name__
