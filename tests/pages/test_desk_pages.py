"""My desk, roles, languages and the pages for everybody."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from documents.acts import Act
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

Visit = Callable[..., Awaitable[Browser]]
FULL = "Vairāk bērnu šeit nerāda."


async def test_the_desk_shows_my_children_and_what_others_changed_since_i_looked(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/desk")
    assert all(name in browser.page for name in ("Marta Kalniņa", "Jānis Kalniņš", "Līva Lūse"))
    assert "kopš jūsu pēdējās reizes" in browser.page
    await browser.get(f"/dossiers/{dossier_id('marta')}")
    await browser.get("/desk")
    assert "has-news" not in browser.page


async def test_a_long_desk_has_pages_and_each_look_is_recorded_for_its_own_children(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.desk.actions.PAGE", 2)
    await held.store.outbox.delete_many({})  # a notice's child is named on every page
    browser = await visit("inese-liepina")
    shown = []
    for address in ("/desk", "/desk?page=2"):
        await browser.get(address)
        shown.append(children_on(browser))
        [look] = await held.store.audit_entries.find({"act": Act.DESK_READ}).sort("_id", -1).limit(1).to_list()
        assert sorted(look["children"]) == sorted(shown[-1]) and look["count"] == 3
        assert ("Nākamā lapa" in browser.page, "Iepriekšējā lapa" in browser.page) == (len(shown) == 1, len(shown) == 2)
    assert [len(page) for page in shown] == [2, 1] and len({*shown[0], *shown[1]}) == 3
    for beyond, page in (("99", 1), ("3", 1), ("-1", 0), ("x", 0), ("0", 0), ("²", 0)):
        assert (await browser.get(f"/desk?page={beyond}")).status_code == 200
        assert children_on(browser) == shown[page], beyond


async def test_what_is_new_comes_first_whatever_the_page_of_its_name(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.desk.actions.PAGE", 1)
    browser = await visit("inese-liepina")
    for child in ("marta", "janis", "liva"):
        await browser.get(f"/dossiers/{dossier_id(child)}")
    await browser.get("/desk?page=3")
    [last] = children_on(browser)
    row = await held.store.dossiers.find_one({"_id": last}) or {}
    held.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    change = {**row["recent"][-1], "at": held.now(), "role_id": "somebody-else-1", "confidentiality": "standard"}
    await held.store.dossiers.update_one({"_id": last}, {"$push": {"recent": change}})
    await browser.get("/desk")
    assert children_on(browser) == [last] and "1 izmaiņa" in browser.page


async def test_a_full_desk_says_so(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/desk")
    assert FULL not in browser.page
    monkeypatch.setattr("portal.desk.actions.SHOWN", 3)
    await browser.get("/desk")
    assert FULL in browser.page


def children_on(browser: Browser) -> list[str]:
    return re.findall(r'<h2><a href="/dossiers/(\w+)">', browser.page)


async def test_looking_at_the_desk_writes_nothing_but_its_audit_entry(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    names = [n for n in await held.store.database.list_collection_names() if n not in ("audit", "sessions")]
    before = {n: await held.store.database[n].find({}).to_list() for n in names}
    await browser.get("/desk")
    assert {n: await held.store.database[n].find({}).to_list() for n in names} == before


async def test_a_head_sees_who_is_responsible_and_no_name_of_a_child(visit: Visit) -> None:
    browser = await visit("vita-eglite")
    await browser.get("/desk")
    assert "Marta" not in browser.page and "Inese Liepiņa" in browser.page


@pytest.mark.parametrize("person", ["renate-vilcina", "linda-karklina", "madara-silina"])
async def test_governance_and_stewards_see_no_child(visit: Visit, person: str) -> None:
    browser = await visit(person)
    answer = await browser.get("/desk")
    assert answer.status_code == 200 and "/dossiers/" not in browser.page
    assert (await browser.get(f"/dossiers/{dossier_id('marta')}")).status_code == 404


async def test_a_parent_sees_who_leads_and_where_to_turn(visit: Visit) -> None:
    browser = await visit("ilze-kalnina")
    await browser.get("/desk")
    assert "Inese Liepiņa" in browser.page and "116 111" in browser.page


async def test_somebody_with_two_roles_chooses_and_the_session_gets_a_new_id(visit: Visit) -> None:
    browser = await visit("liga-purina", "none")
    answer = await browser.get("/desk")
    assert path_of(answer) == "/roles"
    before = browser.client.cookies["atbalsts_demo"]
    assert (await browser.post("/roles", {"role": "somebody-elses"})).status_code == 422
    answer = await browser.post("/roles", {"role": "liga-purina-1"})
    assert path_of(answer) == "/desk" and browser.client.cookies["atbalsts_demo"] != before


@pytest.mark.parametrize("path", ["/desk", "/search", "/roles", f"/dossiers/{dossier_id('marta')}"])
async def test_without_sign_in_every_page_leads_there_and_back(visit: Visit, path: str) -> None:
    browser = await visit()
    answer = await browser.get(path, follow=False)
    assert answer.status_code == 303 and answer.headers["location"] == f"/sign-in?return={path}"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/help", "/accessibility", "/privacy"])
@pytest.mark.parametrize("language", ["lv", "en"])
async def test_pages_for_everybody_speak_both_languages(visit: Visit, path: str, language: str) -> None:
    browser = await visit()
    await browser.client.post(f"/language/{language}", data={"next": path})
    answer = await browser.get(path)
    assert answer.status_code == 200 and f'<html lang="{language}"' in browser.page


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_the_choice_of_language_leads_nowhere_foreign(visit: Visit, target: str) -> None:
    browser = await visit()
    answer = await browser.client.post("/language/en", data={"next": target})
    assert answer.headers["location"].startswith("/") and "evil" not in answer.headers["location"]


async def test_signing_out_ends_the_session_for_good(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get("/desk")
    token, cookie = browser.csrf, browser.client.cookies["atbalsts_demo"]
    renewed = Browser(browser.held)
    renewed.client.cookies.set("atbalsts_demo", cookie, domain="127.0.0.1")
    session = await browser.held.sessions.find(cookie, browser.held.now())
    assert session is not None
    await browser.held.sessions.end(session.id, browser.held.now())
    assert path_of(await renewed.get("/desk", follow=False)) == "/desk"
    assert (await renewed.client.get("/desk")).status_code == 303
    assert (await renewed.client.post("/search", data={"csrf": token, "q": "mar"})).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_refused(visit: Visit, method: str) -> None:
    browser = await visit("inese-liepina")
    for path in ("/desk", "/search", f"/dossiers/{dossier_id('marta')}"):
        assert (await browser.client.request(method, path)).status_code == 405


@pytest.mark.asvs("13.4.5")
@pytest.mark.parametrize(
    "path", ["/schema", "/docs", "/metrics", "/.git/config", "/debug", "/assets/../pyproject.toml", "/nope"]
)
async def test_nothing_of_the_inside_is_served(visit: Visit, path: str) -> None:
    browser = await visit()
    answer = await browser.get(path)
    assert answer.status_code == 404 and "traceback" not in answer.text.lower()


async def test_after_choosing_a_role_one_comes_to_the_page_one_asked_for(visit: Visit) -> None:
    browser = await visit("liga-purina", "none")
    await browser.get("/roles?next=/search")
    answer = await browser.post("/roles", {"role": "liga-purina-1", "back": browser.hidden("back")}, follow=False)
    assert answer.headers["location"] == "/search"
    await browser.get("/roles?next=https://evil.example")
    assert browser.hidden("back") == "/desk"
