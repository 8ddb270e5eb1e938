"""The family crawler: as everybody who has a child in the story, follow every link; search every byte of each answer.

Whatever no family may read carries a mark that names its kind: in all dossiers, reports, requests, questions, drafts.
Names of children carry marks too: one's own children are the only ones to be met. What a family does read is proved
beside, by hand, in `test_canary`.
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import pytest_asyncio

import auth.entries
from auth.relations import derived
from auth.who import FAMILY_ROLE
from documents.assessment import Assessment, AssessmentContent
from documents.dossier import Denial, Dossier, Emergency
from documents.event import Event, Withholding
from documents.involvement import Professional
from documents.model import day_of, to_bson
from documents.plan import Goal, Plan
from documents.thread import QUESTION, SECRECY, Message, Thread
from fixtures.story import dossier_id
from portal.decisions.seal import new_seal
from portal.decisions.story import tell_decisions
from portal.runtime import Runtime
from tests.browsing import BASE, Browser
from tests.paper import text_of

MARK = re.compile(r"sleptu([a-z]+)utpels")
LINK = re.compile(r"""(?:href|src|hx-get|action)="([^"#]+)""")
ID = re.compile(r"/[0-9a-z]{13}(?=[/?]|$)")
VARIANTS = 6  # of one address with different filters
# What every family crawl together must have come by; ids left out.
CAME_BY = {
    *("/desk", "/dossiers/*", "/dossiers/*/timeline", "/dossiers/*/family", "/dossiers/*/documents"),
    *("/dossiers/*/plan", "/dossiers/*/access-log", "/dossiers/*/decisions", "/dossiers/*/events/*"),
    *("/dossiers/*/messages", "/reports/new"),
}
MARTA, ALISE, KATE = dossier_id("marta"), dossier_id("alise"), dossier_id("kate")


def mark(kind: str) -> str:
    return f"sleptu{kind}utpels"


def child_kind(number: int) -> str:
    return f"child{chr(97 + number // 26)}{chr(97 + number % 26)}"


# --- putting the marks in ---------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def marked(held: Runtime) -> AsyncIterator[dict[str, str]]:
    """The story with its marks; returns the mark of each child's name."""
    store, names = held.store, dict[str, str]()
    held.seal = new_seal("Tests", held.now())
    await tell_decisions(held)
    rows = await store.dossiers.find({}).sort("_id", 1).to_list()
    by = next(Professional.model_validate(row["case_manager"]) for row in rows if row.get("case_manager"))
    for number, row in enumerate(rows):
        names[row["_id"]] = child_kind(number)
        dossier = await mark_dossier(held, Dossier.model_validate(row), child_kind(number), by)
        await store.dossiers.replace_one({"_id": dossier.id}, to_bson(dossier) | derived(dossier))
        if dossier.opened:
            await store.threads.insert_one(to_bson(await question(held, dossier, by)))
    await mark_the_rest(held)
    yield names


async def mark_dossier(held: Runtime, dossier: Dossier, name: str, by: Professional) -> Dossier:
    now, secrets = held.now(), held.store.secrets
    dossier.child.given_name = f"V{mark(name)}"
    for relationship in dossier.relationships:
        relationship.note = mark("relnote")
    if not dossier.opened:
        return dossier
    dossier.needs = [each.model_copy(update={"description": mark("need")}) for each in dossier.needs]
    for level in dossier.levels:
        level.words = mark("level")
    if dossier.summary:
        dossier.summary.text = dossier.summary.strengths = mark("summary")
    dossier.denials = [
        Denial(id="d", person_id="nobody", name=mark("denied"), reason=mark("denied"), since=now, decided_by=by)
    ]
    dossier.emergencies = [
        *dossier.emergencies,
        Emergency(id="e", role_id="x", person_id="x", reason=mark("emergency"), since=now, until=now + timedelta(1)),
    ]
    for assessment in dossier.assessments:
        said = AssessmentContent(
            conclusions=mark("assessment"),
            strengths=mark("assessment"),
            recommendations=mark("assessment"),
            facts=dict.fromkeys(["q"], mark("assessment")),
        )
        assessment.sealed = await secrets.seal(to_bson(said), Assessment.SECRECY, now.year)
    if dossier.plans:
        dossier.plans[0].goals.append(Goal(id="hid", text=mark("plan"), withheld=[withheld(mark("why"))]))
    if all(plan.state in ("in_force", "replaced") for plan in dossier.plans):
        draft = Goal(id="draft", text=mark("draft"), withheld=[withheld(mark("why"))])
        dossier.plans.append(Plan(number=len(dossier.plans) + 1, begun_at=now, by=by, goals=[draft]))
    dossier.events += [
        entry(
            dossier, "restricted", by, held, **await sealed(held), named_people=[(dossier.case_manager or by).person_id]
        ),
        entry(dossier, "withheld", by, held, withheld=[withheld(mark("why"))]),
    ]
    if dossier.child.protected:
        hide_place(dossier)
    return dossier


def withheld(reason: str) -> Withholding:
    return Withholding(audience="family", reason=reason)


async def sealed(held: Runtime) -> dict[str, object]:
    content = {"detail": mark("restricted"), "fields": {"observed": mark("restricted")}}
    said = await held.store.secrets.seal(content, "restricted", held.now().year)
    return {"confidentiality": "restricted", "detail": "", "fields": {}, "sealed": said}


def entry(dossier: Dossier, kind: str, by: Professional, held: Runtime, **more: object) -> Event:
    said: dict[str, object] = {"detail": mark(kind), "fields": {"observed": mark(kind)}}
    return Event(
        id=f"{kind}{dossier.id}"[:13],
        kind="home_visit",
        domain="welfare",
        shape="event",
        day=day_of(held.now()) - timedelta(days=1),
        summary=mark(kind),
        recorded_by=by,
        institution_id=by.institution_id,
        institution_name=by.institution_name,
        recorded_at=held.now() - timedelta(days=1),
        **(said | more),  # type: ignore[arg-type]
    )


def hide_place(dossier: Dossier) -> None:
    """Whatever tells where a protected child lives, learns or is treated."""
    for involvement in dossier.involvements:
        involvement.institution_name = mark("place")
        for person in involvement.responsible:
            person.institution_name = person.phone = person.email = mark("place")
    for person in [*dossier.team, *([dossier.case_manager] if dossier.case_manager else [])]:
        person.institution_name = person.phone = person.email = mark("place")
    for name in ("school", "class", "family_doctor", "declared_address", "address"):
        if name in dossier.base:
            dossier.base[name].value = mark("place")


async def question(held: Runtime, dossier: Dossier, by: Professional) -> Thread:
    """A head's question to who leads the case: for professionals only."""
    sealed = await held.store.secrets.seal({"text": mark("question")}, SECRECY, held.now().year)
    asked = Message(id="m", at=held.now(), person_id=by.person_id, name=by.name, by=by, sealed=sealed)
    to = dossier.case_manager or by
    return Thread(
        dossier_id=dossier.id, kind=QUESTION, by=by, to=to, begun_at=held.now(), last_at=held.now(), messages=[asked]
    )


async def mark_the_rest(held: Runtime) -> None:
    """Reports with who made them, requests, what the court only drafts."""
    store, year = held.store, held.now().year
    words = await store.secrets.seal({"text": mark("request")}, "access_request", year)
    await store.access_requests.update_many({}, {"$set": {"sealed": words, "by.name": mark("asker")}})
    async for report in store.reports.find({}):
        said = await store.secrets.open(report["sealed"])
        sealed = await store.secrets.seal(
            {name: mark("report") if isinstance(value, str) else value for name, value in said.items()}, "report", year
        )
        await store.reports.update_one(
            {"_id": report["_id"]}, {"$set": {"sealed": sealed, "by.name": mark("reporter")}}
        )
    drafted = await store.secrets.seal({"reasons": mark("decision"), "terms": mark("decision")}, "decision", year)
    found = await store.decisions.update_many({"state": "draft"}, {"$set": {"sealed": drafted}})
    assert found.modified_count, "the story has a decision in draft"


# --- the crawl ---------------------------------------------------------------------------------------------------


class Crawl:
    """Everything reachable from a person's first pages: the marks met, the addresses come by."""

    def __init__(self) -> None:
        self.met: dict[str, set[str]] = defaultdict(set)  # kind of mark → where
        self.shapes: set[str] = set()
        self.dead: set[str] = set()  # links offered to somebody who may not follow them
        self.answers = self.papers = 0

    async def follow(self, held: Runtime, person: str, role: str, starts: Iterable[str]) -> "Crawl":
        """Follow every link of every answer, a few filters of each page."""
        browser = await Browser(held).sign_in(person, role)
        first = set(starts)
        waiting, seen, variants = list(starts), set(first), defaultdict[str, int](int)
        while waiting:
            path = waiting.pop(0)
            answer = await browser.client.get(path)
            self.answers += 1
            if answer.status_code >= 400 and answer.status_code != 405 and path not in first:  # 405: a form sends there
                self.dead.add(f"{person} {path} {answer.status_code}")
            self.shapes.add(ID.sub("/*", urlsplit(path).path).rstrip("/") or "/")
            text = self.words(answer)
            for kind in MARK.findall(text + str(answer.headers.multi_items()) + str(answer.url)):
                self.met[kind].add(f"{person} {path}")
            for link in [
                *LINK.findall(answer.text if self.is_html(answer) else ""),
                answer.headers.get("location", ""),
            ]:
                to = urlsplit(urljoin(f"{BASE}{path}", unescape(link)))
                address = f"{to.path}?{to.query}" if to.query else to.path
                if link and f"{to.scheme}://{to.netloc}" == BASE and address not in seen:
                    seen.add(address)
                    variants[to.path] += 1
                    if variants[to.path] <= VARIANTS and not to.path.startswith("/assets/"):
                        waiting.append(address)
        return self

    def is_html(self, answer: httpx.Response) -> bool:
        return "text/html" in answer.headers.get("content-type", "")

    def words(self, answer: httpx.Response) -> str:
        """Every byte as it came; of papers what is written on them too."""
        raw = answer.content.decode("latin-1")
        if answer.content.startswith(b"%PDF"):
            self.papers += 1
            return raw + text_of(answer.content)
        return raw


async def families(held: Runtime) -> dict[str, list[str]]:
    """Everybody with a child, and which: a register's parents too, whom the demo does not let sign in."""
    rows = held.store.people.find({"children.0": {"$exists": True}}, {"children": 1})
    return {row["_id"]: row["children"] async for row in rows}


def starts(children: Iterable[str]) -> list[str]:
    return ["/", "/desk", *(f"/dossiers/{child}" for child in children)]


@pytest.mark.asvs("8.2.3")
async def test_no_family_member_comes_by_what_is_not_for_families_nor_by_another_child(
    held: Runtime, marked: dict[str, str]
) -> None:
    everybody = await families(held)
    assert len(everybody) >= 25
    whole, wrong = Crawl(), dict[str, set[str]]()
    for person, children in everybody.items():
        crawl = await Crawl().follow(held, person, FAMILY_ROLE, starts([*children, MARTA, ALISE, KATE]))
        own = {marked[child] for child in children}
        for kind in crawl.met.keys() - own:
            wrong.setdefault(kind, set()).update(crawl.met[kind])
        whole.shapes |= crawl.shapes
        whole.dead |= crawl.dead
        whole.answers += crawl.answers
        whole.papers += crawl.papers
    assert wrong == {}
    assert whole.dead == set(), "a link leads to a refusal"
    assert whole.shapes >= CAME_BY, CAME_BY - whole.shapes
    assert whole.papers and whole.answers > 20 * len(everybody)


async def test_control_whoever_works_for_the_children_comes_by_the_marks(held: Runtime, marked: dict[str, str]) -> None:
    """Otherwise the families' crawl would prove nothing: the marks stand where people read them."""
    rows = held.store.dossiers.find({"_id": {"$in": [MARTA, ALISE]}}, {"case_manager": 1})
    leads: dict[tuple[str, str], list[str]] = defaultdict(list)
    async for row in rows:
        leads[row["case_manager"]["person_id"], row["case_manager"]["role_id"]].append(row["_id"])
    crawl = Crawl()
    for (person, role), children in leads.items():
        await crawl.follow(held, person, role, starts(children))
    await crawl.follow(held, "santa-mezule", "santa-mezule-1", ["/decisions", f"/dossiers/{KATE}/decisions"])
    of_dossiers = "need summary assessment withheld plan draft relnote restricted denied place"
    beside = "question request asker decision"
    assert crawl.met.keys() >= {*of_dossiers.split(), *beside.split()}


async def test_control_without_withholding_the_crawl_is_red(
    held: Runtime, marked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.entries, "withheld_from", lambda *_, **__: False)
    crawl = await Crawl().follow(held, "ilze-kalnina", FAMILY_ROLE, starts([MARTA]))
    assert "withheld" in crawl.met
