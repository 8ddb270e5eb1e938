"""Where a protected child really lives: sealed, told by and to those alone who read the protected address."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from auth.access import Opened
from auth.place import reads_protected_address
from auth.who import Who
from documents.dossier import Dossier
from documents.model import day_of
from documents.secrecy import Unreadable
from documents.store import Store

SECRECY = "address"  # the class of secrecy of protected addresses


@dataclass(frozen=True)
class Residence:
    """The people's word on a protected residence; `version` changes with each writing and is 0 before the first."""

    text: str = ""
    as_of: date | None = None
    by: str = ""
    version: int = 0


async def read_residence(store: Store, opened: Opened) -> Residence:
    """Return what people wrote; nothing where it is not for this reader or cannot be opened any more."""
    sealed = opened.dossier.protected_residence
    if sealed is None or not reads_protected_address(opened.access):
        return Residence()
    try:
        word: dict[str, Any] = await store.secrets.open(sealed)
    except Unreadable:
        return Residence(version=version_of(opened.dossier))
    return Residence(word["value"], date.fromisoformat(word["as_of"]), word["by"], version_of(opened.dossier))


async def seal_residence(store: Store, who: Who, text: str, now: datetime) -> bytes | None:
    """Return the sealed word of this person; none for no text."""
    word = {"value": text, "as_of": day_of(now).isoformat(), "by": who.signed}
    return await store.secrets.seal(word, SECRECY, now.year) if text else None


def version_of(dossier: Dossier) -> int:
    """A number of the sealed text: a new sealing, even of the same words, has another one."""
    sealed = dossier.protected_residence
    return 1 + int.from_bytes(hashlib.sha256(sealed).digest()[:2], "big") if sealed else 0
