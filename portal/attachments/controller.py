"""A file of an entry: served to whoever reads the whole entry, to be saved and never shown in the browser."""

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Stream

from auth.access import Forbidden, NotFound, dossier_for, record_look, record_refusal
from auth.entries import Sight, sight
from auth.permissions import Permission, Section
from auth.reasons import NOT_YOUR_SECTION
from auth.step_up import demand_proof
from auth.who import Who
from documents.acts import Act
from documents.event import Attachment
from documents.file_names import attachment_header
from documents.files import FileGone, open_file
from documents.model import day_of
from portal.identity import recognised
from portal.page import Request
from portal.runtime import runtime


class AttachmentController(Controller):
    """`/dossiers/{dossier}/events/{event}/files/{file}`."""

    @get(
        "/dossiers/{dossier_id:str}/events/{event_id:str}/files/{file_id:str}",
        name="attachment",
        opt={"permission": Permission.EVENT_READ},
    )
    async def download(
        self, request: Request, dossier_id: FromPath[str], event_id: FromPath[str], file_id: FromPath[str]
    ) -> Stream:
        """Send the file; before each further mebibyte the rights are looked at again, and a lost right ends it."""
        address = (dossier_id, event_id, file_id)
        attachment = await _readable(request, request.scope["state"]["who"], *address)

        async def still_allowed() -> bool:
            who = await _who_now(request)
            try:
                return who is not None and bool(await _readable(request, who, *address, again=True))
            except (NotFound, Forbidden):
                return False

        try:
            content = await open_file(runtime(request).store, file_id, still_allowed)
        except FileGone as error:
            raise NotFound from error
        return Stream(
            content,
            media_type=attachment.media_type,
            headers={
                "Content-Disposition": attachment_header(attachment.name),
                "Content-Length": str(attachment.size),
                "X-Content-Type-Options": "nosniff",
            },
        )


async def _readable(
    request: Request, who: Who, dossier_id: str, event_id: str, file_id: str, *, again: bool = False
) -> Attachment:
    """Return the file of an entry this person reads whole. `again`: the download is recorded already.

    Raises NotFound, Forbidden, StepUpNeeded.
    """
    held = runtime(request)
    now, store = held.now(), held.store
    opened = await dossier_for(
        store,
        who,
        dossier_id,
        Permission.EVENT_READ,
        now,
        sections=[Section.EVENT_DETAIL],
        whole_life=True,
        subject=event_id,
        quiet=True,
    )
    event = next((event for event in opened.dossier.events if event.id == event_id), None)
    if event is not None and sight(who, opened.access, opened.dossier, event, day_of(now)) is Sight.FULL:
        attachment = next((each for each in event.attachments if each.file_id == file_id), None)
        if attachment is not None:
            if not again:
                if event.confidentiality == "restricted":
                    demand_proof(who, now)
                await record_look(store, opened, act=Act.FILE_READ)
            return attachment
    await record_refusal(store, opened, Permission.EVENT_READ, NOT_YOUR_SECTION, act=Act.FILE_READ)
    raise NotFound


async def _who_now(request: Request) -> Who | None:
    """The person as session, roles and relations stand at this moment, not as the request began."""
    held = runtime(request)
    request.scope["state"]["now"] = held.now()
    token = request.cookies.get(held.settings.cookie_name, "")
    found = await recognised(held, token, request.scope, polling=True)
    return found[1] if found else None
