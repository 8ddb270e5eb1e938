"""Who reaches which page: every route that shows something, as every role of the cast, on each kind of child.

The table is `reach.txt`, to be read by people. After a change that is meant, look at each line that differs and write
it anew: REACH=write .venv/bin/pytest tests/pages/test_reach_matrix.py
"""

import difflib
import os
import re
import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auth.policy import access_now
from auth.who import FAMILY_ROLE, Who, roles_open_to, who_is
from documents.dossier import Dossier
from documents.institution import Institution
from documents.model import day_of
from documents.person import Person
from fixtures.story import dossier_id
from portal.assessments.tool import own_tools
from portal.runtime import Runtime
from tests.browsing import Browser, portal_of
from tests.pages.test_event_pages import filled
from tests.pages.test_hostile import _routes
from tests.rules.policy_table import by_position

SNAPSHOT = Path(__file__).with_name("reach.txt")
# Not of a person in a role: the provider's answers, what everybody may see, assets.
ELSEWHERE = {
    "step_up_begin",
    "sign_in",
    "sign_in_again",
    "sign_in_callback",
    "asset",
    "healthz",
    "readyz",
    "start",
    "help",
    "accessibility",
    "privacy",
    "verify",
    "verify_code",
}
LABELS = [
    *("marta", "janis", "liva", "emilija", "rihards", "tomass", "alise", "kate"),
    *("olivers", "elza", "bohdan", "kristaps", "nikola"),
]

LATER = date(2030, 1, 1)  # tools in force are the same on any day yet


def roles_of(person: Person, held: Runtime) -> list[str]:
    roles = [role.id for role in roles_open_to(person, day_of(held.now()))]
    return roles + ([FAMILY_ROLE] if person.children else [])


async def cast(held: Runtime) -> list[tuple[Person, Who, str]]:
    """Everybody who signs in, in each of their roles."""
    people = [Person.model_validate(row) async for row in held.store.people.find({"demo_note": {"$type": "string"}})]
    found = []
    for person in sorted(people, key=lambda p: p.id):
        for role_id in roles_of(person, held):
            role = next((r for r in person.roles if r.id == role_id), None)
            row = await held.store.institutions.find_one({"_id": role.institution_id}) if role else None
            institution = Institution.model_validate(row) if row else None
            found.append((person, who_is(person, role_id, institution, held.now()), role_id))
    return found


def example(dossier: Dossier, who: Who) -> dict[str, str]:
    """An entry of the own institution where there is one, and a file."""
    own = [e for e in dossier.events if e.institution_id == who.institution_id and e.confidentiality != "restricted"]
    event = (own or dossier.events)[0]
    assessed = [a for a in dossier.assessments if a.institution_id == who.institution_id]
    assessment = next(iter(assessed or dossier.assessments), None)
    tools = own_tools(who.role.institution_type, LATER) if who.role else []
    with_file = next((e for e in dossier.events if e.attachments), None)
    return {
        "dossier_id": dossier.id,
        "event_id": event.id,
        "assessment_id": assessment.id if assessment else "none",
        "tool": tools[0].code if tools else "none",
        "relationship_id": dossier.relationships[0].id if dossier.relationships else "none",
        "file_event": with_file.id if with_file else "none",
        "item_id": next((item.id for p in dossier.plans if p.state == "draft" for item in p.items), "none"),
        "thread_id": "none",
        "task_id": next((t.id for p in dossier.plans if p.state == "in_force" for t in p.tasks), "none"),
        "emergency_id": dossier.emergencies[-1].id if dossier.emergencies else "none",
        "decision_id": "none",
        "code": "contact_order",
        "file_id": with_file.attachments[0].file_id if with_file else "none",
    }


def addresses(held: Runtime) -> tuple[dict[str, str], dict[str, str]]:
    """Names and paths of what is shown without a child, and with one."""
    shown = {name: path for name, (method, path) in _routes(portal_of(held)) if method == "GET"}
    shown = {name: path for name, path in sorted(shown.items()) if name not in ELSEWHERE}
    with_child = {name: path for name, path in shown.items() if "dossier_id" in path}
    return {name: path for name, path in shown.items() if name not in with_child}, with_child


async def reach_table(held: Runtime) -> list[str]:
    alone, with_child = addresses(held)
    dossiers = [Dossier.model_validate(await held.store.dossiers.find_one({"_id": dossier_id(x)})) for x in LABELS]
    names = dict(zip([d.id for d in dossiers], LABELS, strict=True))
    lines = ["# without a child: " + " ".join(alone), "# with a child: " + " ".join(with_child), ""]
    for person, who, role_id in await cast(held):
        browser = await Browser(held).sign_in(person.id, role_id)
        levels = f"level {who.level}" + (f"+{who.second_level}" if who.second_level else "")
        title = f"{who.role.position}, {levels}" if who.role else "family"
        statuses = [(await browser.client.get(path)).status_code for path in alone.values()]
        lines.append(f"{person.id} ({title}): {' '.join(map(str, statuses))}")
        seen: set[str] = set()
        for dossier in dossiers:
            relation = access_now(who, dossier, held.now()).relation or "none"
            relation = relation.partition(":")[0]
            if who.person_id in dossier.family_ids and not who.in_family_role:
                relation = "own family"
            if any(denial.person_id == who.person_id for denial in dossier.denials):
                relation = "denied"
            if relation in seen:
                continue
            seen.add(relation)
            values = example(dossier, who)
            row = []
            for name, path in with_child.items():
                asked = path.replace("{event_id}", "{file_event}") if name == "attachment" else path
                row.append((await browser.client.get(asked.format(**values))).status_code)
            lines.append(f"    {relation} of {names[dossier.id]}: {' '.join(map(str, row))}")
    return lines


@pytest.mark.asvs("8.2.1")
@pytest.mark.asvs("8.2.2")
async def test_everybody_reaches_what_the_table_says_and_nothing_else(held: Runtime) -> None:
    lines = await reach_table(held)
    if os.environ.get("REACH") == "write":
        SNAPSHOT.write_text("\n".join(lines) + "\n")
    known = SNAPSHOT.read_text().splitlines()
    changed = "\n".join(difflib.unified_diff(known, lines, "reach.txt", "now", lineterm="", n=2))
    assert not changed, f"{changed}\n{__doc__}"


def rows() -> Iterator[tuple[str, str, list[int]]]:
    person = ""
    for line in SNAPSHOT.read_text().splitlines():
        if found := re.fullmatch(r"    (.+) of (\w+): ([\d ]+)", line):
            yield person, found[1], [int(code) for code in found[3].split()]
        elif not line.startswith("#"):
            person = line


# Red lines, written by hand: whatever the table says, these hold.
@pytest.mark.asvs("8.3.1")
def test_the_table_itself_crosses_no_red_line() -> None:
    names = next(x for x in SNAPSHOT.read_text().splitlines() if x.startswith("# with a")).split(": ")[1].split()
    writing = {"event_form", "correction_form", "withdrawal_form", "level_form", "base_form", "contacts_form"}
    writing |= {"assessment_tools", "assessment_form", "assessment_correction_form", "assessment_withdrawal_form"}
    checked = 0
    for person, relation, codes in rows():
        got = dict(zip(names, codes, strict=True))
        if relation in ("none", "own family", "denied"):
            assert set(codes) == {404}, (person, relation)
        if "level 4" in person or "level 5" in person or "steward" in person:
            assert set(codes) == {404}, person
        if relation in ("supervises", "parent", "self", "emergency", "consented"):
            assert all(got[name] in (403, 404) for name in writing), (person, relation)
        if relation == "supervises":
            assert got["family"] == 403, (person, "a head reads no family")
            assert got["dossier"] == 303, "a head is led to the life course"
        if relation == "case_manager":
            assert all(got[name] == 200 for name in ("dossier", "timeline", "assessments", "family", "documents"))
        if relation in ("parent", "self"):
            assert all(got[name] == 403 for name in got if "assessment" in name), (person, "families read none")
        checked += 1
    assert checked > 100


@pytest.mark.asvs("8.2.1")
def test_the_table_itself_opens_the_figures_to_their_level_first_or_second() -> None:
    lines = SNAPSHOT.read_text().splitlines()
    place = lines[0].split(": ")[1].split().index("analytics")
    found = set()
    for position, codes in re.findall(r"^\S+ \((\w+)[^)]*\): (.+)$", "\n".join(lines[2:]), re.MULTILINE):
        expected = by_position().get(position)
        read = expected is not None and (expected.level == 4 or expected.second == "+4")
        assert (codes.split()[place] == "200") is read, position
        found |= {position} if read and expected and expected.second else set()
    assert found == {"cooperation_group_lead", "planning_region_coordinator", "child_protection_manager"}


POSTS = [
    ("inese-liepina", "marta", "events", 303),
    ("aija-zarina", "marta", "events", 303),
    ("girts-kenins", "marta", "events", 303),
    ("vita-eglite", "marta", "events", 403),
    ("ilze-kalnina", "marta", "events", 403),
    ("zane-kaulina", "marta", "events", 404),
    ("kristine-lapina", "marta", "events", 404),
    ("janis-dreimanis", "alise", "events", 404),
    ("linda-karklina", "marta", "events", 404),
    ("renate-vilcina", "marta", "events", 404),
    ("inese-liepina", "bohdan", "events", 404),
    ("martins-skele", "marta", "base", 303),
    ("ruta-abele", "marta", "base", 403),
    ("vita-eglite", "marta", "base", 403),
    ("ilze-kalnina", "marta", "base", 403),
    ("zane-kaulina", "marta", "base", 404),
    ("kristine-lapina", "marta", "base", 404),
    ("ruta-abele", "marta", "family/x/contacts", 403),
    ("ilze-kalnina", "marta", "family/x/contacts", 403),
    ("zane-kaulina", "marta", "family/x/contacts", 404),
    ("inese-liepina", "marta", "level", 409),
    ("ruta-abele", "marta", "level", 403),
    ("ilze-kalnina", "marta", "level", 403),
    ("zane-kaulina", "marta", "level", 404),
    ("zane-kaulina", "marta", "timeline/search", 404),
    ("ilze-kalnina", "marta", "timeline/search", 303),
    ("zane-kaulina", "marta", "events/draft", 404),
    ("ilze-kalnina", "marta", "events/preview", 403),
    ("elina-rudzite", "marta", "assessments/new", 403),
    ("ruta-abele", "marta", "assessments/new/draft", 403),
    ("vita-eglite", "marta", "assessments/new", 403),
    ("ilze-kalnina", "marta", "assessments/new/preview", 403),
    ("zane-kaulina", "marta", "assessments/new", 404),
    ("inese-liepina", "marta", "assessments/x/correction", 404),
    ("ilze-kalnina", "marta", "assessments/x/withdrawal", 403),
]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(("person", "label", "what", "status"), POSTS)
async def test_a_change_is_taken_from_whom_the_rules_allow(
    held: Runtime, person: str, label: str, what: str, status: int
) -> None:
    browser = await Browser(held).sign_in(person)
    await browser.get("/roles")
    child = dossier_id(label)
    before = await held.store.dossiers.find_one({"_id": child})
    body = filled(browser, held) | {"role": "", "version": "99"}
    answer = await browser.client.post(f"/dossiers/{child}/{what}", data=body | {"csrf": browser.csrf})
    assert answer.status_code == status
    if status != 303:
        assert await held.store.dossiers.find_one({"_id": child}) == before


OTHERS = [
    ("/search", {"q": "marta"}, {"inese-liepina": 200, "ruta-abele": 200, "vita-eglite": 403, "ilze-kalnina": 403}),
    ("/search/nation", {"q": "x"}, {"inese-liepina": 200, "ruta-abele": 403, "renate-vilcina": 403}),
    ("/needs/new", {"child": "x"}, {"inese-liepina": 404, "ruta-abele": 403, "ilze-kalnina": 403}),
    ("/needs/without-code", {}, {"inese-liepina": 422, "ruta-abele": 403, "vita-eglite": 403, "ilze-kalnina": 403}),
]


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize(("path", "body", "expected"), OTHERS)
async def test_what_concerns_no_child_yet_asks_for_the_position(
    held: Runtime, path: str, body: dict[str, Any], expected: dict[str, int]
) -> None:
    for person, status in expected.items():
        browser = await Browser(held).sign_in(person)
        await browser.get("/roles")
        answer = await browser.client.post(path, data=body | {"csrf": browser.csrf})
        assert answer.status_code == status, person


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize(
    "path", ["", "/timeline", "/assessments", "/family", "/documents", "/access-log", "/events/new", "/level", "/base"]
)
async def test_a_foreign_child_and_none_at_all_are_answered_alike(held: Runtime, path: str) -> None:
    """The same page, headers and time: nobody learns whether there is a dossier."""
    browser = await Browser(held).sign_in("zane-kaulina")
    foreign, missing, unopened = dossier_id("marta"), "0" * 13, dossier_id("paula")

    def plain(text: str, child: str) -> str:
        text = re.sub(r'name="csrf" value="[^"]*"', "", text).replace(child, "")
        return re.sub(r"<time.*?</time>", "", text)

    answers = {c: await browser.client.get(f"/dossiers/{c}{path}") for c in (foreign, missing, unopened)}
    assert {a.status_code for a in answers.values()} == {404}
    assert len({plain(a.text, child) for child, a in answers.items()}) == 1
    headers = [{k: v for k, v in a.headers.items() if k != "content-length"} for a in answers.values()]
    assert headers[0] == headers[1] == headers[2]


async def test_a_foreign_child_takes_as_long_as_none_at_all(held: Runtime) -> None:
    browser = await Browser(held).sign_in("zane-kaulina")
    times: dict[str, list[float]] = {dossier_id("marta"): [], "0" * 13: []}
    for _ in range(60):  # by turns, so that whatever else runs here slows both
        for child, taken in times.items():
            started = time.perf_counter()
            await browser.client.get(f"/dossiers/{child}")
            taken.append(time.perf_counter() - started)
    foreign, missing = (statistics.median(taken) for taken in times.values())
    assert 0.6 < foreign / missing < 1.6, f"foreign {foreign * 1000:.2f} ms, missing {missing * 1000:.2f} ms"
