"""Taking files with a form: each is judged alone, and what was taken is not lost when something else is refused."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from litestar.datastructures import UploadFile

from auth.who import Who
from documents.event import Attachment
from documents.file_names import shown_name
from documents.file_refusal import RefusedFile
from documents.files import pending_files, upload_pending
from documents.malware import clamd
from documents.store import Store
from portal.events.rules import Message
from portal.translations import N_

MOST_AT_ONCE = 10
_BLOCK = 1 << 16


async def take_uploads(
    store: Store, who: Who, uploads: Sequence[UploadFile], scanner: str, now: datetime
) -> tuple[list[Attachment], list[Message]]:
    """Take the files of a form. Returns those taken, pending, and a message for each that was refused.

    `scanner` is clamd's address; empty where there is none (`portal.scanning`). A file field left empty sends a
    nameless file of no bytes: that is none.
    """
    scan = clamd(scanner) if scanner else None
    taken: list[Attachment] = []
    messages: list[Message] = []
    chosen = [upload for upload in uploads if upload.filename]
    for upload in chosen[:MOST_AT_ONCE]:
        try:
            taken.append(await upload_pending(store, owner_key(who), _blocks(upload), upload.filename, now, scan))
        except RefusedFile as refusal:
            messages.append(Message(refusal.message_id, refusal.values))
    messages += [
        Message(
            N_("At most %(limit)s files go with one entry at a time: “%(name)s” was left out."),
            {"limit": MOST_AT_ONCE, "name": shown_name(upload.filename)},
        )
        for upload in chosen[MOST_AT_ONCE:]
    ]
    return taken, messages


async def pending_attachments(store: Store, who: Who, file_ids: Sequence[str]) -> list[Attachment]:
    """Return the files a form carries along after something else was refused: only the role's own, still waiting."""
    return await pending_files(store, owner_key(who), file_ids)


def owner_key(who: Who) -> str:
    """Whose a pending file is: the reader key of the role. Who writes no entries, uploads nothing."""
    if not who.keys:
        raise ValueError("Only a role that writes entries uploads files.")
    return who.keys[0]


async def _blocks(upload: UploadFile) -> AsyncIterator[bytes]:
    await upload.seek(0)
    while block := await upload.read(_BLOCK):
        yield block
