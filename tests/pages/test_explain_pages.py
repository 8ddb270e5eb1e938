"""Why may somebody? A steward asks on the page or the console; the child stays unseen, the question is on record."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from documents.model import day_of
from documents.personal_code import parse
from fixtures.story import dossier_id, load_story
from portal.cli import atbalsts
from portal.cli.stores import Refusal, key_file, open_command_store
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of
from tests.scans import no_collection_scans

MARTA, ALISE, PAULA = dossier_id("marta"), dossier_id("alise"), dossier_id("paula")
Visit = Callable[..., Awaitable[Browser]]


def text(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])))


async def ask(browser: Browser, status: int = 200, **question: str) -> str:
    await browser.get("/admin/explain")
    form = {"person": "inese-liepina", "role": "", "action": "base.read", "dossier": MARTA, "day": ""} | question
    answer = await browser.post("/admin/explain", form)
    assert answer.status_code == status
    return text(browser.page)


async def test_the_answer_names_relation_window_and_basis_and_is_recorded(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    async with no_collection_scans(held.store.database):
        told = await ask(browser)
    assert "Jā. Šīs tiesības dod saistība „gadījuma vadītājs”." in told
    assert "inese-liepina-1" in told and "bez beigām" in told and "MK noteikumi Nr. 157" in told
    row = await held.store.audit_entries.find_one({"act": "access.explained"}, sort=[("at", -1)])
    assert row and (row["person_id"], row["subject"], row["dossier_id"]) == ("linda-karklina", "inese-liepina", MARTA)


async def test_nothing_of_the_child_is_on_the_page(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    child = row["child"]
    for person in ("inese-liepina", "vita-eglite", "ruta-abele", "ilze-kalnina", "girts-kenins", "kristine-lapina"):
        told = await ask(browser, person=person)
        assert not [word for word in (child["given_name"], child["family_name"], "Ilze", "māte") if word in told]


async def test_a_denial_own_family_and_somebody_without_relation_are_told_apart(visit: Visit) -> None:
    browser = await visit("linda-karklina")
    assert "spēkā liegums" in await ask(browser, person="janis-dreimanis", dossier=ALISE)
    assert "pašas personas ģimenes" in await ask(browser, person="kristine-lapina")
    assert "nav nekādas saistības" in await ask(browser, person="zane-kaulina")
    assert "Nē. Amatā tas neietilpst." in await ask(browser, person="ruta-abele", action="search.nation")


async def test_somebody_is_found_by_personal_code_and_another_day_may_be_asked_about(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("linda-karklina")
    code = codes_of(held)["inese-liepina"]
    assert parse(code, accept_invented=True).text == code
    assert "gadījuma vadītājs" in await ask(browser, person=code)
    assert code not in str(await held.store.audit_entries.find({"act": "access.explained"}).to_list())
    assert "neviena loma nav spēkā" in await ask(browser, day="01.02.2001.")


async def test_what_is_not_there_and_a_child_nobody_may_open_are_one_answer(visit: Visit) -> None:
    browser = await visit("linda-karklina")
    for child in ("0" * 13, PAULA):
        assert "Atvērta bērna profila ar šādu identifikatoru nav." in await ask(browser, 422, dossier=child)
    assert "Konta ar šādu" in await ask(browser, 422, person="nobody")
    assert "tādas lomas nav" in await ask(browser, 422, role="zane-kaulina-1")
    assert "Izvēlieties, par ko" in await ask(browser, 422, action="dossier.delete")


async def test_a_steward_asks_nothing_about_oneself_nor_the_own_family(visit: Visit, held: Runtime) -> None:
    browser = await visit("linda-karklina")
    assert "Jāskatās citam sistēmas pārzinim" in await ask(browser, 422, person="linda-karklina")
    try:
        await held.store.dossiers.update_one({"_id": MARTA}, {"$addToSet": {"family_ids": "linda-karklina"}})
        told = await ask(browser, 422)
        assert "Jāskatās citam sistēmas pārzinim" in told and "gadījuma vadītājs" not in told
    finally:
        await held.store.dossiers.update_one({"_id": MARTA}, {"$pull": {"family_ids": "linda-karklina"}})
    refused = await held.store.audit_entries.distinct("reason", {"act": "access.explained", "outcome": "refused"})
    assert set(refused) == {"about_oneself", "own_family"}


@pytest.mark.parametrize("person", ["inese-liepina", "vita-eglite", "renate-vilcina", "ilze-kalnina"])
async def test_nobody_else_is_shown_the_page_or_its_link(visit: Visit, person: str) -> None:
    browser = await visit(person)
    await browser.get("/roles")
    assert "/admin/" not in browser.page
    assert (await browser.get("/admin/explain")).status_code == 403
    await browser.get("/roles")
    assert (await browser.post("/admin/explain", {"person": "zane-kaulina"})).status_code == 403


def test_the_console_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGODB_URI", raising=False)
    runner = CliRunner()
    with pytest.raises(Refusal, match="no portal has run"):
        runner.invoke(atbalsts, ["explain", "x", "base.read", "y", "--data", str(tmp_path)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == [], "looking makes no database"

    async def tell() -> None:
        now = datetime.now(UTC)
        async with open_command_store(tmp_path, cache_gb=0.25) as store:
            key_file(tmp_path, "audit", 32)
            await load_story(store, day_of(now), now)

    def asked(*words: str) -> Result:
        return runner.invoke(atbalsts, ["explain", *words, "--data", str(tmp_path)], catch_exceptions=False)

    asyncio.run(tell())
    told = asked("inese-liepina", "base.read", MARTA).output
    assert "Jā. Šīs tiesības dod saistība „gadījuma vadītājs”." in told and "MK noteikumi Nr. 157" in told
    english = asked("janis-dreimanis", "timeline.read", ALISE, "--lang", "en").output
    assert "No. A denial is in force" in english and "Denials in force: " in english
    then = asked("inese-liepina", "base.read", MARTA, "--at", "2001-02-01", "--lang", "en").output
    assert "no role is in force" in then
    with pytest.raises(Refusal, match="no such dossier"):
        asked("inese-liepina", "base.read", "0" * 13)
