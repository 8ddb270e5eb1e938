"""The support plan through its pages: written, conflicts, agreed with the family, in force, tasks done."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from auth.relations import derived
from documents.acts import Act
from documents.dossier import Dossier
from documents.family import LegalRole
from documents.model import day_of, to_bson
from documents.plan import Plan, in_force, in_work
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.scans import no_collection_scans

MARTA, JANIS = dossier_id("marta"), dossier_id("janis")
PLAN = f"/dossiers/{MARTA}/plan"
THEIRS = f"/dossiers/{JANIS}/plan"
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = [await held.store.dossiers.find_one({"_id": i}) or {} for i in (MARTA, JANIS)]
    await held.store.outbox.delete_many({})
    yield
    for row in before:
        await held.store.dossiers.replace_one({"_id": row["_id"]}, row)


async def plans(held: Runtime, which: str = MARTA) -> list[Plan]:
    return Dossier.model_validate(await held.store.dossiers.find_one({"_id": which})).plans


async def working(held: Runtime, which: str = MARTA) -> Plan:
    plan = in_work(await plans(held, which))
    assert plan
    return plan


async def holding(held: Runtime, which: str = MARTA) -> Plan:
    plan = in_force(await plans(held, which))
    assert plan
    return plan


async def told(held: Runtime) -> set[tuple[str, str]]:
    rows = await held.store.outbox.find({"kind": "notice"}).to_list()
    return {(row.get("to_role") or row["to_key"], row["content"]["change"]) for row in rows}


def day(held: Runtime, days: int) -> str:
    return f"{day_of(held.now()) + timedelta(days=days):%d.%m.%Y}."


def goal_form(browser: Browser, text: str) -> dict[str, Any]:
    return {"kind": "goal", "text": text, "submission": browser.hidden("submission")}


@pytest.mark.asvs("2.3.1")
async def test_a_version_is_written_agreed_and_then_does_not_change(visit: Visit, held: Runtime):
    inese = await visit("inese-liepina")
    await inese.get(PLAN)
    await inese.post(PLAN)
    await inese.post(PLAN)
    assert len(await plans(held)) == 2, "begun twice it is one version"
    await inese.get(f"{PLAN}/items/new?kind=goal")
    form = goal_form(inese, "Marta atkal iet uz volejbolu.")
    await inese.post(f"{PLAN}/items/new", form)
    await inese.post(f"{PLAN}/items/new", form)
    plan = await working(held)
    goal = plan.goals[-1]
    assert [g.text for g in plan.goals].count(goal.text) == 1, "a form sent twice is one goal"
    task = {"kind": "task", "text": "Aizved uz treniņu", "goal": goal.id, "doer": "r:aija-zarina-1"}
    for wrong, sentence in (
        ({"due": ""}, "līdz kurai dienai"),
        ({"due": day(held, -1)}, "jau pagājusi"),
        ({"due": day(held, 5), "since": day(held, 9)}, "vēlāk par beigām"),
        ({"due": day(held, 5), "doer": "r:zane-kaulina-1"}, "uzņemiet viņu komandā"),
        ({"due": day(held, 5), "doer": "p:velta-kalnina"}, "uzņemiet viņu komandā"),
        ({"due": "31.02.2027."}, "dienas"),
        (
            {"due": day(held, 5), "doer": "p:ilze-kalnina", "withheld": "mother", "withheld_reason": "x"},
            "tam par to jāzina",
        ),
    ):
        refused = await inese.post(f"{PLAN}/items/new", task | wrong)
        assert refused.status_code == 422
        assert sentence in inese.page or sentence.capitalize() in inese.page, sentence
    await inese.get(f"{PLAN}/items/new?kind=task")
    sent = task | {"due": day(held, 5), "submission": inese.hidden("submission")}
    assert path_of(await inese.post(f"{PLAN}/items/new", sent)) == PLAN
    missing = {"kind": "service", "text": "Logopēds", "status": "not_available"}
    assert (await inese.post(f"{PLAN}/items/new", missing)).status_code == 422
    await inese.post(f"{PLAN}/items/new", missing | {"reason": "Rinda ir gads."})
    aija = await visit("aija-zarina")
    await aija.get(f"{PLAN}?version=new")
    assert "Aizved uz treniņu" in aija.page, "the team reads the draft"
    ilze = await visit("ilze-kalnina", "family")
    await ilze.get(f"{PLAN}?version=new")
    assert "Aizved uz treniņu" not in ilze.page, "the family does not"
    await inese.post(f"{PLAN}/proposal", {"step": ""})
    assert ("p:ilze-kalnina", "plan_proposed") in await told(held)
    late = await inese.post(f"{PLAN}/items/new", goal_form(inese, "Vēl kaut kas"))
    assert late.status_code == 422
    assert "Vispirms atsauciet to" in inese.page
    await inese.get(PLAN + "?version=2")
    proposal = inese.hidden("proposal")
    early = await inese.post(f"{PLAN}/in-force", {"proposal": proposal})
    assert early.status_code == 422
    assert "Ilze Kalniņa" in inese.page
    await ilze.get(PLAN)
    assert "Aizved uz treniņu" in ilze.page
    answer = {"proposal": ilze.hidden("proposal"), "word": "disagree"}
    assert (await ilze.post(f"{PLAN}/answer", answer)).status_code == 422
    answer["reason"] = "Otrdienās strādāju."
    assert path_of(await ilze.post(f"{PLAN}/answer", answer)) == PLAN
    await ilze.post(f"{PLAN}/answer", answer)
    assert len((await working(held)).words) == 1, "sent twice it is one word"
    assert ("inese-liepina-1", "plan_answered") in await told(held)
    unable = {"proposal": proposal, "person": "andris-kalnins", "word": "unable", "reason": "Nav sasniedzams."}
    assert path_of(await inese.post(f"{PLAN}/words", unable)) == PLAN
    await inese.post(f"{PLAN}/in-force", {"proposal": proposal})
    await inese.post(f"{PLAN}/in-force", {"proposal": proposal})
    first, second = await plans(held)
    assert (first.state, second.state) == ("replaced", "in_force")
    assert [word.reason for word in second.words] == ["Otrdienās strādāju.", "Nav sasniedzams."]
    assert ("aija-zarina-1", "task_given") in await told(held)
    frozen = await inese.post(f"{PLAN}/items/{second.goals[0].id}", {"text": "Cits", "version": 1})
    assert frozen.status_code == 404
    assert (await holding(held)).goals == second.goals
    for act in (Act.PLAN_BEGUN, Act.PLAN_PROPOSED, Act.PLAN_IN_FORCE):
        assert await held.store.audit_entries.count_documents({"act": act, "dossier_id": MARTA}) == 1, act
    assert await held.store.audit_entries.count_documents({"act": Act.PLAN_WORD, "dossier_id": MARTA}) == 2
    await inese.get(f"{PLAN}?version=1")
    assert "Katru rītu sagaida" in inese.page, "the history stays readable"


async def test_two_edits_of_one_line_show_both_texts_and_additions_never_conflict(visit: Visit, held: Runtime):
    inese, dace = await visit("inese-liepina"), await visit("dace-ozola")
    await inese.get(PLAN)
    await inese.post(PLAN)
    goal = (await working(held)).goals[0]
    for browser in (inese, dace):
        await browser.get(f"{PLAN}/items/{goal.id}")
    await dace.post(f"{PLAN}/items/{goal.id}", {"text": "Dace to rakstīja.", "version": goal.version})
    second = await inese.post(f"{PLAN}/items/{goal.id}", {"text": "Inese to rakstīja.", "version": goal.version})
    assert second.status_code == 409
    assert "Dace to rakstīja." in inese.page
    assert "Inese to rakstīja." in inese.page
    again = {"text": "Inese to rakstīja.", "version": inese.hidden("version")}
    assert path_of(await inese.post(f"{PLAN}/items/{goal.id}", again)) == PLAN
    await inese.post(f"{PLAN}/items/{goal.id}", again)
    assert ((await working(held)).goals[0].text, (await working(held)).goals[0].version) == ("Inese to rakstīja.", 3)
    for browser in (inese, dace):
        await browser.get(f"{PLAN}/items/new?kind=goal")
    for browser, text in ((inese, "Viens"), (dace, "Otrs")):
        assert path_of(await browser.post(f"{PLAN}/items/new", goal_form(browser, text))) == PLAN
    assert {"Viens", "Otrs"} <= {g.text for g in (await working(held)).goals}
    stale = await dace.post(f"{PLAN}/items/{goal.id}/removal", {"version": goal.version})
    assert stale.status_code == 409
    await dace.post(f"{PLAN}/items/{goal.id}/removal", {"version": 3})
    assert goal.id not in {g.id for g in (await working(held)).goals}


async def test_an_own_task_is_on_the_desk_and_its_end_is_told(visit: Visit, held: Runtime):
    inese, aija = await visit("inese-liepina"), await visit("aija-zarina")
    async with no_collection_scans(held.store.database):
        await inese.get("/desk")
        assert "Palīdz sarunāt vizīti" in inese.page
        assert "kavējas 4 dienas" in inese.page
        await inese.get("/tasks")
        assert "Palīdz sarunāt vizīti" in inese.page
        await aija.get("/tasks")
        assert "Katru rītu sagaida" in aija.page
        assert "Palīdz sarunāt" not in aija.page
    task = next(t for t in (await holding(held)).tasks if t.doer.id == "aija-zarina-1")
    page = f"{PLAN}/tasks/{task.id}"
    await aija.get(page)
    assert (await aija.post(page, {"state": "not_done", "version": task.version})).status_code == 422
    assert "nākamais plāns no tā mācīsies" in aija.page
    assert (await aija.post(page, {"state": "x", "version": task.version})).status_code == 422
    done = {"state": "done", "result": "Marta nāk pati.", "version": task.version}
    assert path_of(await aija.post(page, done)) == PLAN
    await aija.post(page, done)
    assert await held.store.audit_entries.count_documents({"act": Act.TASK_REPORTED, "subject": task.id}) == 1
    late = await inese.post(page, {"state": "doing", "result": "Vēl ne", "version": task.version})
    assert late.status_code == 409
    assert "Marta nāk pati." in inese.page
    assert "Vēl ne" in inese.page
    assert ("inese-liepina-1", "task_reported") in await told(held)
    await aija.get("/tasks")
    assert "Katru rītu sagaida" not in aija.page


async def test_a_parent_ticks_the_own_task_and_nobody_elses(visit: Visit, held: Runtime):
    ilze, andris = await visit("ilze-kalnina", "family"), await visit("andris-kalnins", "family")
    await ilze.get("/desk")
    assert f'href="{PLAN}"' in ilze.page
    await ilze.get(PLAN)
    mine = next(t for t in (await holding(held)).tasks if t.doer.id == "ilze-kalnina" and t.state == "open")
    assert mine.text in ilze.page
    assert "Pārrunā ar mammu" in ilze.page
    await andris.get(PLAN)
    assert "Pārrunā ar mammu" not in andris.page, "withheld from the father"
    assert mine.text not in andris.page, "another adult's task is that adult's"
    refused = await andris.post(f"{PLAN}/tasks/{mine.id}", {"state": "done", "version": mine.version})
    assert refused.status_code == 403
    others = next(t for t in (await holding(held)).tasks if t.doer.kind == "specialist")
    assert (await ilze.post(f"{PLAN}/tasks/{others.id}", {"state": "done", "version": 1})).status_code == 403
    assert path_of(await ilze.post(f"{PLAN}/tasks/{mine.id}", {"state": "done", "version": mine.version})) == PLAN
    assert "Izdarīts. Paldies!" in ilze.page
    assert next(t for t in (await holding(held)).tasks if t.id == mine.id).state == "done"


async def test_a_parent_without_custody_agrees_nothing(visit: Visit, held: Runtime):
    """The word of one whose custody ended is refused with a sentence, and one said before counts no more."""
    row = await held.store.dossiers.find_one({"_id": JANIS})
    child = Dossier.model_validate(row)
    father = next(r for r in child.relationships if r.kind == "father")
    yesterday = day_of(held.now()) - timedelta(days=1)
    father.legal_roles.append(LegalRole(role="custody_suspended", since=yesterday))
    values = {"relationships": [to_bson(r) for r in child.relationships], **derived(child)}
    await held.store.dossiers.update_one({"_id": JANIS}, {"$set": values})
    inese, andris = await visit("inese-liepina"), await visit("andris-kalnins", "family")
    assert (await andris.get(THEIRS)).status_code == 404
    await inese.get(f"{THEIRS}?version=new")
    proposal = inese.hidden("proposal")
    said = {"proposal": proposal, "person": "andris-kalnins", "word": "agree"}
    assert (await inese.post(f"{THEIRS}/words", said)).status_code == 422
    assert "nav bērna aizgādības vai aprūpes" in inese.page
    assert path_of(await inese.post(f"{THEIRS}/in-force", {"proposal": proposal})) == THEIRS
    assert (await holding(held, JANIS)).state == "in_force"


async def test_an_answer_to_a_plan_that_was_taken_back_is_not_taken(visit: Visit, held: Runtime):
    inese, ilze = await visit("inese-liepina"), await visit("ilze-kalnina", "family")
    await ilze.get(THEIRS)
    old = {"proposal": ilze.hidden("proposal"), "word": "disagree", "reason": "Pārdomāju."}
    await inese.get(f"{THEIRS}?version=new")
    await inese.post(f"{THEIRS}/proposal", {"step": "back"})
    assert (await ilze.post(f"{THEIRS}/answer", old)).status_code == 422
    await inese.post(f"{THEIRS}/proposal", {"step": ""})
    assert (await ilze.post(f"{THEIRS}/answer", old)).status_code == 409
    assert "Pārdomāju." in ilze.page, "what was typed is kept"


@pytest.mark.parametrize(
    ("person", "sees", "not_"),
    [
        ("ruta-abele", [], ["Marta katru dienu ir skolā", "Katru rītu sagaida"]),
        ("girts-kenins", [], ["Katru rītu sagaida"]),
        ("vita-eglite", ["Aija Zariņa"], ["Katru rītu sagaida", "Marta katru dienu ir skolā"]),
        ("anda-zagare", ["Katru rītu sagaida", "Marta katru dienu ir skolā"], []),
    ],
)
async def test_each_reads_of_the_plan_what_the_relation_gives(
    visit: Visit, person: str, sees: list[str], not_: list[str]
):
    browser = await visit(person)
    assert (await browser.get(PLAN)).status_code == 200
    assert [text for text in sees if text not in browser.page] == []
    assert [text for text in not_ if text in browser.page] == []
    assert not re.search(r"/plan/items/", browser.page)
    assert (await browser.post(PLAN)).status_code == 403


async def test_nobody_writes_over_what_a_parent_answered(visit: Visit, held: Runtime):
    """Also not from a form that was open before the parent answered."""
    inese, ilze = await visit("inese-liepina"), await visit("ilze-kalnina", "family")
    andris = await visit("andris-kalnins", "family")
    await inese.get(f"{THEIRS}?version=new")
    for step in ("back", ""):
        await inese.post(f"{THEIRS}/proposal", {"step": step})
    await inese.get(f"{THEIRS}?version=new")
    proposal = inese.hidden("proposal")
    assert 'value="ilze-kalnina"' in inese.page, "who has not answered is offered"
    await ilze.get(THEIRS)
    own = {"proposal": ilze.hidden("proposal"), "word": "disagree", "reason": "Gribu citādi."}
    assert path_of(await ilze.post(f"{THEIRS}/answer", own)) == THEIRS
    before = (await working(held, JANIS)).words
    over = {"proposal": proposal, "person": "ilze-kalnina", "word": "agree", "reason": "Pa tālruni."}
    assert (await inese.post(f"{THEIRS}/words", over)).status_code == 422
    assert "Ilze Kalniņa uz šo piedāvājumu jau atbildēja" in inese.page
    assert "Pa tālruni." in inese.page, "what was typed is kept"
    assert (await working(held, JANIS)).words == before, "nothing is overwritten"
    assert 'value="ilze-kalnina"' not in inese.page
    assert 'value="andris-kalnins"' in inese.page
    for word in ("agree", "disagree"):
        told_her = {"proposal": proposal, "person": "andris-kalnins", "word": word, "reason": "Tā teica."}
        assert path_of(await inese.post(f"{THEIRS}/words", told_her)) == THEIRS, "written down it may be corrected"
    assert ("p:andris-kalnins", "plan_word") in await told(held)
    assert ("p:ilze-kalnina", "plan_word") not in await told(held)
    await andris.get(THEIRS)
    his = {"proposal": andris.hidden("proposal"), "word": "disagree", "reason": "Tā teica."}
    await andris.post(f"{THEIRS}/answer", his)
    assert (await working(held, JANIS)).own_words == {"ilze-kalnina", "andris-kalnins"}, "said again it is his own"
    await inese.get(f"{THEIRS}?version=new")
    assert "Pierakstīt, ko kāds pateica" not in inese.page, "nobody is left to write for"


async def test_a_task_of_somebody_who_left_is_given_anew_before_the_plan_goes_on(visit: Visit, held: Runtime):
    inese, aija = await visit("inese-liepina"), await visit("aija-zarina")
    row = await held.store.people.find_one({"_id": "edgars-kalejs"}) or {}
    role, team = row["roles"][0], f"/dossiers/{MARTA}/team"
    joining = {"person": "", "email": role["email"], "function": "Atbalsts policijā", "why": "Iet līdzi uz policiju."}

    async def leaves(answer: bool) -> None:
        """Edgars leaves the team, or joins it again."""
        await inese.get(team)
        await inese.post(f"{team}/{role['id']}/leaving" if answer else team, {} if answer else joining)

    await leaves(False)
    await inese.post(PLAN)
    await inese.get(f"{PLAN}/items/new?kind=task")
    form = {"kind": "task", "text": "Iet līdzi", "doer": f"r:{role['id']}", "due": day(held, 5)}
    sent = form | {"submission": inese.hidden("submission")}
    assert path_of(await inese.post(f"{PLAN}/items/new", sent)) == PLAN
    await leaves(True)
    assert (await inese.post(f"{PLAN}/proposal", {"step": ""})).status_code == 422
    assert "„Iet līdzi”" in inese.page and "piekļuves bērna profilam: Edgars Kalējs" in inese.page
    assert (await working(held)).state == "draft"
    await leaves(False)
    await inese.post(f"{PLAN}/proposal", {"step": ""})
    await inese.get(f"{PLAN}?version=2")
    proposal = inese.hidden("proposal")
    for person in ("ilze-kalnina", "andris-kalnins"):
        await inese.post(f"{PLAN}/words", {"proposal": proposal, "person": person, "word": "agree"})
    await leaves(True)
    await inese.get(f"{PLAN}?version=2")
    assert (await inese.post(f"{PLAN}/in-force", {"proposal": proposal})).status_code == 422
    assert "piekļuves bērna profilam: Edgars Kalējs" in inese.page
    await leaves(False)
    assert path_of(await inese.post(f"{PLAN}/in-force", {"proposal": proposal})) == PLAN
    assert (await holding(held)).number == 2
    await inese.get(PLAN)
    assert "piekļuves vairs nav" not in inese.page
    await leaves(True)
    await inese.get(PLAN)
    assert inese.page.count("piekļuves vairs nav: dodiet kādam citam") == 1
    await aija.get(PLAN)
    assert "piekļuves vairs nav" not in aija.page, "it is said to who writes the plan"


async def test_no_task_lies_under_a_goal_kept_from_who_does_it(visit: Visit, held: Runtime):
    inese = await visit("inese-liepina")
    await inese.get(PLAN)
    await inese.post(PLAN)
    plan = await working(held)
    hers = next(t for t in plan.tasks if t.doer.id == "ilze-kalnina")
    goal = next(g for g in plan.goals if g.id == hers.goal_id)
    kept = {"text": goal.text, "version": goal.version, "withheld": "mother", "withheld_reason": "Saruna ar bērnu."}
    assert (await inese.post(f"{PLAN}/items/{goal.id}", kept)).status_code == 422
    assert "ir uzdevums, kuru dara Ilze Kalniņa" in inese.page
    await inese.get(f"{PLAN}/items/new?kind=goal")
    new = kept | {"kind": "goal", "text": "Bērns stāsta.", "submission": inese.hidden("submission")}
    assert path_of(await inese.post(f"{PLAN}/items/new", new)) == PLAN
    hidden = (await working(held)).goals[-1]
    form = {"kind": "task", "text": "Uzklausa", "goal": hidden.id, "due": day(held, 5)}
    assert (await inese.post(f"{PLAN}/items/new", form | {"doer": "p:ilze-kalnina"})).status_code == 422
    assert "Šis mērķis nav redzams tam, kurš uzdevumu dara" in inese.page
    assert path_of(await inese.post(f"{PLAN}/items/new", form | {"doer": "r:aija-zarina-1"})) == PLAN
    plan = await working(held)
    given = next(t for t in plan.tasks if t.doer.id == "ilze-kalnina" and t.state == "open")
    given.goal_id = hidden.id  # as one written before this was checked
    await held.store.dossiers.update_one({"_id": MARTA}, {"$set": {"plans.1": to_bson(plan)}})
    await inese.get(f"{PLAN}?version=new")
    assert (await inese.post(f"{PLAN}/proposal", {"step": ""})).status_code == 422
    assert "nav redzams tam, kam tas jādara: Ilze Kalniņa" in inese.page
