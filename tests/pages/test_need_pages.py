"""Identifying a need opens a dossier; where it is open already, the same words become a report."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from auth.access import Forbidden
from auth.who import Who, who_is
from documents.person import Person
from fixtures.story import dossier_id
from portal.needs.actions import NeedDraft, identify_need
from portal.needs.tokens import need_token, read_need_token
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, path_of
from tests.people import NOW, who

Visit = Callable[..., Awaitable[Browser]]
NEED = {
    "kind": "school_attendance",
    "description": "Oktobrī kavētas 20 stundas, mājās nav, kas pamodina.",
    "level": "2",
    "legal_basis": "child_rights_law",
}


async def find(visit: Visit, held: Runtime, label: str, person: str = "aija-zarina") -> Browser:
    browser = await visit(person)
    await browser.get("/search")
    await browser.post("/search/nation", {"q": codes_of(held)[dossier_id(label)]})
    return browser


async def test_a_need_opens_the_dossier_and_makes_the_identifier_responsible(visit: Visit, held: Runtime) -> None:
    browser = await find(visit, held, "paula")
    token = browser.hidden("child")
    assert (await browser.get(f"/dossiers/{dossier_id('paula')}")).status_code == 404
    await browser.get("/desk")
    form = await browser.post("/needs/new", {"child": token})
    assert form.status_code == 200
    refused = await browser.post("/needs", {"child": browser.hidden("child"), "description": "īss"})
    assert refused.status_code == 422 and len(browser.errors) == 4
    opened = await browser.post("/needs", NEED | {"child": browser.hidden("child")})
    assert opened.status_code == 200 and path_of(opened) == f"/dossiers/{dossier_id('paula')}"
    row = await held.store.dossiers.find_one({"_id": dossier_id("paula")})
    assert row is not None and row["level"] == 2 and row["needs"][0]["kind"] == "school_attendance"
    assert "aija-zarina" in str(row["involvements"])
    again = await browser.post("/needs", NEED | {"child": token})
    assert path_of(again) == "/desk"
    assert (
        await held.store.database["reports"].count_documents({"dossier_id": dossier_id("paula"), "kind": "need"}) == 1
    )


async def test_the_same_form_sent_twice_is_one_need_and_no_report(visit: Visit, held: Runtime) -> None:
    reports = held.store.database["reports"]
    token = need_token(held.cookie_key, await real_who(held, "laila-strazda"), dossier_id("paula"), held.now())
    await held.store.dossiers.update_one({"_id": dossier_id("paula")}, {"$unset": {"opened": "", "needs": ""}})
    browser = await visit("laila-strazda")
    await browser.get("/desk")
    await browser.post("/needs/new", {"child": token})
    form = NEED | {"child": browser.hidden("child"), "submission": browser.hidden("submission")}
    before = await reports.count_documents({})
    for _ in range(3):
        answer = await browser.post("/needs", form)
        assert path_of(answer) == f"/dossiers/{dossier_id('paula')}"
        await browser.get("/desk")
    row = await held.store.dossiers.find_one({"_id": dossier_id("paula")}) or {}
    assert [need["id"] for need in row["needs"]] == [form["submission"]]
    assert await reports.count_documents({}) == before
    await browser.post("/needs/new", {"child": token})
    form["submission"] = browser.hidden("submission")
    for _ in range(3):
        assert path_of(await browser.post("/needs", form)) == "/desk"
    assert await reports.count_documents({}) == before + 1, "another form is a report, once"


async def test_a_need_of_the_own_family_is_refused_and_recorded(held: Runtime) -> None:
    kristine = await real_who(held, "kristine-lapina")
    draft = NeedDraft("school_attendance", "Kavē skolu", 2, "child_rights_law")
    with pytest.raises(Forbidden):
        await identify_need(held.store, kristine, dossier_id("marta"), draft, held.now())
    row = await held.store.audit_entries.find_one({"act": "need.identified", "outcome": "refused"})
    assert row and (row["reason"], row["dossier_id"]) == ("own_family", dossier_id("marta"))


async def real_who(held: Runtime, person_id: str) -> Who:
    person = Person.model_validate(await held.store.people.find_one({"_id": person_id}))
    return who_is(person, person.roles[0].id, None, held.now())


async def test_a_forged_old_or_foreign_reference_finds_nobody(visit: Visit, held: Runtime) -> None:
    browser = await visit("aija-zarina")
    await browser.get("/desk")
    for token in ("", "x", "AAAA" * 20, need_token(held.cookie_key, who("inese"), dossier_id("marta"), held.now())):
        assert (await browser.post("/needs", NEED | {"child": token})).status_code == 404


def test_a_reference_is_one_roles_for_an_hour() -> None:
    key = b"k" * 32
    token = need_token(key, who("inese"), "d1", NOW)
    assert read_need_token(key, who("inese"), token, NOW) == "d1"
    assert read_need_token(key, who("aija"), token, NOW) is None
    assert read_need_token(key, who("inese"), token, NOW.replace(hour=12)) is None


@pytest.mark.parametrize("person", ["ruta-abele", "vita-eglite", "ilze-kalnina"])
async def test_who_may_not_identify_a_need_is_refused(visit: Visit, held: Runtime, person: str) -> None:
    browser = await visit(person)
    await browser.get("/desk")
    assert (await browser.post("/needs", NEED | {"child": "x"})).status_code == 403


async def test_the_words_of_a_need_come_back_after_the_session_ran_out_about_the_same_child_only(
    visit: Visit, held: Runtime
) -> None:
    await held.store.dossiers.update_one({"_id": dossier_id("paula")}, {"$unset": {"opened": "", "needs": ""}})
    who_writes = await real_who(held, "laila-strazda")

    def token(label: str) -> str:
        return need_token(held.cookie_key, who_writes, dossier_id(label), held.now())

    browser = await visit("laila-strazda")
    assert path_of(await browser.get("/needs/new")) == "/search", "nothing waits"
    await browser.post("/needs/new", {"child": token("paula")})
    typed = NEED | {"csrf": browser.csrf, "child": browser.hidden("child"), "description": "Nakšņo pie draudzenes"}
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await browser.post("/needs", typed, follow=False)
    assert answer.headers["location"] == "/sign-in?return=/needs/new"
    held.clock.now += timedelta(minutes=45)  # type: ignore[attr-defined]
    again = await visit("laila-strazda")
    assert (await again.get("/needs/new")).status_code == 200
    assert typed["description"] in again.page and "Melnraksts saglabāts" in again.page
    csrf, child = again.csrf, again.hidden("child")
    await again.post("/needs/new", {"csrf": csrf, "child": token("marta")})
    assert typed["description"] not in again.page, "another child"
    await again.post("/needs/new", {"csrf": csrf, "child": token("paula")})
    assert typed["description"] in again.page, "found once more"
    saved = await again.post("/needs", typed | {"csrf": csrf, "child": child})
    assert path_of(saved) == f"/dossiers/{dossier_id('paula')}"
    assert path_of(await again.get("/needs/new")) == "/search"


async def test_a_kept_need_is_its_writers_alone_and_its_reference_must_have_been_good(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("laila-strazda")
    await browser.get("/search")
    late = NEED | {"csrf": browser.csrf, "child": "x" * 40}
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    await browser.post("/needs", late, follow=False)
    assert path_of(await (await visit("laila-strazda")).get("/needs/new")) == "/search"
    stranger = await visit("aija-zarina")
    assert path_of(await stranger.get("/needs/new")) == "/search"
    assert (await (await visit("ruta-abele")).get("/needs/new")).status_code == 403
