"""After a join: old addresses and forms lead to the true dossier, and only those who may open it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from documents.acts import Act
from documents.child import Child
from documents.dossier import Dossier
from documents.model import to_bson
from documents.personal_code import invent, parse
from documents.store import Store
from fixtures.story import dossier_id
from portal.cli import atbalsts
from portal.cli.stores import Refusal, open_command_store
from portal.identities.joining import Order, join_with_code
from portal.identities.parting import unjoin
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, path_of
from tests.pages.test_event_pages import filled
from tests.pages.test_newcomer_pages import CHILD, FORM, NEED
from tests.pages.test_notice_pages import put
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
PAULA = dossier_id("paula")


@pytest_asyncio.fixture(loop_scope="session")
async def joined(visit: Visit, held: Runtime) -> AsyncIterator[tuple[str, str]]:
    """An unknown girl whom Aija found, joined with Paula of the register; the old id and the entry of the need."""
    browser = await visit("aija-zarina")
    await browser.get(FORM)
    form = CHILD | NEED | {name: browser.hidden(name) for name in ("role", "submission")}
    old = path_of(await browser.post(FORM, form)).rpartition("/")[2]
    row = await held.store.dossiers.find_one({"_id": old})
    assert row
    code = parse(codes_of(held)[PAULA], accept_invented=True)
    order = Order("server", "Bērnu atpazina vecmāmiņa", held.now())
    await join_with_code(held.store, old, code, order)
    yield old, row["events"][0]["id"]
    await unjoin(held.store, old, order)
    await held.store.dossiers.delete_one({"_id": old})


async def test_every_old_address_leads_to_the_same_page_of_the_true_dossier(
    visit: Visit, joined: tuple[str, str]
) -> None:
    old, entry = joined
    browser = await visit("aija-zarina")
    for page in ("", "/timeline?domain=welfare", "/family", "/base", "/access-log", "/events/new", f"/events/{entry}"):
        answer = await browser.get(f"/dossiers/{old}{page}", follow=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/dossiers/{PAULA}{page}")
        # Who is responsible reads no log, there as here.
        assert (await browser.get(f"/dossiers/{old}{page}")).status_code == (403 if page == "/access-log" else 200)
    await browser.get(f"/dossiers/{PAULA}")
    assert "Paula Sproģe" in browser.page and "Bērnu atpazina vecmāmiņa" in browser.page
    assert "Apvienots ar citu tā paša bērna profilu" in browser.page and "Pagaidu identitāte." not in browser.page
    await browser.get("/desk")
    assert "Paula Sproģe" in browser.page and "Nezināma" not in browser.page


async def test_a_form_begun_before_the_join_is_saved_where_the_child_is_now(
    visit: Visit, held: Runtime, joined: tuple[str, str]
) -> None:
    browser = await visit("aija-zarina")
    await browser.get(f"/dossiers/{PAULA}/events/new")
    sent = filled(browser, held, summary="Rakstīts vēl vecajā adresē", kind="home_visit")
    answer = await browser.post(f"/dossiers/{joined[0]}/events", sent)
    assert path_of(answer).startswith(f"/dossiers/{PAULA}/events/") and "Rakstīts vēl vecajā" in browser.page


async def test_a_notice_from_before_the_join_names_the_child_to_who_reaches_it_now(
    visit: Visit, held: Runtime, joined: tuple[str, str]
) -> None:
    old, entry = joined
    for person in ("aija-zarina", "zane-kaulina"):
        await put(held, "added", old, subject=entry, to_role=f"{person}-1")
        browser = await visit(person)
        async with no_collection_scans(held.store.database):
            await browser.get("/notices")
        here = person == "aija-zarina"
        assert (f"/dossiers/{old}/events/{entry}" in browser.page) is here, "the old address leads there"
        assert ("Paula Sproģe" in browser.page) is here
        assert ("jums vairs nav pieejams" in browser.page) is not here
    look = {"act": Act.NOTICES_READ, "person_id": "aija-zarina"}
    row = await held.store.audit_entries.find_one(look, sort=[("at", -1)]) or {}
    assert PAULA in row["children"] and old not in row["children"]


async def test_to_who_may_not_open_the_true_dossier_the_old_address_is_nothing(
    visit: Visit, joined: tuple[str, str]
) -> None:
    for person in ("zane-kaulina", "inese-liepina", "agnese-sproge"):
        browser = await visit(person)
        reached = (await browser.get(f"/dossiers/{PAULA}")).status_code
        answer = await browser.get(f"/dossiers/{joined[0]}", follow=False)
        assert answer.status_code == (303 if reached == 200 else 404), person
        if reached != 200:
            assert PAULA not in answer.text and PAULA not in str(answer.headers)


async def test_who_looked_before_the_join_is_still_to_be_seen(visit: Visit, joined: tuple[str, str]) -> None:
    browser = await visit("agnese-sproge")
    assert (await browser.get(f"/dossiers/{PAULA}/access-log")).status_code == 200
    assert "identificēja vajadzību" in browser.page


async def test_a_foreign_tombstone_is_answered_like_no_dossier_at_all(visit: Visit, joined: tuple[str, str]) -> None:
    browser = await visit("zane-kaulina")

    async def seen(child: str) -> str:
        text = (await browser.client.get(f"/dossiers/{child}")).text.replace(child, "")
        return re.sub(r'name="csrf" value="[^"]*"|<time.*?</time>', "", text)

    assert await seen(joined[0]) == await seen("0" * 13)


# --- at the server's console -------------------------------------------------------------------------------------

OLD, TRUE = "0000000000aaa", "0000000000bbb"
CODE = invent(date(2020, 5, 1), 3)


def two_dossiers(data: Path) -> None:
    async def put(store: Store) -> None:
        for key, provisional in ((OLD, True), (TRUE, False)):
            child = Child(given_name="A", family_name="B", birth_date=date(2020, 5, 1), provisional=provisional)
            if not provisional:
                child.code_hash = parse(CODE, accept_invented=True).hash(store.code_key)
            await store.dossiers.insert_one(to_bson(Dossier(id=key, child=child)))

    async def run() -> None:
        async with open_command_store(data) as store:
            await put(store)

    asyncio.run(run())


def test_the_console_joins_and_takes_apart_and_says_what_it_did(
    mongo_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URI", mongo_uri)
    two_dossiers(tmp_path)
    where, why = ["--data", str(tmp_path)], ["--reason", "Kods saņemts no dzimtsarakstiem"]

    def said(*words: str, typed: str = "") -> str:
        result = CliRunner().invoke(atbalsts, ["admin", *words, *where], input=typed)
        if isinstance(result.exception, Refusal):
            return f"refused: {result.exception}"
        assert result.exit_code == 0, result.output
        return result.output

    assert "why" in said("join", OLD, TRUE, "--reason", "tā")
    assert "neither" in said("join", OLD, "Anna Bērziņa", *why)
    answer = said("join", OLD, "-", *why, typed=f"{CODE}\n")
    assert f"{OLD} leads to {TRUE} now; 0 entries moved." in answer and CODE not in answer
    assert "already" in said("join", OLD, TRUE, *why)
    assert f"{OLD} stands by itself again" in said("unjoin", OLD, *why)
    assert "not joined" in said("unjoin", OLD, *why)
    fresh = invent(date(2020, 5, 1), 4)
    assert "provisional no more" in said("join", OLD, fresh, *why)
    missing = CliRunner().invoke(atbalsts, ["admin", "join", OLD, TRUE, *where])
    assert missing.exit_code == 2 and "--reason" in missing.output
