"""The plan for those of whom it is: a young person from 14, a guardian, a foster parent; and before anybody leads."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from auth.relations import derived
from documents.dossier import Dossier
from documents.model import day_of, to_bson
from documents.plan import in_force
from fixtures.story import dossier_id
from portal.plans.people import answerers
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

RIHARDS = dossier_id("rihards")
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    children = [dossier_id(child) for child in ("rihards", "olivers", "kate")]
    before = [await held.store.dossiers.find_one({"_id": child}) or {} for child in children]
    yield
    for row in before:
        await held.store.dossiers.replace_one({"_id": row["_id"]}, row)


async def dossier(held: Runtime, child: str) -> Dossier:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": child}))


async def proposed(held: Runtime, manager: Browser, child: str, person: str) -> None:
    """A plan with a task for the person, written and proposed by the case manager; the others' words written down."""
    plan = f"/dossiers/{child}/plan"
    await manager.get(plan)
    await manager.post(plan)
    due = f"{day_of(held.now()) + timedelta(days=9):%d.%m.%Y}."
    for form in (
        {"kind": "goal", "text": "Skolā ir labi."},
        {"kind": "task", "text": "Vakarā kopā sagatavo somu", "doer": f"p:{person}", "due": due},
    ):
        await manager.get(f"{plan}/items/new?kind={form['kind']}")
        sent = form | {"submission": manager.hidden("submission")}
        assert path_of(await manager.post(f"{plan}/items/new", sent)) == plan
    assert path_of(await manager.post(f"{plan}/proposal", {"step": ""})) == plan
    await manager.get(f"{plan}?version=new")
    proposal = manager.hidden("proposal")
    for other in answerers(await dossier(held, child), held.now()):
        if other.person_id != person:
            word = {"proposal": proposal, "person": other.person_id, "word": "unable", "reason": "Nav sasniedzams."}
            assert path_of(await manager.post(f"{plan}/words", word)) == plan


@pytest.mark.parametrize(
    ("child", "lead", "person", "title"),
    [
        ("rihards", "liga-purina", "rihards-sprogis", "Mans atbalsta plāns"),
        ("olivers", "laila-strazda", "aina-jansone", "Atbalsta plāns: Olivers"),
        ("kate", "santa-mezule", "gunta-silina", "Atbalsta plāns: Kate"),
    ],
    ids=["young person", "guardian", "foster mother"],
)
async def test_who_it_is_for_reads_answers_and_ticks_the_own_task(
    visit: Visit, held: Runtime, child: str, lead: str, person: str, title: str
):
    child_id = dossier_id(child)
    plan, manager, reader = f"/dossiers/{child_id}/plan", await visit(lead), await visit(person, "family")
    await proposed(held, manager, child_id, person)
    await reader.get("/desk")
    assert f'href="{plan}"' in reader.page
    assert (await reader.get(plan)).status_code == 200
    for words in (title, "Skolā ir labi.", "Vakarā kopā sagatavo somu", "Vai piekrītat plānam?"):
        assert words in reader.page, words
    answer = {"proposal": reader.hidden("proposal"), "word": "agree"}
    assert path_of(await reader.post(f"{plan}/answer", answer)) == plan
    await manager.get(f"{plan}?version=new")
    assert path_of(await manager.post(f"{plan}/in-force", {"proposal": manager.hidden("proposal")})) == plan
    held_plan = in_force((await dossier(held, child_id)).plans)
    assert held_plan and held_plan.answers[person].written_by is None
    task = held_plan.tasks[0]
    await reader.get(plan)
    ticked = await reader.post(f"{plan}/tasks/{task.id}", {"state": "done", "version": task.version})
    assert path_of(ticked) == plan
    assert "Izdarīts. Paldies!" in reader.page
    held_plan = in_force((await dossier(held, child_id)).plans)
    assert held_plan and held_plan.tasks[0].state == "done"


@pytest.mark.parametrize(("days_to_birthday", "status"), [(1, 404), (0, 200)], ids=["13", "14"])
async def test_a_young_person_reads_it_from_the_fourteenth_birthday(
    visit: Visit, held: Runtime, days_to_birthday: int, status: int
):
    manager, rihards = await visit("liga-purina"), await visit("rihards-sprogis", "family")
    await proposed(held, manager, RIHARDS, "rihards-sprogis")
    young, today = await dossier(held, RIHARDS), day_of(held.now())
    fourteen = today + timedelta(days=days_to_birthday)
    if (fourteen.month, fourteen.day) == (2, 29):
        fourteen += timedelta(days=1)
    young.child.birth_date = fourteen.replace(year=fourteen.year - 14)
    values = {"child": to_bson(young.child), **derived(young)}
    await held.store.dossiers.update_one({"_id": RIHARDS}, {"$set": values})
    plan = f"/dossiers/{RIHARDS}/plan"
    await rihards.get("/roles")
    assert (await rihards.get(plan)).status_code == status
    assert ("Vakarā kopā sagatavo somu" in rihards.page) is (status == 200)
    if status == 404:
        refused = {"proposal": "1-1", "word": "agree"}
        await rihards.get("/roles")
        assert (await rihards.post(f"{plan}/answer", refused)).status_code == 404
        task = (await dossier(held, RIHARDS)).plans[0].tasks[0]
        assert (await rihards.post(f"{plan}/tasks/{task.id}", {"state": "done", "version": 1})).status_code == 404
        assert not (await dossier(held, RIHARDS)).plans[0].own_words


async def test_a_family_nobody_leads_yet_reads_who_helps_and_whom_to_call(visit: Visit):
    mother = await visit("jelena-petrova", "family")
    assert (await mother.get(f"/dossiers/{dossier_id('nikola')}/plan")).status_code == 200
    for words in ("Kas palīdz", "Aija Zariņa", "112", "116 111"):
        assert words in mother.page, words
    assert "Ziņa gadījuma vadītājam" not in mother.page, "nobody would read it"
