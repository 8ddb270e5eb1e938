"""Figures for governance: what is counted, what a release hides, who reads it, and that it is frozen."""

import asyncio
import csv
import io
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from documents.acts import Act
from documents.assessment import Assessment
from documents.classifiers import SHIPPED, classifiers, use
from documents.dossier import Dossier
from documents.model import day_of, start_of
from documents.release import Released
from documents.report import Report
from documents.store import Store
from fixtures.loaders import Interrupt, Watcher
from fixtures.loaders.boundaries import load_boundaries, remove_boundaries
from fixtures.loaders.source import Source
from portal.analytics import releasing
from portal.analytics.counting import Counting
from portal.analytics.dimensions import dimensions
from portal.analytics.kept import earlier_releases
from portal.analytics.monthly import AGAIN, HELD, Monthly
from portal.analytics.reading import month_of
from portal.analytics.releasing import make_release
from portal.analytics.suppression import WIDTH, Release, small
from portal.background import background
from portal.runtime import Runtime
from tests.attacker import NEAR, narrowed
from tests.boundaries import country, towns, written
from tests.browsing import Browser
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
MINISTRY = "renate-vilcina"
LEADER = "atis-egle"
CESIS = "0026000"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def release(held: Runtime) -> Released:
    made, now = await make_release(held.store, held.now())
    assert now
    return made


@pytest.fixture
def two_tables(tmp_path: Path) -> Iterator[None]:
    """A register with two tables only: releases of it take a second."""
    folder = copytree(SHIPPED, tmp_path / "classifiers")
    tables = folder / "registered_tables.csv"
    lines = tables.read_text("utf-8").splitlines(keepends=True)
    tables.write_text(
        "".join(line for line in lines if line.split(",")[0] in ("code", "children_by_level", "coverage"))
    )
    use(folder)
    yield
    use(SHIPPED)


async def story_children(held: Runtime) -> list[Dossier]:
    rows = await held.store.dossiers.find({"erased": None, "joined_into": None}).to_list()
    day = day_of(held.now())
    return [child for child in map(Dossier.model_validate, rows) if child.child.age_on(day) < 18]


async def test_children_are_counted_as_a_reader_of_all_dossiers_would(held: Runtime) -> None:
    day = day_of(held.now())
    counting = Counting(held.store, None, day, dimensions(day))
    told = await story_children(held)
    ages = Counter(str(each.child.age_on(day)) for each in told)
    counted = await counting.measure("children")
    assert sum(counted.values()) == len(told) > 10
    for age, number in ages.items():
        assert sum(count for (found, _, _), count in counted.items() if found == age) == number
    identified = [each for each in told if each.level >= 2]
    coverage = await counting.measure("coverage")
    planned = [each for each in identified if any(plan.state == "in_force" for plan in each.plans)]
    assert sum(coverage.values()) == len(identified)
    assert sum(count for (care, _), count in coverage.items() if care == "plan") == len(planned)
    needs = sum(len({need.kind for need in each.needs if need.met_at is None}) for each in identified)
    assert sum((await counting.measure("needs")).values()) == needs
    events = await counting.measure("events")
    since = day - timedelta(days=365)
    told_events = Counter(
        event.kind
        for each in identified
        for event in each.events
        if since < event.day <= day and event.withdrawn is None
    )
    for kind, number in told_events.items():
        assert sum(count for (found, _), count in events.items() if found == kind) == number


async def test_risks_services_and_reports_are_counted_as_a_reader_of_all_would(held: Runtime) -> None:
    day = day_of(held.now())
    counting = Counting(held.store, None, day, dimensions(day))
    children = await story_children(held)
    risks = Counter[tuple[str, str, str]]()
    for child in (each for each in children if each.level >= 2):
        newest: dict[tuple[str, str], Assessment] = {}  # by the factor and the tool that speaks of it
        for assessment in sorted(child.assessments, key=lambda each: (each.day, each.recorded_at)):
            if assessment.withdrawn is None:
                tool = classifiers().assessment_tools[assessment.tool].tool
                newest |= {(factor, tool): assessment for factor in assessment.levels}
        highest: dict[str, int] = {}
        for (factor, _), assessment in newest.items():
            if assessment.day >= day - timedelta(days=365):
                highest[factor] = max(highest.get(factor, 0), assessment.levels[factor])
        risks.update((factor, str(level), child.municipality) for factor, level in highest.items())
    assert await counting.measure("risks") == risks and risks.total() > 10
    services = Counter(
        (service.status, age_group(child.child.age_on(day)), child.municipality)
        for child in children
        for plan in child.plans
        if plan.state == "in_force"
        for service in plan.services
    )
    assert await counting.measure("services") == services and services.total() > 0
    waiting = Counter[tuple[str, str]]()
    every = await held.store.dossiers.find().to_list()
    ages = {row["_id"]: Dossier.model_validate(row).child.age_on(day) for row in every}
    for row in await held.store.reports.find().to_list():
        report = Report.model_validate(row)
        if report.state in ("received", "acknowledged"):
            age = ages.get(report.dossier_id or "")
            waiting["unknown" if age is None else age_group(age), report.place] += 1
    assert await counting.measure("reports") == waiting and waiting.total() > 0


def age_group(age: int) -> str:
    """The group of ages, as the tables name it."""
    return next(
        code for last, code in ((2, "0_2"), (6, "3_6"), (12, "7_12"), (15, "13_15"), (17, "16_17")) if age <= last
    )


async def test_what_is_small_is_in_no_row_and_an_attacker_is_left_with_wide_intervals(
    held: Runtime, release: Released
) -> None:
    figures = [row async for row in held.store.release_rows.find({"rows": release.rows})]
    assert len({row["table"] for row in figures}) == len(classifiers().registered_tables)
    assert all(value is None or value > 2 or value == 0 for row in figures for value in row["figures"].values())
    (kept,) = await earlier_releases(held.store)
    assert small(kept.figures) <= kept.hidden and len(kept.hidden) == release.hidden
    some = random.Random(1).sample([(0, cell) for cell in sorted(kept.hidden)], 25)
    assert min(narrowed([kept], some).values()) >= WIDTH - NEAR


async def test_control_of_the_registered_tables_themselves_little_is_safe_without_further_hiding(
    held: Runtime, release: Released
) -> None:
    (kept,) = await earlier_releases(held.store)
    bare = Release(kept.figures, small(kept.figures))
    some = random.Random(1).sample([(0, cell) for cell in sorted(bare.hidden)], 25)
    assert min(narrowed([bare], some).values()) < NEAR, "complementary figures are there for something"


async def test_a_month_has_one_release_also_when_two_make_it_at_once(held: Runtime, two_tables: None) -> None:
    later = (held.now().replace(day=1) + timedelta(days=32)).replace(day=10)
    made = await asyncio.gather(make_release(held.store, later), make_release(held.store, later))
    again = await make_release(held.store, later + timedelta(hours=1))
    assert sorted(now for _, now in made) == [False, True] and again[1] is False
    assert {each.rows for each, _ in (*made, again)} == {made[0][0].rows}
    assert await held.store.release_rows.distinct("rows", {"made_at": later}) == [made[0][0].rows]


async def test_broken_off_nothing_of_a_release_is_seen(
    held: Runtime, two_tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = (held.now().replace(day=1) + timedelta(days=64)).replace(day=10)

    async def gone(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as broken:
        broken.setattr(releasing, "_show", gone)
        with pytest.raises(asyncio.CancelledError):
            await make_release(held.store, later)
    month = month_of(day_of(later))
    assert await held.store.releases.find_one({"_id": month}) is None
    left = await held.store.release_rows.distinct("rows", {"made_at": later})
    assert left
    made, now = await make_release(held.store, later + timedelta(days=2))
    assert now and made.id == month
    assert await held.store.release_rows.count_documents({"rows": {"$in": left}}) == 0


async def test_the_ministry_reads_tables_maps_and_csv(visit: Visit, held: Runtime, release: Released) -> None:
    analyst = await visit(MINISTRY)
    async with no_collection_scans(held.store.database):
        await analyst.get("/analytics")
        assert "Bērni pēc prevencijas līmeņa" in analyst.page and "Rādītāji" in analyst.page
        for table in classifiers().registered_tables:
            await analyst.get(f"/analytics/{table}?month={release.id}")
            assert "Ko skaita" in analyst.page and "<svg" in analyst.page
            await analyst.get(f"/analytics/{table}/map?month={release.id}")
            assert "Cēsu novads" in analyst.page
        await analyst.get(f"/analytics/children_by_level?place={CESIS}&rows=7_12&month={release.id}")
        assert "Cēsu novads" in analyst.page and "7–12 gadi" in analyst.page and ">5 gadi" not in analyst.page
    answer = await analyst.client.get(f"/analytics/children_by_level/csv?month={release.id}")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][-1] == "Skaits" and {line[0] for line in lines[1:]} == {release.day.isoformat()}
    stored = await held.store.release_rows.find_one(
        {"rows": release.rows, "table": "children_by_level", "place": CESIS}
    )
    assert stored
    shown = ["…" if count is None else str(count) for count in stored["figures"].values()]
    assert [line[-1] for line in lines if line[1] == CESIS] == shown
    assert any(line[-1] == "…" for line in lines)
    entry = await held.store.audit_entries.find_one({"act": Act.ANALYTICS_TAKEN})
    assert entry and entry["subject"] == f"{release.id} children_by_level" and "dossier_id" not in entry


async def test_what_is_not_there_is_not_found_and_odd_filters_do_no_harm(visit: Visit, release: Released) -> None:
    analyst = await visit(MINISTRY)
    for path in ("/analytics/nothing", "/analytics/coverage?month=1999-01", "/analytics/nothing/csv"):
        assert (await analyst.client.get(path)).status_code == 404
    for odd in ("place=$where", "place=0000000&rows=x&column=%00", "row=figures.x&column=a.b", "rows=" + "9" * 400):
        assert (await analyst.client.get(f"/analytics/children_by_level?{odd}")).status_code == 200
        assert (await analyst.client.get(f"/analytics/children_by_level/map?{odd}")).status_code == 200


async def test_a_municipality_begins_with_its_own_figures(visit: Visit, release: Released) -> None:
    leader = await visit(LEADER)
    await leader.get("/analytics/coverage")
    assert f'<option value="{CESIS}" selected>' in leader.page


@pytest.mark.parametrize(
    ("person", "role", "place"),
    [
        ("normunds-krumins", None, CESIS),
        (MINISTRY, None, "all"),
        ("aldis-ozolins", None, "all"),
        ("liga-purina", "liga-purina-2", CESIS),  # leads the cooperation group
        ("toms-vanags", None, "vidzeme"),  # coordinates a planning region
        ("uldis-cielavs", None, "all"),  # of the child protection authority's management
    ],
)
async def test_who_governs_a_place_begins_with_it(
    visit: Visit, release: Released, person: str, role: str | None, place: str
) -> None:
    somebody = await visit(person, role)
    await somebody.get("/analytics/coverage")
    assert f'<option value="{place}" selected>' in somebody.page
    await somebody.get("/analytics/coverage/map")
    assert somebody.page.count(' chosen"') == (place == CESIS)


async def test_the_map_names_every_municipality_and_is_of_tiles_until_boundaries_are_loaded(
    visit: Visit, held: Runtime, release: Released, tmp_path: Path
) -> None:
    analyst, map_page = await visit(MINISTRY), f"/analytics/children_by_level/map?place={CESIS}"
    named = {f"<title>{row.lv}: " for row in towns()}
    await analyst.get(map_page)
    assert 'class="tiles"' in analyst.page and named == named & set(re.findall("<title>[^:<]+: ", analyst.page))
    assert 'fill="url(#hatched)"' in analyst.page and "Ar līniju apvilkts: Cēsu novads" in analyst.page
    source = Source(str(written(tmp_path, country())))
    await load_boundaries(held.store, source, held.now(), Watcher(), Interrupt())
    async with no_collection_scans(held.store.database):
        await analyst.get(map_page)
    assert 'class="areas"' in analyst.page and 'class="tiles"' not in analyst.page
    assert named == named & set(re.findall("<title>[^:<]+: ", analyst.page))
    assert 'fill="url(#hatched)"' in analyst.page and analyst.page.count(' chosen"') == 1
    assert "style=" not in analyst.page
    await held.store.boundaries.update_one({}, {"$unset": {f"outlines.{CESIS}": ""}})
    await analyst.get(map_page)
    assert 'class="tiles"' in analyst.page, "boundaries of other municipalities than the release's draw no map"
    await remove_boundaries(held.store, held.now())
    await analyst.get(map_page)
    assert 'class="tiles"' in analyst.page


async def test_on_a_phone_rows_unfold_by_their_totals(visit: Visit, release: Released) -> None:
    analyst = await visit(MINISTRY)
    await analyst.get("/analytics/children_by_level")
    folds = analyst.page.split('class="after figure-folds"')[1].split("</section>")[0]
    assert folds.count("<details") == 24, "all ages, five groups, eighteen years: each with its columns"
    assert folds.index("7–12 gadi") < folds.index("7 gadi") < folds.index("13–15 gadi")
    await analyst.get("/analytics/children_by_level/map")
    folds = analyst.page.split('class="after figure-folds"')[1].split("</section>")[0]
    assert folds.count("<details") == 5, "the planning regions"
    assert folds.count("<a href") == 5 + 42 + 2


@pytest_asyncio.fixture(loop_scope="session")
async def no_release(held: Runtime, two_tables: None) -> AsyncIterator[None]:
    """A register without any release yet; afterwards those it had, and the time it was."""
    kept, now = [row async for row in held.store.releases.find()], held.clock.now  # type: ignore[attr-defined]
    lease = {"_id": "release"}
    await held.store.releases.delete_many({})
    await held.store.database["settings"].delete_one(lease)
    yield
    held.clock.now = now  # type: ignore[attr-defined]
    await held.store.releases.delete_many({})
    await held.store.releases.insert_many(kept)
    await held.store.database["settings"].delete_one(lease)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """When a making was begun."""
    whole, found = releasing.make_release, list[datetime]()

    async def noted(store: Store, now: datetime) -> tuple[Released, bool]:
        found.append(now)
        return await whole(store, now)

    monkeypatch.setattr(releasing, "make_release", noted)
    return found


async def months(held: Runtime) -> list[str]:
    return sorted([row["_id"] async for row in held.store.releases.find()])


async def test_each_month_of_riga_gets_one_release_by_one_of_the_workers(
    held: Runtime, no_release: None, begun: list[datetime]
) -> None:
    workers = [Monthly(held, name) for name in ("one", "two", "three")]
    this = month_of(day_of(held.now()))
    for _ in range(2):
        await asyncio.gather(*(worker.step() for worker in workers))
        assert await months(held) == [this] and len(begun) == 1
    first = (day_of(held.now()).replace(day=1) + timedelta(days=32)).replace(day=1)
    held.clock.now = start_of(first) - timedelta(seconds=1)  # type: ignore[attr-defined]
    await asyncio.gather(*(worker.step() for worker in workers))
    assert await months(held) == [this], "in Riga the month has not ended"
    held.clock.now = start_of(first)  # type: ignore[attr-defined]
    for _ in range(2):
        await asyncio.gather(*(worker.step() for worker in workers))
        assert await months(held) == [this, month_of(first)] and len(begun) == 2
    assert await held.store.audit_entries.count_documents({"act": Act.RELEASE_MADE, "at": start_of(first)}) == 1


async def test_a_release_that_failed_is_told_and_made_later(
    held: Runtime, no_release: None, monkeypatch: pytest.MonkeyPatch, begun: list[datetime]
) -> None:
    one, two = Monthly(held, "one"), Monthly(held, "two")

    async def fails(*_: object) -> None:
        raise RuntimeError("words of somebody's case")

    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr(releasing, "make_release", fails)
        await one.step()
    (said,) = [each for each in logs if each["event"] == "release_failed"]
    assert said["error"] == "RuntimeError" and "case" not in str(said), "no words of an error, which may tell more"
    began = held.now()
    held.clock.now = began + AGAIN - timedelta(seconds=1)  # type: ignore[attr-defined]
    await asyncio.gather(one.step(), two.step())
    assert begun == [] and await months(held) == []
    held.clock.now = began + AGAIN  # type: ignore[attr-defined]
    await asyncio.gather(one.step(), two.step())
    assert len(begun) == 1 and await months(held) == [month_of(day_of(held.now()))]


async def test_a_worker_that_died_is_followed_by_another_and_an_empty_register_has_no_release(
    held: Runtime, no_release: None, begun: list[datetime]
) -> None:
    one, two = Monthly(held, "one"), Monthly(held, "two")
    assert await one._take(held.now())
    await two.step()
    assert begun == []
    held.clock.now += HELD  # type: ignore[attr-defined]
    rows = await held.store.dossiers.find().to_list()
    await held.store.dossiers.delete_many({})
    await two.step()
    assert begun == [] and await months(held) == []
    await held.store.dossiers.insert_many(rows)
    await two.step()
    assert len(begun) == 1


async def test_the_jobs_beside_the_pages_make_it_and_pages_say_so_also_after_it_broke_off(
    visit: Visit, held: Runtime, no_release: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = await visit(MINISTRY)
    begins, made = asyncio.Event(), asyncio.Event()
    whole = releasing.make_release

    async def never(*_: object) -> None:
        begins.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as slow:
        slow.setattr(releasing, "make_release", never)
        async with background(held), asyncio.timeout(20):
            await begins.wait()
            await analyst.get("/analytics")
    assert "Pirmais laidiens šobrīd top" in analyst.page
    await analyst.get("/analytics")
    assert "Laidiena vēl nav" in analyst.page, "broken off"

    async def told(store: Store, now: datetime) -> tuple[Released, bool]:
        try:
            return await whole(store, now)
        finally:
            made.set()

    monkeypatch.setattr(releasing, "make_release", told)
    async with background(held), asyncio.timeout(60):
        await made.wait()
        async with no_collection_scans(held.store.database):
            await analyst.get("/analytics")
    assert "Atbalsta pārklājums" in analyst.page


async def test_a_second_level_opens_the_figures_beside_the_work_of_the_first(visit: Visit, release: Released) -> None:
    manager = await visit("uldis-cielavs")
    for path, here in (("/desk", "Mani darbi"), ("/oversight", "Manu darbinieku lietas"), ("/analytics", "Rādītāji")):
        await manager.get(path)
        assert f'<a href="{path}" aria-current="page">{here}</a>' in manager.page
        assert 'href="/oversight"' in manager.page and 'href="/analytics"' in manager.page
    lead = await visit("liga-purina", "liga-purina-2")
    await lead.get("/desk")
    assert 'href="/analytics"' in lead.page and 'href="/search"' in lead.page, "the desk of who works with children"
    await lead.post("/roles", {"role": "liga-purina-1"})
    assert 'href="/analytics"' not in lead.page
    assert (await lead.client.get("/analytics")).status_code == 403, "figures are of one role, not of the person"


@pytest.mark.parametrize("person", ["inese-liepina", "vita-eglite", "daina-lace", "ieva-medne", "ilze-kalnina"])
async def test_whose_position_has_no_level_of_figures_does_not_read_them(
    visit: Visit, release: Released, person: str
) -> None:
    assert (await (await visit(person)).client.get("/analytics")).status_code == 403
