"""A head's questions and the family's talk with the case manager: sealed, told of, read by who takes part only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from documents.acts import Act
from documents.thread import FULL
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of
from tests.scans import no_collection_scans

MARTA = dossier_id("marta")
PAGE = f"/dossiers/{MARTA}/messages"
WORDS = "Kad ir sarunāta vizīte pie psihologa?"
Visit = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(held: Runtime) -> AsyncIterator[None]:
    before = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    await held.store.outbox.delete_many({})
    yield
    await held.store.dossiers.replace_one({"_id": MARTA}, before)
    await held.store.threads.delete_many({})


async def told(held: Runtime) -> set[tuple[str, str]]:
    rows = await held.store.outbox.find({"kind": "notice"}).to_list()
    return {(row.get("to_role") or row["to_key"], row["content"]["change"]) for row in rows}


async def threads(held: Runtime) -> list[dict[str, Any]]:
    return await held.store.threads.find().sort("begun_at", 1).to_list()


async def test_a_head_asks_the_specialist_answers_and_the_question_is_closed(visit: Visit, held: Runtime):
    head = await visit("vita-eglite")
    await head.get(PAGE)
    form = {"submission": head.hidden("submission"), "person": "inese-liepina-1", "text": WORDS}
    for wrong, word in (
        ({"person": ""}, "Izvēlieties kādu no saviem darbiniekiem"),
        ({"person": "aija-zarina-1"}, "Izvēlieties kādu no saviem darbiniekiem"),
        ({"text": ""}, "Ierakstiet, ko gribat pateikt"),
        ({"text": "a" * 4001}, "4001"),
    ):
        assert (await head.post(f"/dossiers/{MARTA}/questions", form | wrong)).status_code == 422, wrong
        assert word in head.page
    async with no_collection_scans(held.store.database):
        assert path_of(await head.post(f"/dossiers/{MARTA}/questions", form)) == PAGE
        await head.post(f"/dossiers/{MARTA}/questions", form)
    made = await threads(held)
    assert len(made) == 1, "sent twice it is asked once"
    assert WORDS not in str(made), "sealed"
    assert await told(held) == {("inese-liepina-1", "question_asked")}
    one = f"{PAGE}/{made[0]['_id']}"
    inese = await visit("inese-liepina")
    await inese.get("/desk")
    assert f'href="{one}"' in inese.page
    async with no_collection_scans(held.store.database):
        await inese.get(one)
        assert WORDS in inese.page
        answer = {"submission": inese.hidden("submission", one), "text": "Tā ir ceturtdien."}
        assert path_of(await inese.post(one, answer)) == one
        await inese.post(one, answer)
    assert len((await threads(held))[0]["messages"]) == 2
    await head.get(PAGE)
    await head.get(one)
    assert "Tā ir ceturtdien." in head.page
    assert "Marta" not in head.page
    assert ("vita-eglite-1", "question_answered") in await told(held)
    old = await head.post(f"{one}/closure", {"version": 1})
    assert old.status_code == 409, "what came meanwhile is read first"
    assert path_of(await head.post(f"{one}/closure", {"version": head.hidden("version")})) == one
    assert "Jautājumu slēdza Vita Eglīte" in head.page
    late = await inese.post(one, {"text": "Vēl kas."})
    assert late.status_code == 422
    assert "slēgts" in inese.page
    acts = await held.store.audit_entries.distinct("act", {"dossier_id": MARTA, "subject": made[0]["_id"]})
    assert {Act.QUESTION_ASKED, Act.MESSAGE_SENT, Act.QUESTION_CLOSED, Act.DOSSIER_READ} <= set(acts)
    unit = await visit("sanita-berzina")
    assert (await unit.get(one)).status_code == 200, "a head between them reads it too"
    for person in ("dace-ozola", "aija-zarina", "valdis-strods", "ilze-kalnina", "zane-kaulina"):
        browser = await visit(person)
        assert (await browser.get(one)).status_code == 404, person
        await browser.get("/roles")
        assert (await browser.post(one, {"text": "x"})).status_code == 404, person
        assert (await browser.post(f"{one}/closure", {"version": 3})).status_code in (403, 404), person


async def test_the_mother_writes_and_only_who_leads_the_case_reads_and_answers(visit: Visit, held: Runtime):
    mother = await visit("ilze-kalnina")
    await mother.get(PAGE)
    text = "Ceturtdien strādāju. Vai var piektdien?\n<script>alert(1)</script>"
    form = {"submission": mother.hidden("submission"), "text": text}
    async with no_collection_scans(held.store.database):
        assert path_of(await mother.post(PAGE, form)) == PAGE
    await mother.post(PAGE, form)
    made = await threads(held)
    assert len(made) == 1 and len(made[0]["messages"]) == 1
    assert await told(held) == {("inese-liepina-1", "message_from_family"), ("dace-ozola-1", "message_from_family")}
    one = f"{PAGE}/{made[0]['_id']}"
    inese = await visit("inese-liepina")
    await inese.get(one)
    assert "Vai var piektdien?" in inese.page
    assert "<script>alert" not in inese.page
    assert path_of(await inese.post(one, {"text": "Var, plkst. 15."})) == one
    before = (await threads(held))[0]
    both = [inese.post(PAGE, {"person": "ilze-kalnina", "text": f"Ziņa {n}"}) for n in range(3)]
    await asyncio.gather(*both)
    assert len((await threads(held))[0]["messages"]) == len(before["messages"]) + 3, "no message is lost"
    assert ("p:ilze-kalnina", "message_to_family") in await told(held)
    await mother.get(one)
    assert "Var, plkst. 15." in mother.page
    for person in ("andris-kalnins", "aija-zarina", "vita-eglite", "ruta-abele"):
        other = await visit(person)
        await other.get(PAGE)
        assert one not in other.page, person
        assert (await other.get(one)).status_code == 404, person
    wrong = await inese.post(PAGE, {"person": "zane-kaulina", "text": "x"})
    assert wrong.status_code == 422
    await held.store.threads.update_one(
        {"_id": made[0]["_id"]}, {"$set": {"messages": (await threads(held))[0]["messages"][:1] * FULL}}
    )
    assert (await mother.post(one, {"text": "Vēl"})).status_code == 422
    await mother.post(PAGE, {"text": "Vēl viens jautājums"})
    assert len(await threads(held)) == 2, "a full thread is followed by another"
    await held.store.dossiers.update_one({"_id": MARTA}, {"$unset": {"case_manager": "", "family_case_manager": ""}})
    assert (await mother.post(PAGE, {"text": "Kas tagad?"})).status_code == 422
    assert "116" in mother.page
