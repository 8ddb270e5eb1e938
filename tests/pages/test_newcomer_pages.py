"""A child without a personal code gets a dossier under a provisional identity: by whoever may identify a need."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from portal.runtime import Runtime
from tests.browsing import Browser, path_of

FORM = "/needs/without-code"
Visit = Callable[..., Awaitable[Browser]]
CHILD = {"given_name": "", "family_name": "", "name_unknown": "yes", "born": "2023", "sex": "f"}
NEED = {
    "kind": "safe_home",
    "description": "Bērns atrasts viens pats autoostā, pieaugušo nav.",
    "level": "4",
    "legal_basis": "child_rights_law",
}


def sent(browser: Browser, **changes: str) -> dict[str, str]:
    return CHILD | NEED | {name: browser.hidden(name) for name in ("role", "submission")} | changes


async def test_the_search_leads_to_it_and_the_dossier_opens_with_the_identifier_responsible(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("ineta-godmane")
    await browser.get("/search")
    assert f'href="{FORM}"' in browser.page
    await browser.get(FORM)
    answer = await browser.post(FORM, sent(browser))
    assert answer.status_code == 200 and path_of(answer).startswith("/dossiers/")
    assert "Meitene Nezināma" in browser.page and "Pagaidu identitāte." in browser.page
    assert "Vēl nekas nav ierakstīts" in browser.page
    assert "precīzs dzimšanas datums nav zināms" in browser.page and "apmēram 3 gadi" in browser.page
    row = await held.store.dossiers.find_one({"_id": path_of(answer).rpartition("/")[2]})
    assert row and row["child"]["provisional"] and "code_hash" not in row["child"]
    assert (row["level"], row["child"]["birth_date"], row["child"]["birth_date_approximate"]) == (4, "2023-01-01", True)
    assert [need["kind"] for need in row["needs"]] == ["safe_home"] and "ineta-godmane" in str(row["involvements"])
    logged = await held.store.audit_entries.find_one({"act": "need.identified", "dossier_id": row["_id"]})
    assert logged and logged["person_id"] == "ineta-godmane"
    await browser.post("/search", {"q": "nezin"})
    assert "Meitene Nezināma" in browser.page


async def test_the_same_form_sent_twice_is_one_dossier(visit: Visit, held: Runtime) -> None:
    browser = await visit("ineta-godmane")
    await browser.get(FORM)
    form = sent(browser, born="2022")
    before = await held.store.dossiers.count_documents({})
    addresses = set()
    for _ in range(3):
        addresses.add(path_of(await browser.post(FORM, form)))
        await browser.get("/desk")
    assert len(addresses) == 1 and await held.store.dossiers.count_documents({}) == before + 1
    other = await visit("inese-liepina")
    await other.get(FORM)
    stolen = sent(other, submission=form["submission"])
    assert path_of(await other.post(FORM, stolen)) not in addresses, "the id of another's form leads nowhere"


async def test_wrong_input_gives_sentences_and_keeps_what_was_typed(visit: Visit) -> None:
    browser = await visit("ineta-godmane")
    await browser.get(FORM)
    answer = await browser.post(FORM, sent(browser, name_unknown="", given_name="Leyla", born="rīt", sex="", kind=""))
    assert answer.status_code == 422 and 'value="Leyla"' in browser.page and 'value="rīt"' in browser.page
    assert len(browser.errors) == 4
    assert "Bērns atrasts viens pats" in browser.page


async def test_a_lost_session_loses_no_text(visit: Visit, held: Runtime) -> None:
    browser = await visit("laila-strazda")
    await browser.get(FORM)
    form = sent(browser, given_name="Leyla") | {"csrf": browser.csrf}
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await browser.post(FORM, form, follow=False)
    assert answer.headers["location"] == f"/sign-in?return={FORM}"
    again = await visit("laila-strazda")
    await again.get(FORM)
    assert 'value="Leyla"' in again.page
    await again.post(FORM, sent(again, given_name="Leyla"))
    await again.get(FORM)
    assert "Leyla" not in again.page


async def test_a_form_of_another_role_is_not_saved_and_its_text_is_kept(visit: Visit, held: Runtime) -> None:
    browser = await visit("ineta-godmane")
    await browser.get(FORM)
    before = await held.store.dossiers.count_documents({})
    answer = await browser.post(FORM, sent(browser, role="x", description="Cita loma, cits stāsts"))
    assert answer.status_code == 409 and await held.store.dossiers.count_documents({}) == before
    await browser.get(FORM)
    assert "Cita loma, cits stāsts" in browser.page


@pytest.mark.parametrize("person", ["ruta-abele", "vita-eglite", "ilze-kalnina", "renate-vilcina"])
async def test_who_may_not_identify_a_need_finds_no_link_and_is_refused(
    visit: Visit, held: Runtime, person: str
) -> None:
    browser = await visit(person)
    await browser.get("/search")
    assert FORM not in browser.page
    assert (await browser.get(FORM)).status_code == 403
    await browser.get("/desk")
    before = await held.store.dossiers.count_documents({})
    assert (await browser.post(FORM, CHILD | NEED)).status_code == 403
    assert await held.store.dossiers.count_documents({}) == before
