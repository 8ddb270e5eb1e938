"""The protected address: opened only for those who lead the case or help in an emergency."""

from auth.access import Opened
from auth.place import reads_protected_address
from documents.secrecy import Unreadable
from documents.store import Store


async def read_protected_address(store: Store, opened: Opened) -> str:
    """Return the address, or nothing where there is none or it is not for this reader."""
    sealed = opened.dossier.protected_address
    if sealed is None or not reads_protected_address(opened.access):
        return ""
    try:
        return str(await store.secrets.open(sealed))
    except Unreadable:
        return ""
