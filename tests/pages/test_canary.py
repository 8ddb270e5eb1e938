"""Canaries: every text of one child carries a mark of its own; who meets which mark is written here by hand.

The crawl visits every page as everybody. An allowed answer has only marks of permitted fields, a denied one none;
addresses, headers and logs have none at all; each answer with a mark has its one entry in the audit log.
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

import auth.access
from auth.matrix import MATRIX
from auth.policy import Access
from auth.reasons import ALLOWED
from auth.relations import derived
from auth.who import FAMILY_ROLE
from documents.access_request import AccessRequest, due_after
from documents.child import BaseField, Mismatch
from documents.dossier import Denial, Dossier, Emergency
from documents.draft import keep_draft
from documents.event import Attachment, Event, Withholding
from documents.involvement import Involvement, Professional, Responsible
from documents.model import day_of, to_bson
from documents.person import Person
from documents.plan import Doer, Goal, Plan, Service, Task, Word, doers_of
from fixtures.story import dossier_id
from fixtures.story.ids import story_id
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.heard import spoken_log
from tests.pages.test_event_pages import filled

MARTA, JANIS = dossier_id("marta"), dossier_id("janis")
MOTHER = story_id("marta", "relation", "mother")
REQUEST = "0kanarijs0ask"
STEWARD = "linda-karklina"
MARK = re.compile("kanarijs([a-z]+)sjiranak")
RELATIVES = {
    "mother": "mother",
    "father": "father",
    "brother": "brother",
    "half_sister": "halfsister",
    "grandmother": "grandmother",
    "parents_partner": "partner",
    "aunt": "aunt",
}
# Label, kind, a field of it, who recorded it, class; then what more.
ENTRIES: list[tuple[str, str, str, str, str, dict[str, Any]]] = [
    ("open", "interests_habits", "observed", "inese-liepina", "standard", {}),
    ("closed", "home_visit", "observed", "inese-liepina", "standard", {}),
    ("school", "learning_difficulties", "observed", "aija-zarina", "standard", {}),
    ("doctor", "injury", "injury_type", "ruta-abele", "standard", {}),
    ("sent", "home_visit", "observed", "inese-liepina", "standard", {"addressed_to": ["cesu-atbalsta-dienests"]}),
    ("sens", "home_visit", "observed", "inese-liepina", "sensitive", {}),
    ("sensschool", "learning_difficulties", "observed", "aija-zarina", "sensitive", {}),
    ("restr", "home_visit", "observed", "inese-liepina", "restricted", {"named_people": ["inese-liepina"]}),
    ("notfamily", "home_visit", "observed", "inese-liepina", "standard", {"withheld": "family"}),
    ("notmother", "home_visit", "observed", "inese-liepina", "standard", {"withheld": "mother"}),
]
LABELS = [label for label, *_ in ENTRIES]
STANDARD = ["open", "closed", "school", "doctor", "sent", "notfamily", "notmother"]


def mark(name: str) -> str:
    return f"kanarijs{name}sjiranak"


def lines(*labels: str) -> set[str]:
    return {f"line{label}" for label in labels}


def whole(*labels: str) -> set[str]:
    return {f"{part}{label}" for label in labels for part in ("line", "detail", "field", "file")}


# --- what everybody may meet, written beside access.md ----------------------------------------------------------

CHILD = {"name", "base", "staff"}
EVERY_RELATIVE = {f"{part}{who}" for who in RELATIVES.values() for part in ("relname", "relphone")}
PROFESSIONAL = CHILD | EVERY_RELATIVE | {"income", "signed", "summary", "strengths", "need", "level"}
PROFESSIONAL |= {f"relnote{who}" for who in RELATIVES.values()}
WHY = {"whynotfamily", "whynotmother"}
FOR_FAMILY = whole("open", "closed", "school", "doctor", "sent", "sens", "sensschool")
HEAD = {"staff"}
GOALS, STEPS = {"plangoal", "plangoalhid"}, {"taskmanager", "taskmother", "taskfather", "taskhid", "taskdoctor"}
PLAN = GOALS | STEPS | {"tasknotmother", "service", "plandraft", "wordmother", "wordfather"}
PLAN_OF_FAMILY = {"plangoal", "taskmanager", "taskdoctor", "service"}

EXPECTED: dict[str, set[str]] = {
    # the steward searches the log, exports it and asks why somebody may: ids and words of the vocabulary
    STEWARD: set(),
    # no relation: the own words of a request that waits, nothing of the child
    "zane-kaulina": {"asks"},
    # 1 case_manager: everything, and alone the entry that names her, her draft
    "inese-liepina": PROFESSIONAL
    | whole(*LABELS)
    | WHY
    | {"address", "draft", "denial", "asks", "emergency"}
    | PLAN
    | {"planwhy"},
    # 1 family_case_manager: the same rights, named on nothing
    "dace-ozola": PROFESSIONAL | whole(*set(LABELS) - {"restr"}) | WHY | {"address", "planwhy"} | PLAN,
    # 1 team: everything standard; sensitive only own
    "aija-zarina": PROFESSIONAL | whole(*STANDARD, "sensschool") | WHY | {"address"} | PLAN,
    # 1 team, named by the case manager for sensitive entries
    "martins-skele": PROFESSIONAL | whole(*set(LABELS) - {"restr"}) | WHY | {"address"} | PLAN,
    "anda-zagare": PROFESSIONAL | whole(*set(LABELS) - {"restr"}) | WHY | {"address", "denial"} | PLAN,
    # 1 responsible: the lines; detail domain-open or addressed
    "baiba-lapsa": PROFESSIONAL | lines(*STANDARD) | whole("open", "sent") | GOALS,
    # 2 responsible: the lines; detail own only
    "ruta-abele": PROFESSIONAL | lines(*STANDARD) | whole("doctor") | {"taskdoctor"},
    "elina-rudzite": PROFESSIONAL | lines(*STANDARD),
    # 2 responsible with a grant on life course and details, sensitive ones too
    "girts-kenins": PROFESSIONAL | whole(*set(LABELS) - {"restr"}) | WHY,
    # emergency: as the team, read-only
    "ineta-godmane": PROFESSIONAL | whole(*set(LABELS) - {"restr"}) | WHY | {"address"} | PLAN,
    # heads above the case manager: dates, kinds, who recorded, and the denials they review
    **dict.fromkeys(["vita-eglite", "sanita-berzina"], HEAD | {"denial", "emergency"}),
    # heads: dates, kinds, who recorded
    **dict.fromkeys(
        [
            *("valdis-strods", "raimonds-akmens", "ilgvars-priede"),
            *("peteris-zalitis", "egita-dzene"),
        ],
        HEAD,
    ),
    # addressed: of these entries none was sent to the commission
    "vija-osa": {"staff"},
    # parents: own-visible entries, oneself and the children in common, the other parent's name
    "ilze-kalnina": CHILD
    | FOR_FAMILY
    | {"relnamemother", "relphonemother", "relnamefather", "relnamebrother", "relphonebrother"}
    | {"relnamehalfsister", "relphonehalfsister"}
    | PLAN_OF_FAMILY
    | {"taskmother", "wordmother"},
    "andris-kalnins": CHILD
    | FOR_FAMILY
    | whole("notmother")
    | {"relnamefather", "relphonefather", "relnamemother", "relnamebrother", "relphonebrother"}
    | PLAN_OF_FAMILY
    | {"taskfather", "tasknotmother", "wordfather"},
}


# --- putting the marks in ---------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def marked(held: Runtime) -> AsyncIterator[Runtime]:
    """The story, with every text of Marta's dossier marked; Baiba responsible, Ineta there by emergency access."""
    store, now = held.store, held.now()
    marta = Dossier.model_validate(await store.dossiers.find_one({"_id": MARTA}))
    staff = {
        person_id: await professional(held, person_id)
        for person_id in ("inese-liepina", "aija-zarina", "ruta-abele", "baiba-lapsa")
    }
    marta.child.given_name, marta.child.family_name = f"M{mark('name')}", f"K{mark('name')}"
    for name, value in marta.base.items():
        value.value = mark("income" if name == "household_income" else "base")
        value.said_here = Mismatch(source="atbalsts", value=value.value, as_of=day_of(now), by=mark("signed"))
    for relationship in marta.relationships:
        who = RELATIVES[relationship.kind]
        relationship.name = mark(f"relname{who}")
        relationship.phone, relationship.email = f"0{mark(f'relphone{who}')}", f"{mark(f'relphone{who}')}@x.example"
        relationship.note = mark(f"relnote{who}")
        earlier = Mismatch(source="population_register", value=mark(f"relnote{who}"), as_of=day_of(now))
        word = BaseField(value=relationship.phone, source="atbalsts", as_of=day_of(now), mismatch=earlier)
        relationship.contacts = {"phone": word}
        contacts = {"phone": relationship.phone, "email": relationship.email, "contacts": {"phone": to_bson(word)}}
        await store.people.update_one({"_id": relationship.person_id}, {"$set": contacts})
    assert marta.summary and marta.case_manager
    marta.summary.text, marta.summary.strengths = mark("summary"), mark("strengths")
    for need in marta.needs:
        need.description = mark("need")
    for level in marta.levels:
        level.words = mark("level")
    marta.case_manager.phone = mark("staff")
    for member in marta.team:
        member.function = mark("staff")
    marta.protected_address = await store.secrets.seal(mark("address"), "address", now.year)
    lives = {"value": mark("address"), "as_of": day_of(now).isoformat(), "by": mark("signed")}
    marta.protected_residence = await store.secrets.seal(lives, "address", now.year)
    marta.denials = [
        Denial(
            id="denial",
            person_id="janis-dreimanis",
            reason=mark("denial"),
            since=now - timedelta(days=9),
            decided_by=staff["inese-liepina"],
        )
    ]
    marta.emergencies = [
        Emergency(
            id="emergency",
            role_id="ineta-godmane-1",
            person_id="ineta-godmane",
            reason=mark("emergency"),
            since=now - timedelta(hours=1),
            until=now + timedelta(hours=23),
        )
    ]
    baiba = staff["baiba-lapsa"]
    marta.involvements.append(
        Involvement(
            id="support",
            kind="service_given",
            institution_id=baiba.institution_id,
            institution_name=baiba.institution_name,
            institution_type=baiba.institution_type,
            since=day_of(now) - timedelta(days=90),
            responsible=[Responsible(**baiba.model_dump(), since=day_of(now) - timedelta(days=90))],
        )
    )
    marta.plans = plans_of(staff["inese-liepina"], now)
    marta.doers = doers_of(marta.plans)
    marta.events = [await entry(held, number, staff) for number in range(len(ENTRIES))]
    row = to_bson(marta) | derived(marta)
    await store.dossiers.replace_one({"_id": MARTA}, row)
    await keep_draft(
        store, "inese-liepina-1", f"/dossiers/{MARTA}/events/new", {"detail": [mark("draft")], "day": ["1."]}, now
    )
    zane = await professional(held, "zane-kaulina")
    await held.store.access_requests.insert_one(to_bson(request_of(zane, await seal_words(held, "asks"), now)))
    yield held


def plans_of(by: Professional, now: datetime) -> list[Plan]:
    """One version in force, one being written; each with lines kept from somebody."""
    kept = {name: [Withholding(audience=name, reason=mark("planwhy"))] for name in ("family", "mother")}
    goals = [
        Goal(id="goal", text=mark("plangoal")),
        Goal(id="goalhid", text=mark("plangoalhid"), withheld=kept["family"]),
    ]
    doers = {
        "manager": ("specialist", by.role_id),
        "mother": ("family", "ilze-kalnina"),
        "father": ("family", "andris-kalnins"),
        "hid": ("specialist", by.role_id),
        "doctor": ("institution", "abeles-prakse"),
        "notmother": ("specialist", by.role_id),
    }
    tasks = [
        Task(
            id=f"task{name}",
            text=mark(f"task{name}"),
            result=mark(f"task{name}"),
            goal_id="goalhid" if name == "hid" else "goal",
            doer=Doer(kind=kind, id=key, name="x"),
            due=day_of(now),
            withheld=kept["mother"] if name == "notmother" else [],
        )
        for name, (kind, key) in doers.items()
    ]
    words = [
        Word(proposal=1, person_id=person, name="x", kind=kind, word="disagree", reason=mark(f"word{kind}"), at=now)
        for person, kind in (("ilze-kalnina", "mother"), ("andris-kalnins", "father"))
    ]
    services = [Service(id="service", text=mark("service"), status="needed")]
    held_plan = Plan(number=1, state="in_force", begun_at=now, by=by, goals=goals, tasks=tasks, proposal=1)
    held_plan.words, held_plan.services = words, services
    written = Goal(id="goaldraft", text=mark("plandraft"), withheld=kept["family"])
    return [held_plan, Plan(number=2, begun_at=now, by=by, goals=[written])]


async def seal_words(held: Runtime, name: str) -> bytes:
    return await held.store.secrets.seal({"text": mark(name)}, "access_request", held.now().year)


def request_of(by: Professional, sealed: bytes, now: datetime) -> AccessRequest:
    """Zane, who has no relation to Marta, asks: she must meet no mark but her own words."""
    return AccessRequest(
        id=REQUEST,
        dossier_id=MARTA,
        initials="MK",
        birth_year=2014,
        by=by.model_copy(update={"phone": ""}),
        at=now,
        due=due_after(now),
        sections=["base"],
        purpose="assess_need",
        legal_basis="child_rights_law",
        until=day_of(now),
        sealed=sealed,
        state="waiting",
    )


async def professional(held: Runtime, person_id: str) -> Professional:
    person = Person.model_validate(await held.store.people.find_one({"_id": person_id}))
    role = person.roles[0]
    return Professional(
        role_id=role.id,
        person_id=person.id,
        name=person.name,
        title=role.position,
        institution_id=role.institution_id,
        institution_name=role.institution_name,
        institution_type=role.institution_type,
        unit_id=role.unit_id,
        phone=mark("staff"),
    )


async def entry(held: Runtime, number: int, staff: dict[str, Professional]) -> Event:
    label, kind, name, writer, confidentiality, more = ENTRIES[number]
    now, by = held.now(), staff[writer]
    content = {"detail": mark(f"detail{label}"), "fields": {name: mark(f"field{label}")}}
    sealed = None
    if confidentiality != "standard":
        sealed = await held.store.secrets.seal(content, confidentiality, now.year)
        content = {"detail": "", "fields": {}}
    more = dict(more)
    if audience := more.pop("withheld", None):
        more["withheld"] = [Withholding(audience=audience, reason=mark(f"why{label}"))]
    file = Attachment(file_id=f"file{label}", name=f"{mark(f'file{label}')}.pdf", media_type="x", size=1, sha256="")
    return Event(
        id=f"entry{label}",
        kind=kind,
        domain="welfare",
        shape="event",
        day=day_of(now) - timedelta(days=number + 1),
        summary=mark(f"line{label}"),
        sealed=sealed,
        confidentiality=confidentiality,
        recorded_by=by,
        institution_id=by.institution_id,
        institution_name=by.institution_name,
        recorded_at=now - timedelta(days=number + 1),
        attachments=[file],
        **content,
        **more,
    )


# --- the crawl ---------------------------------------------------------------------------------------------------


@dataclass
class Met:
    """What a crawl found: marks by person, and everything that must not be."""

    marks: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)
    answers: int = 0


async def crawl(held: Runtime, people: list[tuple[str, str]]) -> Met:
    """Visit every page as these people (id, role)."""
    met = Met()
    for person, role_id in people:
        browser = await Browser(held).sign_in(person, role_id)
        for path in paths(person):
            await visit(held, browser, person, path, met)
        if role_id != FAMILY_ROLE:
            await visit(held, browser, person, "/search", met, {"q": "marta kaln"})
            await visit(held, browser, person, "/search/nation", met, {"q": "marta kalnina 14.03.2014"})
        if person == STEWARD:
            await audit_and_explain(held, browser, met)
        for what in (
            "events/preview",
            "events",
            "events/draft",
            "level",
            "timeline/search",
            "base",
            f"family/{MOTHER}/contacts",
            "events/entryclosed/withdrawal",
            "plan/items/new",
            "plan/items/goaldraft",
            "plan/answer",
            "plan/tasks/taskmother",
        ):
            form = filled(browser, held) | {"summary": "", "step": "", "q": "zq", "reason": "", "version": "9"}
            await visit(held, browser, person, f"/dossiers/{MARTA}/{what}", met, form)
    return met


async def audit_and_explain(held: Runtime, browser: Browser, met: Met) -> None:
    """What only a sent form leads a steward to: entries of the log, their export, and the policy's reasons."""
    await browser.get("/admin/audit")
    asked = {"purpose": "examine_complaint", "words": "Mātes iesniegums par skatīšanos profilā.", "dossier": MARTA}
    await visit(held, browser, STEWARD, "/admin/audit", met, asked)
    newest = await held.store.audit_searches.find_one({}, sort=[("at", -1)])
    assert newest, browser.errors
    await visit(held, browser, STEWARD, f"/admin/audit/{newest['_id']}", met)
    assert browser.page.count("<tr") > 10, "there are answers"
    await visit(held, browser, STEWARD, f"/admin/audit/{newest['_id']}/export", met, {})
    for action in ("event.add", "base.read"):
        await browser.get("/admin/explain")
        question = {"person": "inese-liepina", "action": action, "dossier": MARTA}
        assert "inese-liepina-1" in await visit(held, browser, STEWARD, "/admin/explain", met, question)


def paths(person: str) -> list[str]:
    pages = [
        "",
        "/timeline",
        "/timeline?domain=welfare",
        "/family",
        "/documents",
        "/access-log",
        "/events/new",
        "/level",
        "/grants",
        "/emergencies/emergency/review",
        "/emergency-help",
        "/base",
        "/plan",
        "/plan?version=2",
        "/plan/items/new",
        "/plan/items/goaldraft",
        *(f"/plan/tasks/task{name}" for name in ("manager", "mother", "father", "hid", "notmother")),
        f"/family/{MOTHER}/contacts",
    ]
    labels = LABELS if person in EXPECTED else ["open", "restr"]
    of_entries = [f"/events/entry{label}" for label in labels]
    more = ["/events/entryclosed/correction", "/events/entrysens/correction", "/events/entryclosed/withdrawal"]
    more += [f"/events/entry{label}/files/file{label}" for label in labels[:3]]
    others = [
        "/desk",
        "/tasks",
        "/roles",
        "/search",
        "/access-requests",
        f"/access-requests/{REQUEST}",
        f"/dossiers/{JANIS}",
        f"/dossiers/{JANIS}/family",
        f"/dossiers/{JANIS}/events/new",
    ]
    return [f"/dossiers/{MARTA}{page}" for page in [*pages, *of_entries, *more]] + others


async def visit(
    held: Runtime, browser: Browser, person: str, path: str, met: Met, form: dict[str, str] | None = None
) -> str:
    entries = held.store.audit_entries
    before = await entries.estimated_document_count()
    if form is None:
        answer = await browser.client.get(path)
        browser.page = answer.text if "text/html" in answer.headers.get("content-type", "") else browser.page
    else:
        answer = await browser.client.post(path, data={"csrf": browser.csrf} | form)
    met.answers += 1
    where = f"{person} {path} → {answer.status_code}"
    found = set(MARK.findall(answer.text))
    outside = str(answer.headers.multi_items()) + str(answer.url)
    if MARK.search(outside):
        met.faults.append(f"{where}: marks in headers or addresses")
    if not found:
        return answer.text
    if answer.status_code not in (200, 409, 422):
        met.faults.append(f"{where}: a refused answer tells {sorted(found)}")
    new = await entries.estimated_document_count() - before
    written = await entries.find({}).sort("$natural", -1).limit(new).to_list() if new else []
    named = [e for e in written if e.get("dossier_id") == MARTA or MARTA in e.get("children", [])]
    if len(named) != 1 or named[0].get("outcome", "allowed") != "allowed" or named[0]["person_id"] != person:
        met.faults.append(f"{where}: {len(named)} entries in the log for {sorted(found)}")
    met.marks[person] |= found
    return answer.text


async def everybody(held: Runtime) -> list[tuple[str, str]]:
    rows = held.store.people.find({"demo_note": {"$type": "string"}})
    people = [Person.model_validate(row) async for row in rows]
    return [
        (person.id, role)
        for person in people
        for role in [*(r.id for r in person.roles), *([FAMILY_ROLE] if person.children else [])]
    ]


@pytest.mark.asvs("8.2.3")
@pytest.mark.asvs("14.2.1")
@pytest.mark.asvs("16.2.5")
@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.prove)])
async def test_everybody_meets_exactly_the_marks_of_permitted_fields(
    marked: Runtime, capsys: pytest.CaptureFixture[str], share: int
) -> None:
    """Everybody who may meet a mark, and of those who may meet none every fifth; `make prove` takes all."""
    people = [who for number, who in enumerate(await everybody(marked)) if who[0] in EXPECTED or number % share == 0]
    assert {person for person, _ in people} >= set(EXPECTED)
    with spoken_log():
        met = await crawl(marked, people)
    assert met.faults == []
    wrong = {
        person: {"too much": sorted(found - expected), "missing": sorted(expected - found)}
        for person, found, expected in ((p, met.marks[p], EXPECTED.get(p, set())) for p, _ in people)
        if found != expected
    }
    assert wrong == {}
    assert met.answers > 40 * len(people)
    captured = capsys.readouterr()
    assert not MARK.search(captured.err + captured.out), "marks in the log"


async def test_control_without_the_guard_the_crawl_is_red(marked: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that cannot fail proves nothing: with the policy switched off a stranger meets the marks."""
    as_manager = Access(True, ALLOWED, ("case_manager",), (MATRIX["case_manager"],))
    monkeypatch.setattr(auth.access, "standing", lambda *_: as_manager)
    monkeypatch.setattr(auth.access, "reach", lambda *_: {"erased": None})
    met = await crawl(marked, [("zane-kaulina", "zane-kaulina-1")])
    assert met.marks["zane-kaulina"] - EXPECTED.get("zane-kaulina", set()) >= {"name", "base", "detailopen"}


async def test_control_without_the_log_the_crawl_is_red(marked: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgets(*_: Any) -> None:
        return None

    monkeypatch.setattr(marked.store.audit, "record", forgets)
    met = await crawl(marked, [("inese-liepina", "inese-liepina-1")])
    assert any("0 entries in the log" in fault for fault in met.faults)
