"""The protected address: opened only for those who lead the case or help in an emergency."""

from dataclasses import dataclass

from auth.access import Opened
from auth.place import reads_protected_address
from documents.secrecy import Unreadable
from documents.store import Store
from portal.contacts.residence import Residence, read_residence

UNTOLD = Residence()


@dataclass(frozen=True)
class ProtectedAddress:
    """The address a register told, and where the child really lives as people wrote it; empty where not to be shown."""

    address: str = ""
    residence: Residence = UNTOLD


async def read_protected_address(store: Store, opened: Opened) -> ProtectedAddress:
    """Return what this reader may know of it."""
    return ProtectedAddress(await _address(store, opened), await read_residence(store, opened))


async def _address(store: Store, opened: Opened) -> str:
    sealed = opened.dossier.protected_address
    if sealed is None or not reads_protected_address(opened.access):
        return ""
    try:
        return str(await store.secrets.open(sealed))
    except Unreadable:
        return ""
