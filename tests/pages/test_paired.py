"""Every gate in pairs: opened, one reads the entry on its page, by its fragment, its file and in the counts; shut,
at the next click the button is absent, the request, the fragment and the file are refused, and the count is silent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from auth.relations import derived
from documents.acts import Act
from documents.audit import AuditEntry
from documents.dossier import Denial, Dossier, Emergency, Grant
from documents.event import Event, Withholding
from documents.files import keep_files, upload_pending
from documents.involvement import Involvement, Responsible, TeamMember
from documents.model import day_of, to_bson
from documents.person import Person
from documents.store import Transaction
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.pages.test_files import PDF, sent

MARTA = dossier_id("marta")
HERE = f"/dossiers/{MARTA}"
WORD = "zibensnovedējs"
PROBES = ("button", "request", "fragment", "file", "count")
Visit = Callable[..., Awaitable[Browser]]
Change = Callable[["Ground"], None]


@dataclass
class Ground:
    """Marta's dossier and the entry in question, before they are stored; whom a gate is about."""

    held: Runtime
    dossier: Dossier
    entry: Event
    reader: Person

    @property
    def role_id(self) -> str:
        return self.reader.roles[0].id


@dataclass(frozen=True)
class Gate:
    """What lets `reader` see the entry and what shuts it off; everything else stays as it is."""

    reader: str
    open: Change
    shut: Change
    confidentiality: str = "standard"


def nothing(_: Ground) -> None:
    return None


def grant(ground: Ground, **changes: Any) -> None:
    now = ground.held.now()
    assert ground.dossier.case_manager
    words: dict[str, Any] = {
        "id": "pair",
        "role_id": ground.role_id,
        "person_id": ground.reader.id,
        "sections": ["base", "timeline", "event_detail"],
        "purpose": "assess_need",
        "legal_basis": "child_rights_law",
        "since": now - timedelta(days=1),
        "until": now + timedelta(days=1),
        "decided_by": ground.dossier.case_manager,
    }
    ground.dossier.grants = [Grant.model_validate(words | changes)]


def emergency(ground: Ground, hours: int) -> None:
    now = ground.held.now()
    ground.dossier.emergencies = [
        Emergency(
            id="pair",
            role_id=ground.role_id,
            person_id=ground.reader.id,
            reason="Kliedz.",
            ground="protect_from_threat",
            since=now - timedelta(hours=hours),
            until=now - timedelta(hours=hours) + timedelta(days=1),
        )
    ]


def deny(ground: Ground) -> None:
    assert ground.dossier.case_manager
    day_ago = ground.held.now() - timedelta(days=1)
    denied: dict[str, Any] = {"id": "pair", "person_id": ground.reader.id, "reason": "Radinieks.", "since": day_ago}
    ground.dossier.denials = [Denial(**denied, decided_by=ground.dossier.case_manager)]


def in_team(ground: Ground, *, ended: bool = False, named: bool = False) -> None:
    today = day_of(ground.held.now())
    role = ground.reader.as_professional(ground.reader.roles[0])
    since, to = today - timedelta(days=9), today - timedelta(days=1) if ended else None
    member = TeamMember(**role.model_dump(), function="x", since=since, to=to, sees_sensitive=named)
    ground.dossier.team = [*(m for m in ground.dossier.team if m.person_id != ground.reader.id), member]


def responsible(ground: Ground, *, to_days_ago: int | None) -> None:
    today = day_of(ground.held.now())
    role = ground.reader.as_professional(ground.reader.roles[0])
    since = today - timedelta(days=30)
    ground.dossier.involvements = [
        Involvement(
            id="pair",
            kind="service_given",
            institution_id=role.institution_id,
            institution_name=role.institution_name,
            institution_type=role.institution_type,
            since=since,
            to=None if to_days_ago is None else today - timedelta(days=to_days_ago),
            responsible=[Responsible(**role.model_dump(), since=since)],
        )
    ]
    ground.entry.addressed_to = [role.institution_id]


def addressed(ground: Ground, institution: str) -> None:
    responsible(ground, to_days_ago=None)
    ground.entry.addressed_to = [institution]


def withheld(ground: Ground, *audience: str) -> None:
    ground.entry.withheld = [Withholding(audience=one, reason="x") for one in audience]


def named(ground: Ground, *people: str) -> None:
    ground.entry.named_people = list(people)


GATES = {
    "consent revoked": Gate("zane-kaulina", grant, lambda g: grant(g, revoked_at=g.held.now())),
    "consent run out": Gate("zane-kaulina", grant, lambda g: grant(g, until=g.held.now() - timedelta(seconds=1))),
    "consent to other sections": Gate("zane-kaulina", grant, lambda g: grant(g, sections=["base", "family"])),
    "consent to the entries of others": Gate(
        "zane-kaulina", grant, lambda g: grant(g, entries_of="cesu-atbalsta-dienests")
    ),
    "consent without sensitive entries": Gate("zane-kaulina", lambda g: grant(g, sensitive=True), grant, "sensitive"),
    "emergency over": Gate("ineta-godmane", lambda g: emergency(g, 1), lambda g: emergency(g, 25)),
    "denied": Gate("aija-zarina", nothing, deny),
    "out of the team": Gate("zane-kaulina", in_team, lambda g: in_team(g, ended=True)),
    "not named for sensitive entries": Gate("zane-kaulina", lambda g: in_team(g, named=True), in_team, "sensitive"),
    "no longer responsible": Gate(
        "baiba-lapsa", lambda g: responsible(g, to_days_ago=None), lambda g: responsible(g, to_days_ago=1)
    ),
    "sent to another institution": Gate(
        "baiba-lapsa",
        lambda g: addressed(g, g.reader.roles[0].institution_id),
        lambda g: addressed(g, "cesu-bariņtiesa"),
    ),
    "not named on a restricted entry": Gate(
        "inese-liepina", lambda g: named(g, "inese-liepina"), lambda g: named(g, "aija-zarina"), "restricted"
    ),
    "withheld from the mother": Gate("ilze-kalnina", nothing, lambda g: withheld(g, "mother")),
    "withheld from the family": Gate("andris-kalnins", nothing, lambda g: withheld(g, "family")),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def file_id(held: Runtime) -> str:
    """A real file, kept with an entry."""
    attachment = await upload_pending(held.store, "r:inese-liepina-1", sent(PDF), "Lēmums.pdf", held.now())

    async def work(transaction: Transaction) -> None:
        transaction.record(AuditEntry(act=Act.EVENT_ADDED, at=held.now()))
        await keep_files(transaction, "r:inese-liepina-1", [attachment])

    await held.store.transact(work)
    return attachment.file_id


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_before(held: Runtime) -> AsyncIterator[None]:
    row = await held.store.dossiers.find_one({"_id": MARTA})
    yield
    await held.store.dossiers.replace_one({"_id": MARTA}, row or {})


async def stand(held: Runtime, gate: Gate, change: Change, file_id: str, row: dict[str, Any]) -> None:
    """Store Marta's dossier with the entry in question, as `change` leaves it."""
    store, now = held.store, held.now()
    dossier = Dossier.model_validate(row)
    manager = dossier.case_manager
    assert manager
    content: dict[str, Any] = {"detail": f"Sīkāk: {WORD}.", "fields": {}}
    sealed = None
    if gate.confidentiality != "standard":
        sealed = await store.secrets.seal(content, gate.confidentiality, now.year)
        content = {"detail": "", "fields": {}}
    entry = Event(
        id="pair",
        kind="home_visit",
        domain="welfare",
        shape="event",
        day=day_of(now) - timedelta(days=1),
        summary="Mājas apmeklējums",
        confidentiality=gate.confidentiality,
        sealed=sealed,
        recorded_by=manager,
        institution_id=manager.institution_id,
        institution_name=manager.institution_name,
        recorded_at=now - timedelta(days=1),
        attachments=[
            {"file_id": file_id, "name": "Lēmums.pdf", "media_type": "application/pdf", "size": len(PDF), "sha256": ""}
        ],
        **content,
    )
    reader = Person.model_validate(await store.people.find_one({"_id": gate.reader}))
    change(Ground(held, dossier, entry, reader))
    dossier.events = [*dossier.events, entry]
    await store.dossiers.replace_one({"_id": MARTA}, to_bson(dossier) | derived(dossier))


async def told(browser: Browser, file_id: str) -> dict[str, bool]:
    """What each way of asking tells of the entry, after the pages before are forgotten."""
    file = f"{HERE}/events/pair/files/{file_id}"
    answer = await browser.client.get(f"{HERE}/events/pair")
    page = answer.text if answer.status_code == 200 else ""
    sent_by_htmx = {"HX-Request": "true"}
    found = await browser.client.post(
        f"{HERE}/timeline/search", data={"csrf": browser.csrf, "q": WORD}, headers=sent_by_htmx
    )
    fragment = found.text if found.status_code == 200 else ""
    kept = await browser.client.get(file)
    for refused in (one for one in (answer, found, kept) if one.status_code != 200):
        assert WORD not in refused.text and refused.status_code in (403, 404)
    return {
        "button": f'href="{file}"' in page,
        "request": WORD in page,
        "fragment": f'href="{HERE}/events/pair"' in fragment,
        "file": kept.status_code == 200 and kept.content == PDF,
        "count": "Meklētajam atbilst 1 ieraksts" in fragment,
    }


@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize("name", GATES)
async def test_an_open_gate_shows_it_in_every_way_and_a_shut_one_in_none(
    visit: Visit, held: Runtime, file_id: str, name: str
) -> None:
    gate = GATES[name]
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    browser = await visit(gate.reader)
    await browser.get("/desk")
    await stand(held, gate, gate.open, file_id, row)
    assert await told(browser, file_id) == dict.fromkeys(PROBES, True)
    await stand(held, gate, gate.shut, file_id, row)
    assert await told(browser, file_id) == dict.fromkeys(PROBES, False)
