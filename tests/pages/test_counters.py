"""Internal counters follow whatever is done to cases, equal a counting anew, and show each head the own cases only."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from pymongo.errors import WriteError

from auth.access import Forbidden, NotFound
from documents.dossier import Dossier
from documents.involvement import Professional
from documents.model import day_of
from documents.report import OPEN_STATES, Report
from documents.store import Row, Store
from fixtures.story import dossier_id
from portal.background import background
from portal.cli.statistics import count_anew, show_counts
from portal.cli.stores import Refusal
from portal.counters.following import LEASE, Following
from portal.counters.reading import counts_of
from portal.counters.rebuilding import rebuild
from portal.levels.actions import LevelDraft, change_level
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.pages.test_access_request_pages import real_who
from tests.scans import no_collection_scans

MARTA, INESE = dossier_id("marta"), "inese-liepina-1"
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = await held.store.dossiers.find({}).to_list()
    now = held.clock.now  # type: ignore[attr-defined]
    yield
    held.clock.now = now  # type: ignore[attr-defined]
    await held.store.dossiers.delete_many({})
    await held.store.dossiers.insert_many(before)
    await held.store.database["settings"].delete_one({"_id": "counters"})
    for collection in (held.store.counters, held.store.counted):
        await collection.delete_many({})


def of_case(row: Row) -> Counter[str]:
    """What a case counts towards, told from the model in plain words."""
    case = Dossier.model_validate(row)
    if case.opened is None or case.erased or case.joined_into:
        return Counter()
    staff: list[Professional] = [m for m in (case.case_manager, case.family_case_manager) if m and m.accepted]
    staff += [member for member in case.team if member.to is None]
    for involvement in case.involvements:
        if involvement.to is None:
            staff += [p for p in involvement.responsible if p.to is None and p.substitute_for is None]
    states = {plan.state for plan in case.plans}
    led = "led" if case.case_manager and case.case_manager.accepted else "-"
    marks = f"{led}|{'planned' if 'in_force' in states else '-'}|{'waiting' if 'proposed' in states else '-'}"
    keys = {f"place|{case.municipality}|{case.level}"}
    for place in {person.institution_id for person in staff}:
        units = sorted({p.unit_id for p in staff if p.institution_id == place and p.unit_id})
        keys.add(f"case|{place}|{''.join(f'{unit},' for unit in units)}|{case.level}|{marks}")
    return Counter(keys | {f"load|{person.institution_id}|{person.role_id}" for person in staff})


async def expected(store: Store) -> Counter[str]:
    found = Counter[str]()
    async for row in store.dossiers.find({}):
        found += of_case(row)
    async for row in store.reports.find({}):
        report = Report.model_validate(row)
        if report.state in OPEN_STATES:
            found[f"report|{report.decides.institution_id if report.decides else ''}|{report.state}"] += 1
    return found


async def shown(store: Store) -> Counter[str]:
    found = await counts_of(store)
    assert found
    return Counter({"|".join(key): n for key, n in found[1].items()})


def following(held: Runtime, name: str = "one") -> Following:
    return Following(held.store, name, held.now)


async def something(held: Runtime, chance: Random) -> None:
    """Something a professional, a loader or a migration does to a case."""
    rows = await held.store.dossiers.find({"opened": {"$exists": True}}).sort("_id", 1).to_list()
    row = chance.choice(rows)
    led = row.get("case_manager")
    kind = chance.randrange(7)
    if kind <= 1 and led and not row.get("erased") and not row.get("joined_into"):
        who = await real_who(held, led["person_id"])
        draft = LevelDraft(chance.choice((2, 3, 4)), "new_risks", "vārdi", "child_rights_law")
        with suppress(NotFound, Forbidden):
            await change_level(held.store, who, row["_id"], draft, len(row.get("levels", ())), held.now())
        return
    changes: list[Row] = [
        {"$unset": {"case_manager": ""}},
        {"$set": {"involvements.0.responsible.0.to": day_of(held.now()).isoformat()}},
        {"$unset": {"involvements": ""}},
        {"$set": {"municipality": chance.choice(("0026000", "0001000"))}},
        {"$set": {"erased": held.now()} if chance.random() < 0.3 else {"joined_into": "other"}},
        {"$unset": {"erased": "", "joined_into": ""}},
        {"$set": {"plans.0.state": chance.choice(("proposed", "in_force", "replaced"))}},
        {"$set": {"team": [], "case_manager": chance.choice(rows).get("case_manager")}},
    ]
    query: Row = {"_id": row["_id"]} | ({"plans.0": {"$exists": True}} if kind == 6 else {})
    if kind == 5 and len(rows) > 6:
        await held.store.dossiers.delete_one(query)
        return
    change = chance.choice(changes)
    if "plans.0.state" in change.get("$set", {}):
        query["plans.0"] = {"$exists": True}
    if "involvements.0.responsible.0.to" in change.get("$set", {}):
        query["involvements.0.responsible.0"] = {"$exists": True}
    await held.store.dossiers.update_one(query, change)


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_done_the_counters_follow_and_equal_a_counting_anew(held: Runtime, seed: int):
    chance = Random(seed)
    one, two = following(held), following(held, "two")
    await one.step()
    assert await shown(held.store) == await expected(held.store) != {}
    for _ in range(10):
        for _ in range(chance.randrange(4)):
            await something(held, chance)
        if chance.random() < 0.2:
            held.clock.now += LEASE * 2  # type: ignore[attr-defined]
        if chance.random() < 0.2:
            await rebuild(held.store, held.now())
            assert await shown(held.store) == await expected(held.store)
        await asyncio.gather(*(worker.step() for worker in (one, two)))
        await asyncio.gather(*(worker.step() for worker in (one, two)))
        assert await shown(held.store) == await expected(held.store)
    followed = await shown(held.store)
    await rebuild(held.store, held.now())
    assert await shown(held.store) == followed
    numbers = {row["_id"].partition("-")[0] async for row in held.store.counted.find({}, {"_id": 1})}
    assert len(numbers) == 1, "the countings before are gone"
    await one.let_go()
    await two.let_go()


async def test_the_jobs_beside_the_pages_let_a_change_reach_the_counters_without_being_asked(held: Runtime):
    async with background(held, releases=False):
        await soon(held)
        before = await shown(held.store)
        await held.store.dossiers.update_one({"_id": MARTA}, {"$unset": {"case_manager": ""}})
        await soon(held)
        assert await shown(held.store) != before


async def soon(held: Runtime) -> None:
    """Wait until the counters say what the cases do."""
    async with asyncio.timeout(20):
        while await counts_of(held.store) is None or await shown(held.store) != await expected(held.store):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_a_stream_that_does_not_reach_back_counts_anew_and_a_counter_never_falls_below_nothing(held: Runtime):
    one = following(held)
    await one.step()
    await one.let_go()
    settings = held.store.database["settings"]
    # A place of the year 2001, which no log of changes holds.
    token = "82" + "3A4FC880" + "000000012B0429296E1404"
    await settings.update_one({"_id": "counters"}, {"$set": {"token": {"_data": token}}})
    await held.store.dossiers.update_one({"_id": MARTA}, {"$set": {"level": 4}})
    await one.step()
    assert await shown(held.store) == await expected(held.store)
    with pytest.raises(WriteError):
        await held.store.counters.update_one({}, {"$inc": {"n": -1000}})
    await one.let_go()


async def test_broken_off_nothing_of_a_counting_is_seen_and_of_two_at_once_one_holds(held: Runtime):
    await rebuild(held.store, held.now())
    before = await shown(held.store)

    async def broken(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(held.store, held.now(), broken)
    assert await shown(held.store) == before

    async def another(_: int) -> None:
        if not meanwhile:
            meanwhile.append(1)
            assert await rebuild(held.store, held.now()) is not None

    meanwhile: list[int] = []
    assert await rebuild(held.store, held.now(), another) is None
    assert await shown(held.store) == before


async def test_operations_see_counters_and_as_of_when_but_no_child(held: Runtime, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(Refusal, match="--rebuild"):
        await show_counts(held.store)
    await count_anew(held.store)
    await show_counts(held.store)
    said = capsys.readouterr().out
    assert "Counted anew: " in said and "open cases: level 2: " in said and "Cēsu novads" in said
    assert "Marta" not in said and MARTA not in said


async def test_a_head_sees_the_numbers_of_the_own_cases_and_staff_only(visit: Visit, held: Runtime):
    head = await visit("vita-eglite")
    await head.get("/oversight")
    assert "Skaitļos" not in head.page, "nothing is shown before it is counted"
    one = following(held)
    await one.step()
    async with no_collection_scans(held.store.database):
        await head.get("/oversight")
        await held.store.dossiers.update_one({"_id": MARTA}, {"$unset": {"case_manager": ""}})
        await one.step()
    assert figures(head.page)["Bez gadījuma vadītāja"] == 0
    whole = figures(head.page)
    assert f'href="/oversight?staff={INESE}"' in head.page
    cases = await held.store.dossiers.find({"answering": "i:cesu-socialais-dienests"}).to_list()
    assert sum(n for name, n in whole.items() if "līmenis" in name) == len(cases) > 0
    await head.get("/oversight")
    assert figures(head.page)["Bez gadījuma vadītāja"] == 1
    unit = await visit("sanita-berzina")
    await unit.get("/oversight")
    for name, n in figures(unit.page).items():
        assert n <= figures(head.page)[name]
    school = await visit("valdis-strods")
    await school.get("/oversight")
    assert figures(school.page)
    assert INESE not in loads(school.page), "nobody of another institution"
    await one.let_go()


def figures(page: str) -> dict[str, int]:
    """The figures of the band by their names."""
    band: Any = re.search(r'id="in-numbers">.*?</dl>', page, re.S)
    if band is None:
        return {}
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt><dd>(\d+)", band.group(), re.S)
    return {re.sub(r"<[^>]+>", "", name).strip(): int(n) for name, n in pairs}


def loads(page: str) -> str:
    """The table of the staff."""
    return page.partition('id="loads"')[2].partition("</table>")[0]
