"""Reports of concerns through the pages: reporter, deciding institution, those told, head, case manager, family."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.who import who_is
from documents.dossier import Dossier
from documents.involvement import CaseManager
from documents.migrate import migrate
from documents.model import day_of, to_bson
from documents.person import Person
from documents.report import Place, from_row
from documents.store import Store
from fixtures.story import dossier_id
from portal.needs.actions import NeedDraft, identify_need
from portal.reports.routing import specialists
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, path_of
from tests.people import rederive
from tests.scans import no_collection_scans

Visit = Callable[..., Awaitable[Browser]]
AIJA, RUTA, DACE, INESE, MARTINS = "aija-zarina", "ruta-abele", "dace-ozola", "inese-liepina", "martins-skele"
WORDS = "Zēns teica, ka baidās iet mājās; uz rokas svaigs zilums."
CESIS, SMILTENE = "0026000", "0049000"
NEED = {
    "kind": "safe_home",
    "description": "Mājās nav droši, jāsāk darbs ar ģimeni.",
    "level": "3",
    "legal_basis": "child_rights_law",
}


def form(held: Runtime, **changes: Any) -> dict[str, Any]:
    return {
        "known": "yes",
        "kind": "neglect",
        "day": f"{day_of(held.now()):%d.%m.%Y}.",
        "danger": "no",
        "family_knows": "unknown",
        "present": CESIS,
        "words": WORDS,
    } | changes


def code_of(held: Runtime, label: str) -> str:
    return codes_of(held)[dossier_id(label)]


async def sent(visit: Visit, held: Runtime, person: str = AIJA, **changes: Any) -> tuple[Browser, dict[str, Any]]:
    """A report made through the form; returns the reporter's browser and what is stored."""
    await held.store.rates.delete_many({})
    browser = await visit(person)
    await browser.get("/reports/new")
    submission = browser.hidden("submission")
    answer = await browser.post("/reports", form(held, **changes) | {"submission": submission})
    assert path_of(answer) == "/reports", browser.errors
    row = await held.store.reports.find_one({"_id": submission})
    assert row
    return browser, row


async def act(visit: Visit, person: str, report: str, what: str = "acknowledgement", **values: Any) -> Browser:
    browser = await visit(person)
    await browser.get(f"/reports/{report}")
    if "version" not in values and what == "decision":
        values["version"] = browser.hidden("version")
    await browser.post(f"/reports/{report}/{what}", values)
    return browser


def log_of(browser: Browser) -> str:
    """The lines of the log on the page: below it stand the grounds on which some are left out."""
    return browser.page.split("<tbody>")[1].split("</tbody>")[0].lower()


async def test_from_a_schools_worry_to_an_open_dossier_and_back_to_the_reporter(visit: Visit, held: Runtime) -> None:
    aija, row = await sent(visit, held, code=code_of(held, "paula"), kind="violence_family", danger="yes")
    assert "112" in aija.page and WORDS not in aija.page
    assert row["decides"]["institution_id"] == "cesu-socialais-dienests" and row["route"] == "violence"
    assert {place["institution_id"] for place in row["told"]} == {"valsts-policija", "cesu-barintiesa"}
    told = {each["to_role"] async for each in held.store.outbox.find({"subject": row["_id"], "kind": "notice"})}
    assert {
        "dace-ozola-1",
        "inese-liepina-1",
        "martins-skele-1",
        "anda-zagare-1",
    } <= told and "aija-zarina-1" not in told
    assert WORDS not in str(row) and WORDS not in str(
        [x async for x in held.store.outbox.find({"subject": row["_id"]})]
    )

    dace = await visit(DACE)
    await dace.get("/reports")
    assert f"/reports/{row['_id']}" in dace.page and "vardarbība ģimenē" in dace.page.lower()
    await dace.get(f"/reports/{row['_id']}")
    assert WORDS not in dace.page and "Paula" not in dace.page and "Aija" not in dace.page
    assert (
        await dace.post(f"/reports/{row['_id']}/decision", {"outcome": "close", "reason": WORDS})
    ).status_code == 404
    await act(visit, DACE, row["_id"])
    await dace.get(f"/reports/{row['_id']}")
    assert WORDS in dace.page and "Paula" in dace.page and "Aija Zariņa" in dace.page
    wrong = await dace.post(f"/reports/{row['_id']}/decision", {"outcome": "open", "version": dace.hidden("version")})
    assert wrong.status_code == 422 and len(dace.errors) == 4
    opened = await dace.post(
        f"/reports/{row['_id']}/decision", NEED | {"outcome": "open", "version": dace.hidden("version")}
    )
    assert path_of(opened) == f"/dossiers/{dossier_id('paula')}"
    dossier = await held.store.dossiers.find_one({"_id": dossier_id("paula")}) or {}
    assert dossier["level"] == 3 and "dace-ozola" in str(dossier["involvements"]) and "aija" not in str(dossier)

    await aija.get("/reports")
    assert "bērnam palīdz" in aija.page
    await aija.get(f"/reports/{row['_id']}")
    assert WORDS in aija.page and "Dace" not in aija.page and "Paula" not in aija.page
    acts = [entry["act"] async for entry in held.store.audit_entries.find({"subject": row["_id"]}).sort("at", 1)]
    assert {"concern.reported", "report.acknowledged", "report.decided", "reports.read"} <= set(acts)


async def test_a_doctor_who_names_a_code_is_told_the_same_whoever_the_child_is(visit: Visit, held: Runtime) -> None:
    answers = []
    for code in (code_of(held, "marta"), code_of(held, "nikola"), "010120-91234"):
        ruta, row = await sent(visit, held, RUTA, code=code)
        shown = ruta.page.split("<main")[1]
        answers.append(shown.count("<tr>") - len(answers))
        assert "Marta" not in shown and "cesu" not in shown and f"{code[:6]}-…" in shown
        await ruta.get(f"/reports/{row['_id']}")
        assert "Marta" not in ruta.page and "Sociāl" not in ruta.page.split("<main")[1]
    assert len(set(answers)) == 1
    unknown = [r async for r in held.store.reports.find({"by.person_id": RUTA, "dossier_id": None})]
    assert len(unknown) == 1 and "91234" not in str(unknown), "a code that is nobody's is kept sealed"


async def test_the_head_of_the_school_and_the_family_learn_nothing(visit: Visit, held: Runtime) -> None:
    _, row = await sent(visit, held, code=code_of(held, "marta"))
    await act(visit, INESE, row["_id"])
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{dossier_id('marta')}/access-log")
    assert "ziņo" not in log_of(mother)
    assert (await mother.get(f"/reports/{row['_id']}")).status_code == 404
    assert (await mother.get(f"/dossiers/{dossier_id('marta')}/reports")).status_code == 403
    head = await visit("valdis-strods")
    await head.get("/reports")
    assert row["_id"] not in head.page
    assert (await head.get(f"/reports/{row['_id']}")).status_code == 404
    await head.get(f"/dossiers/{dossier_id('marta')}/access-log")
    assert "ziņo" not in log_of(head)
    manager = await visit(INESE)
    await manager.get(f"/dossiers/{dossier_id('marta')}/access-log")
    assert "ziņoja" in log_of(manager), "the control: the case manager does read it"
    await manager.get(f"/dossiers/{dossier_id('marta')}/reports")
    assert WORDS in manager.page and "Aija Zariņa" in manager.page
    team = await visit(AIJA)
    assert (await team.get(f"/dossiers/{dossier_id('marta')}/reports")).status_code == 403


async def test_only_one_takes_a_report_and_the_other_is_told(visit: Visit, held: Runtime) -> None:
    _, row = await sent(visit, held, kind="custody", known="no", given_name="Kāds")
    assert row["decides"]["institution_id"] == "cesu-barintiesa"
    _, row = await sent(visit, held, known="no", given_name="Kāds")
    await act(visit, DACE, row["_id"])
    await act(visit, DACE, row["_id"])
    inese = await visit(INESE)
    await inese.get(f"/reports/{row['_id']}")
    late = await inese.post(f"/reports/{row['_id']}/acknowledgement")
    assert late.status_code == 409 and "Dace Ozola" in inese.page and WORDS not in inese.page
    stored = from_row(await held.store.reports.find_one({"_id": row["_id"]}) or {})
    assert stored.responsible and stored.responsible.role_id == "dace-ozola-1" and len(stored.steps) == 1
    stale = await (await visit(DACE)).get(f"/reports/{row['_id']}")
    assert stale.status_code == 200
    stranger = await visit("zane-kaulina")
    assert (await stranger.get(f"/reports/{row['_id']}")).status_code == 404


async def test_police_take_note_for_information_and_then_read_it(visit: Visit, held: Runtime) -> None:
    _, row = await sent(visit, held, kind="violence_other", code=code_of(held, "rihards"))
    police = await visit(MARTINS)
    await police.get("/desk")
    assert "/reports" in police.page
    await police.get(f"/reports/{row['_id']}")
    assert WORDS not in police.page
    await act(visit, MARTINS, row["_id"])
    await police.get(f"/reports/{row['_id']}")
    assert WORDS in police.page and "Aija Zariņa" not in police.page
    assert (await police.post(f"/reports/{row['_id']}/decision", {"outcome": "close"})).status_code == 404
    stored = await held.store.reports.find_one({"_id": row["_id"]}) or {}
    assert stored["state"] == "received" and stored.get("version", 1) == 1, "whoever decides is not disturbed"


async def test_of_a_protected_child_no_page_before_responsibility_tells_the_place(visit: Visit, held: Runtime) -> None:
    _, row = await sent(visit, held, kind="violence_family", code=code_of(held, "alise"))
    assert row["protected"]
    for person in (MARTINS, DACE, "vita-eglite"):
        browser = await visit(person)
        await browser.get("/reports")
        line = next((part for part in browser.page.split("<tr>") if row["_id"] in part), "")
        assert "pamatskola" not in line
    await act(visit, MARTINS, row["_id"])
    police = await visit(MARTINS)
    await police.get(f"/reports/{row['_id']}")
    assert (
        WORDS in police.page
        and "Cēsu novads" not in police.page.split("<main")[1]
        and "2. pamatskola" not in police.page
    )


async def test_referred_to_an_institution_that_is_there_and_refused_where_there_is_none(
    visit: Visit, held: Runtime
) -> None:
    _, row = await sent(visit, held, known="no", given_name="Kāds")
    await act(visit, DACE, row["_id"])
    away = {"outcome": "refer", "reason": "Ģimene dzīvo citur.", "to_type": "orphans_court", "to_place": SMILTENE}
    dace = await act(visit, DACE, row["_id"], "decision", **away)
    assert "tādas iestādes nav" in " ".join(dace.errors)
    same = await act(visit, DACE, row["_id"], "decision", **away | {"to_type": "social_service", "to_place": CESIS})
    assert "jau ir šajā iestādē" in " ".join(same.errors)
    await act(visit, DACE, row["_id"], "decision", **away | {"to_place": CESIS})
    stored = from_row(await held.store.reports.find_one({"_id": row["_id"]}) or {})
    assert stored.state == "received" and stored.responsible is None
    assert stored.decides and stored.decides.institution_id == "cesu-barintiesa"
    assert (await (await visit(DACE)).get(f"/reports/{row['_id']}")).status_code == 404
    await act(visit, "anda-zagare", row["_id"])
    anda = await visit("anda-zagare")
    await anda.get(f"/reports/{row['_id']}")
    assert WORDS in anda.page and "Ģimene dzīvo citur." not in anda.page.split("Ko darīt")[0].split(WORDS)[0]
    closed = await act(
        visit, "anda-zagare", row["_id"], "decision", outcome="close", reason="Pietiek ar skolas atbalstu."
    )
    assert closed.page
    again = await act(
        visit, "anda-zagare", row["_id"], "decision", outcome="close", reason="Vēlreiz to pašu.", version="3"
    )
    assert "kāds izmainīja" in again.page and "Vēlreiz to pašu." in again.page
    assert (await held.store.reports.find_one({"_id": row["_id"]}) or {})["state"] == "closed"


async def test_a_head_sees_dates_and_states_and_hands_a_report_to_another(visit: Visit, held: Runtime) -> None:
    _, row = await sent(visit, held, known="no", given_name="Kāds")
    await act(visit, DACE, row["_id"])
    vita = await visit("vita-eglite")
    await vita.get(f"/reports/{row['_id']}")
    assert WORDS not in vita.page and "Aija" not in vita.page and "Dace Ozola" in vita.page
    form = {"person": "inese-liepina-1", "version": vita.hidden("version")}
    assert (
        await vita.post(f"/reports/{row['_id']}/handing-over", form | {"person": "aija-zarina-1"})
    ).status_code == 422
    assert (await vita.post(f"/reports/{row['_id']}/handing-over", form)).status_code == 200
    dace = await visit(DACE)
    await dace.get(f"/reports/{row['_id']}")
    assert WORDS not in dace.page
    assert (await dace.post(f"/reports/{row['_id']}/acknowledgement")).status_code == 409
    await act(visit, INESE, row["_id"])
    inese = await visit(INESE)
    await inese.get(f"/reports/{row['_id']}")
    assert WORDS in inese.page


async def test_a_child_nobody_knows_is_joined_to_the_register_or_opened_provisionally(
    visit: Visit, held: Runtime
) -> None:
    typed = {"known": "no", "given_name": "Keita", "family_name": "Zāle", "born": "2016", "lives": "Gaujas iela"}
    _, row = await sent(visit, held, **typed)
    assert "Keita" not in str(row), "kept sealed"
    await act(visit, DACE, row["_id"])
    none = await act(visit, DACE, row["_id"], "child", code="010120-91234")
    assert "Reģistrā nav bērna" in " ".join(none.errors)
    dace = await visit(DACE)
    await dace.get(f"/reports/{row['_id']}")
    assert "Keita" in dace.page
    child = {"given_name": "Keita", "family_name": "Zāle", "born": "2016", "sex": "f"}
    opened = await act(visit, DACE, row["_id"], "decision", **NEED | child | {"outcome": "open"})
    assert "Keita Zāle" in opened.page
    dossier = await held.store.dossiers.find_one({"child.given_name": "Keita"}) or {}
    assert dossier["child"]["provisional"] and dossier["municipality"] == CESIS
    _, row = await sent(visit, held, **typed)
    await act(visit, DACE, row["_id"])
    await act(visit, DACE, row["_id"], "child", code=code_of(held, "marta"))
    named = from_row(await held.store.reports.find_one({"_id": row["_id"]}) or {})
    assert named.dossier_id == dossier_id("marta")
    assert await held.store.outbox.find_one({"subject": row["_id"], "content.change": "reported"})
    up = await act(visit, DACE, row["_id"], "decision", outcome="take_up", reason="Inese to jau zina.")
    assert path_of(await up.get("/reports")) == "/reports"
    assert (await held.store.reports.find_one({"_id": row["_id"]}) or {})["state"] == "taken_up"


async def test_where_the_place_has_no_institution_one_of_the_state_decides_and_it_is_said(
    visit: Visit, held: Runtime
) -> None:
    browser, row = await sent(visit, held, known="no", given_name="Kāds", kind="violence_other", present=SMILTENE)
    assert row["decides"]["institution_id"] == "bac" and row["fell_back"]
    assert set(row["not_found"]) == {"orphans_court", "social_service"}
    assert [place["institution_id"] for place in row["told"]] == ["valsts-policija"], "it serves the whole State"
    assert "lemj valsts iestāde" in browser.page


async def test_a_parent_reports_about_the_own_child_only(visit: Visit, held: Runtime) -> None:
    mother = await visit("ilze-kalnina", "family")
    await mother.get("/reports/new")
    assert "Marta" in mother.page and 'name="code"' not in mother.page and " checked" not in mother.page
    bad = await mother.post("/reports", form(held, own="9"))
    assert bad.status_code == 422 and len(mother.errors) == 1
    submission = mother.hidden("submission")
    again = {"submission": submission, "own": "1"}
    await mother.post("/reports", form(held) | again)
    await mother.post("/reports", form(held) | again)
    rows = [row async for row in held.store.reports.find({"by.person_id": "ilze-kalnina"})]
    assert len(rows) == 1 and rows[0]["_id"] == submission, "the same form twice is one report"
    await mother.get("/reports")
    assert submission in mother.page
    father = await visit("andris-kalnins", "family")
    assert (await father.get(f"/reports/{submission}")).status_code == 404


async def test_nobody_reports_the_own_familys_child_as_a_professional(visit: Visit, held: Runtime) -> None:
    await held.store.rates.delete_many({})
    aunt = await visit("kristine-lapina")
    await aunt.get("/reports/new")
    answer = await aunt.post("/reports", form(held, code=code_of(held, "marta")))
    assert answer.status_code == 403
    entry = await held.store.audit_entries.find_one({"act": "concern.reported", "outcome": "refused"}) or {}
    assert (entry["reason"], entry["person_id"]) == ("own_family", "kristine-lapina")


@pytest.mark.parametrize(
    ("person", "about"), [(AIJA, {"known": "no", "given_name": "Kāds"}), ("ilze-kalnina", {"own": "1"})]
)
async def test_what_was_typed_comes_back_after_the_session_ran_out_to_its_writer_alone(
    visit: Visit, held: Runtime, person: str, about: dict[str, str]
) -> None:
    browser = await visit(person)
    await browser.get("/reports/new")
    typed = form(held, **about) | {"csrf": browser.csrf, "words": f"Melnraksts: {person}"}
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    lost = await browser.post("/reports", typed, follow=False)
    assert lost.headers["location"] == "/sign-in?return=/reports/new"
    again = await visit(person)
    await again.get("/reports/new")
    assert f"Melnraksts: {person}" in again.page
    stranger = await visit("elina-rudzite" if person == AIJA else "andris-kalnins")
    await stranger.get("/reports/new")
    assert "Melnraksts" not in stranger.page.split("<form")[2]


async def test_a_draft_is_kept_when_asked_and_forgotten_when_sent(visit: Visit, held: Runtime) -> None:
    browser = await visit("evita-celmina")
    await browser.get("/reports/new")
    await browser.post("/reports", {"step": "draft", "words": "Iesākts teksts"})
    await browser.get("/reports/new")
    assert "Iesākts teksts" in browser.page
    await browser.post("/reports", form(held, known="no", given_name="Kāds"))
    await browser.get("/reports/new")
    assert "Iesākts teksts" not in browser.page


async def test_siblings_are_offered_unticked_to_whom_reaches_them(visit: Visit, held: Runtime) -> None:
    inese = await visit(INESE)
    await inese.get(f"/dossiers/{dossier_id('marta')}/report")
    boxes = [part for part in inese.page.split("<input") if 'name="siblings"' in part]
    assert boxes and not any("checked" in box.split(">")[0] for box in boxes)
    sent_to = {"child": inese.hidden("child"), "siblings": [dossier_id("janis"), dossier_id("paula")]}
    submission = inese.hidden("submission")
    await inese.post("/reports", form(held) | sent_to | {"submission": submission})
    stored = await held.store.reports.find_one({"_id": submission}) or {}
    assert stored["siblings"] == [dossier_id("janis")], "whoever was not offered is not taken"


async def kept(held: Runtime, name: str, **changes: Any) -> str:
    """A report straight into the store, as it would lie there from somewhere else."""
    values: dict[str, Any] = {
        "_id": name,
        "by": {"person_id": "somebody", "name": "Kāda", "role_id": "somebody-1"},
        "at": held.now(),
        "due": held.now() + timedelta(hours=2),
        "kind": "violence_other",
        "sealed": await held.store.secrets.seal({"text": WORDS}, "report", held.now().year),
        "state": "received",
        "decides": {"institution_id": "elsewhere", "name": "Citur", "type": "social_service"},
    }
    await held.store.reports.insert_one(values | changes)
    return name


def told_police(**changes: Any) -> dict[str, Any]:
    return {"institution_id": "valsts-policija", "name": "Valsts policija", "type": "state_police"} | changes


async def notices(held: Runtime, report: str, change: str) -> set[str]:
    """The roles that were told of a report."""
    query = {"subject": report, "kind": "notice", "content.change": change}
    return {each["to_role"] async for each in held.store.outbox.find(query)}


async def test_however_many_reports_other_units_have_or_are_noted_a_new_one_reaches_the_inbox_and_the_desk(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.reports.inbox.SHOWN", 3)
    since = held.now() - timedelta(days=3)
    noted = {"acknowledged_at": since, "acknowledged_by": {"role_id": "x", "person_id": "x", "name": "X"}}
    noted["acknowledged_by"] |= {"institution_id": "valsts-policija", "institution_name": "V", "institution_type": "p"}
    for number in range(4):
        await kept(held, f"unit-{number}", at=since, told=[told_police(unit_id="another-unit")])
        await kept(held, f"noted-{number}", at=since, told=[told_police(**noted)], danger="yes")
    martins = await held.store.people.find_one({"_id": MARTINS}) or {}
    await held.store.people.update_one({"_id": MARTINS}, {"$set": {"roles.0.unit_id": "his-unit"}})
    police = await visit(MARTINS)
    await police.get("/desk")
    before = police.page.count('href="/reports"><b>')
    await kept(held, "new-one", told=[told_police()])
    await police.get("/reports")
    assert "/reports/new-one" in police.page and "another-unit" not in police.page
    assert "/reports/unit-" not in police.page
    await police.get("/desk")
    assert police.page.count('href="/reports"><b>') >= max(before, 1)
    await held.store.people.replace_one({"_id": MARTINS}, martins)
    await held.store.reports.delete_many({"_id": {"$regex": "^(unit|noted|new)-"}})


async def test_where_more_wait_than_are_shown_the_page_says_so_and_danger_comes_first(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held.store.reports.delete_many({})
    monkeypatch.setattr("portal.reports.inbox.SHOWN", 3)
    here = {"institution_id": "cesu-socialais-dienests", "name": "Dienests", "type": "social_service"}
    colleague = {"role_id": "c", "person_id": "c", "name": "Kolēģe", "institution_name": "D", "institution_type": "s"}
    colleague |= {"institution_id": "cesu-socialais-dienests"}
    for number in range(4):
        at = held.now() - timedelta(days=9, hours=number)
        busy = {"state": "acknowledged", "responsible": colleague, "danger": "yes"}
        await kept(held, f"busy-{number}", at=at, decides=here, **busy)
        await kept(held, f"calm-{number}", at=at, due=at, decides=here, danger="no")
    await kept(held, "unsure", decides=here)
    await kept(held, "danger", decides=here, danger="yes")
    dace = await visit(DACE)
    await dace.get("/reports")
    main = dace.page.split("<main")[1]
    shown = [part.split('"')[0] for part in main.split('href="/reports/')[1:]]
    assert [name for name in shown if name != "new"] == ["danger", "unsure", "calm-3"]
    assert "Redzami 3 steidzamākie no 10." in main
    await dace.get("/desk")
    assert "6 ziņojumi" in dace.page, "all that wait are counted; colleagues' do not wait for her"
    await (vita := await visit("vita-eglite")).get("/reports")
    assert "Redzami 3 steidzamākie no 10." in vita.page
    assert 'href="/reports/busy-3"' in vita.page and 'href="/reports/calm' not in vita.page
    await held.store.reports.delete_many({})


async def test_where_many_decide_their_head_is_told_and_of_danger_each_of_them(
    visit: Visit, held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.reports.routing.NOTICES", 1)
    _, calm = await sent(visit, held, known="no", given_name="Kāds")
    assert await notices(held, calm["_id"], "report_to_decide") == {"vita-eglite-1"}
    for change in ({"danger": "yes"}, {"kind": "violence_other"}, {"kind": "self_harm"}):
        _, row = await sent(visit, held, known="no", given_name="Kāds", **change)
        told = await notices(held, row["_id"], "report_to_decide")
        assert {"dace-ozola-1", "inese-liepina-1"} <= told, change
    assert "martins-skele-1" in await notices(held, row["_id"], "report_told") or row["route"] == "self_harm"


async def test_nobody_decides_the_own_report_so_a_managers_own_one_goes_to_the_institution(
    visit: Visit, held: Runtime
) -> None:
    await held.store.rates.delete_many({})
    inese = await visit(INESE)
    await inese.get(f"/dossiers/{dossier_id('marta')}/report")
    submission = inese.hidden("submission")
    await inese.post(
        "/reports", form(held, kind="learning") | {"child": inese.hidden("child"), "submission": submission}
    )
    who = who_is(
        Person.model_validate(await held.store.people.find_one({"_id": INESE})), f"{INESE}-1", None, held.now()
    )
    draft = NeedDraft("safe_home", NEED["description"], 3, "child_rights_law")
    assert await identify_need(held.store, who, dossier_id("marta"), draft, held.now(), "own-need") == "reported"
    for report in (submission, "own-need"):
        row = await held.store.reports.find_one({"_id": report}) or {}
        assert row["decides"] and "named" not in row
        told = await notices(held, report, "report_to_decide")
        assert told and "inese-liepina-1" not in told


async def test_where_only_the_reporter_decides_the_head_is_told_at_once(visit: Visit, held: Runtime) -> None:
    others = {"roles.institution_id": "cesu-socialais-dienests", "roles.level": 1, "_id": {"$ne": DACE}}
    away = [row["_id"] async for row in held.store.people.find(others, {"_id": 1})]
    await held.store.people.update_many({"_id": {"$in": away}}, {"$set": {"deactivated": True}})
    _, row = await sent(visit, held, DACE, known="no", given_name="Kāds")
    assert row["decides"]["institution_id"] == "cesu-socialais-dienests"
    assert await notices(held, row["_id"], "report_to_decide") == {"vita-eglite-1"}
    vita = await visit("vita-eglite")
    await vita.get(f"/reports/{row['_id']}")
    assert "Neviens cits šeit nevar pārņemt ziņojumu" in vita.page and WORDS not in vita.page
    await held.store.people.update_many({"_id": {"$in": away}}, {"$unset": {"deactivated": ""}})
    await vita.get(f"/reports/{row['_id']}")
    assert 'value="inese-liepina-1"' in vita.page, "the head names who takes it"


@pytest.mark.parametrize(
    ("about", "named"),
    [({"known": "no", "given_name": "Kāds"}, True), ({"code": "paula"}, False), ({"code": "alise"}, False)],
)
async def test_the_reporter_sees_that_it_was_passed_on_and_when_but_no_name_and_no_reason(
    visit: Visit, held: Runtime, about: dict[str, str], named: bool
) -> None:
    if "code" in about:
        about = {"code": code_of(held, about["code"])}
    aija, row = await sent(visit, held, kind="self_harm", **about)
    await aija.get(f"/reports/{row['_id']}")
    assert "nodots" not in aija.page.split("<main")[1]
    await act(visit, DACE, row["_id"])
    reason = "Ģimene dzīvo citur, pie vectēva."
    to = {"outcome": "refer", "reason": reason, "to_type": "orphans_court", "to_place": CESIS}
    await act(visit, DACE, row["_id"], "decision", **to)
    await aija.get("/reports")
    assert "nodots citai iestādei" in aija.page
    assert "aija-zarina-1" in await notices(held, row["_id"], "report_passed_on")
    assert not await notices(held, row["_id"], "report_decided")
    await aija.get(f"/reports/{row['_id']}")
    page = aija.page.split("<main")[1]
    assert "nodots iestādei" in page and "bāriņtiesa" in page.lower() and "<time" in page.split("nodots iestādei")[1]
    assert ("Cēsu novada bāriņtiesa" in page) is named, "by code, or of a protected child, only the type"
    assert reason not in page and "Dace" not in page


async def test_a_ticked_siblings_manager_is_told_and_reads_that_it_concerns_the_child_but_no_words(
    visit: Visit, held: Runtime
) -> None:
    marta, janis = dossier_id("marta"), dossier_id("janis")
    before = await held.store.dossiers.find_one({"_id": janis}) or {}
    person = Person.model_validate(await held.store.people.find_one({"_id": AIJA}))
    manager = CaseManager(**person.as_professional(person.roles[0]).model_dump(), since=held.now())
    made = rederive(Dossier.model_validate(before | {"case_manager": manager.model_dump()}))
    await held.store.dossiers.update_one(
        {"_id": janis}, {"$set": {name: value for name, value in to_bson(made).items() if name != "_id"}}
    )
    mother = await visit("ilze-kalnina", "family")
    await held.store.rates.delete_many({})
    await mother.get("/reports/new")
    children = (await held.store.people.find_one({"_id": "ilze-kalnina"}) or {})["children"]
    number = {name: str(n) for n, name in enumerate(sorted(children), 1)}
    ticked = {"own": number[marta], "siblings": [number[janis]], "submission": mother.hidden("submission")}
    await mother.post("/reports", form(held) | ticked)
    row = await held.store.reports.find_one({"_id": ticked["submission"]}) or {}
    assert (row["dossier_id"], row["siblings"]) == (marta, [janis])
    sent_to = held.store.outbox.find({"subject": row["_id"], "content.change": "reported"})
    assert ("aija-zarina-1", janis) in {(each["to_role"], each["dossier_id"]) async for each in sent_to}
    visitor = await visit(AIJA)
    async with no_collection_scans(held.store.database):
        await visitor.get(f"/dossiers/{janis}/reports")
    assert "Attiecas arī uz šo bērnu" in visitor.page or "attiecas arī uz šo bērnu" in visitor.page
    assert WORDS not in visitor.page and "Marta" not in visitor.page.split("<main")[1]
    assert "Ilze Kalniņa" in visitor.page, "whom to call"
    assert (await visitor.get(f"/dossiers/{marta}/reports")).status_code in (403, 404)
    await held.store.dossiers.update_one({"_id": marta}, {"$set": {"child.protected": True}})
    await visitor.get(f"/dossiers/{janis}/reports")
    assert "attiecas arī uz šo bērnu" in visitor.page and "Ilze" not in visitor.page.split("<main")[1]
    await held.store.dossiers.update_one({"_id": marta}, {"$unset": {"child.protected": ""}})
    await held.store.dossiers.replace_one({"_id": janis}, before)
    assert (await visitor.get(f"/dossiers/{janis}/reports")).status_code in (403, 404)


async def test_reports_kept_before_become_reports_of_the_new_form_and_go_back(
    demo_store: Store, mongo_uri: str
) -> None:
    name, kept = demo_store.database.name, demo_store.database["reports"]
    later = sorted((Path(__file__).parents[2] / "documents" / "migrations").glob("2*.py"))
    since = len(later) - [path.stem for path in later].index("20261122_0011_reports")
    await migrate(mongo_uri, name, back=since)
    old = {
        "_id": "old",
        "dossier_id": "d1",
        "by": {"role_id": "r", "person_id": "p", "name": "Aija", "institution_id": "s", "institution_name": "S"},
        "at": datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        "need_kind": "school_attendance",
        "level": 2,
        "legal_basis": "child_rights_law",
        "sealed": b"x",
    }
    place = {"institution_id": "i", "institution_name": "I", "institution_type": "social_service"}
    manager = place | {"role_id": "m", "person_id": "m", "name": "I", "since": old["at"], "accepted": True}
    child = {"given_name": "M", "family_name": "K", "birth_date": "2014-03-14"}
    await demo_store.dossiers.insert_one({"_id": "d1", "child": child, "case_manager": manager})
    await kept.insert_one(dict(old))
    await migrate(mongo_uri, name)
    report = from_row(await kept.find_one({"_id": "old"}) or {})
    assert (report.kind, report.state, report.initials, report.birth_year) == ("need", "received", "MK", 2014)
    assert report.named and report.named.role_id == "m" and report.decides and report.decides.institution_id == "i"
    await migrate(mongo_uri, name, back=since)
    back = await kept.find_one({"_id": "old"}, {"at": 0}) or {}
    assert back == {key: value for key, value in old.items() if key != "at"} | {"state": "received"}
    await migrate(mongo_uri, name)


async def test_of_an_institution_of_the_whole_state_only_the_units_of_the_place_are_told(
    held: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = await held.store.institutions.find_one({"_id": "valsts-policija"}) or {}
    far = {"id": "vp-smiltene", "name": "Smiltenes iecirknis", "parent": None, "municipality": SMILTENE}
    await held.store.institutions.update_one({"_id": police["_id"]}, {"$push": {"units": far}})
    martins = await held.store.people.find_one({"_id": MARTINS}) or {}
    others = [
        martins | {"_id": f"far-{n}", "roles": [martins["roles"][0] | {"id": f"far-{n}-1", "unit_id": far["id"]}]}
        for n in range(3)
    ]
    for each in others:
        for one_of_a_kind in ("identities", "code_hash"):
            each.pop(one_of_a_kind, None)
    await held.store.people.insert_many(others)
    place = Place(institution_id=police["_id"], name=police["name"], type=police["type"])
    today = day_of(held.now())

    async def told(town: str, unit: str | None = None) -> set[str]:
        found = await specialists(held.store, place.model_copy(update={"unit_id": unit}), today, town=town)
        return {role.id for _, role in found}

    assert "martins-skele-1" in await told(CESIS) and not {"far-0-1", "far-1-1"} & await told(CESIS)
    assert await told(SMILTENE) == {f"far-{n}-1" for n in range(3)}
    monkeypatch.setattr("portal.reports.routing.PEOPLE", 1)
    assert await told(CESIS, martins["roles"][0]["unit_id"]) == {"martins-skele-1"}, "no limit cuts before the unit"
    await held.store.people.delete_many({"_id": {"$in": [each["_id"] for each in others]}})
    await held.store.institutions.replace_one({"_id": police["_id"]}, police)
