"""The forms of an entry, as somebody without JavaScript meets them."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from documents.model import day_of
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

MARTA, JANIS = dossier_id("marta"), dossier_id("janis")
Visit = Callable[..., Awaitable[Browser]]


def filled(browser: Browser, held: Runtime, **changes: str) -> dict[str, str]:
    """A form filled in rightly, with what the page carries."""
    return {
        "role": browser.hidden("role"),
        "submission": browser.hidden("submission"),
        "kind": "home_visit",
        "day": f"{day_of(held.now()):%d.%m.%Y}.",
        "summary": "Mājās silti un mierīgi",
        "detail": "Marta rādīja savus zīmējumus.",
        "confidentiality": "standard",
        "field_present": "Ilze, Marta",
        "field_conditions": "good",
        "field_observed": "Silts, tīrs, vakariņas uz plīts",
    } | changes


async def open_form(visit: Visit, person: str = "inese-liepina") -> Browser:
    browser = await visit(person)
    answer = await browser.get(f"/dossiers/{MARTA}/events/new")
    assert answer.status_code == 200
    return browser


async def test_a_saved_event_is_shown_and_the_draft_is_gone(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    answer = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held))
    assert answer.status_code == 200 and path_of(answer).startswith(f"/dossiers/{MARTA}/events/")
    assert "Mājās silti un mierīgi" in browser.page
    await browser.get(f"/dossiers/{MARTA}/events/new")
    assert "Mājās silti" not in browser.page


async def test_wrong_input_gives_sentences_and_keeps_what_was_typed(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    answer = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held, day="31.11.2026", summary=""))
    assert answer.status_code == 422
    assert browser.errors[:2] == [
        "Kad? Tajā mēnesī ir 30 dienas. Ierakstiet datumu, kāds ir kalendārā.",
        "Vienā teikumā: Uzrakstiet vienā teikumā, kas notika.",
    ]
    assert "Marta rādīja savus zīmējumus." in browser.page and 'value="31.11.2026"' in browser.page


async def test_without_javascript_a_button_shows_the_fields_of_the_kind(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    sent = {"role": browser.hidden("role"), "kind": "home_visit", "step": "kind", "summary": "Sākums"}
    answer = await browser.post(f"/dossiers/{MARTA}/events", sent)
    assert answer.status_code == 200
    assert 'name="field_present"' in browser.page and "Sākums" in browser.page


async def test_a_draft_comes_back_also_after_the_session_ran_out(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit, "aija-zarina")
    form = filled(browser, held, detail="Gara saruna ar Martu")
    token = browser.csrf
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await browser.post(f"/dossiers/{MARTA}/events", form | {"csrf": token}, follow=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?return=/dossiers/{MARTA}/events/new"
    again = await open_form(visit, "aija-zarina")
    assert "Gara saruna ar Martu" in again.page


async def test_a_form_of_another_role_is_not_saved_and_its_text_is_kept(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    answer = await browser.post(
        f"/dossiers/{MARTA}/events", filled(browser, held, role="somebody-else", summary="Cita loma")
    )
    assert answer.status_code == 409 and "Jūsu loma ir mainījusies" in browser.page
    await browser.get(f"/dossiers/{MARTA}/events/new")
    assert "Cita loma" in browser.page


async def test_a_form_sent_after_a_change_of_role_keeps_its_text_under_the_role_it_was_written_in(visit: Visit) -> None:
    address = f"/dossiers/{dossier_id('rihards')}/events"
    visitor = await visit("liga-purina")
    first = {"role": (await visitor.held.store.people.find_one({"_id": "liga-purina"}))["roles"][0]["id"]}  # type: ignore[index]
    await visitor.get(f"{address}/new")
    late = {"csrf": visitor.csrf, "role": visitor.hidden("role"), "detail": "Gara saruna"}
    other = (await visitor.held.store.people.find_one({"_id": "liga-purina"}))["roles"][1]["id"]  # type: ignore[index]
    await visitor.get("/roles")
    await visitor.post("/roles", {"role": other})
    answer = await visitor.post(address, late)
    assert answer.status_code == 409 and "Jūsu loma ir mainījusies" in visitor.page
    await visitor.get("/roles")
    await visitor.post("/roles", first)
    await visitor.get(f"{address}/new")
    assert "Gara saruna" in visitor.page
    await visitor.get("/desk")
    assert (await visitor.post(address, late | {"csrf": "x" * 86})).status_code == 403


async def test_before_saving_the_page_says_who_will_read_it(visit: Visit) -> None:
    browser = await open_form(visit)
    aside = browser.page.split('id="readers"')[1]
    assert "Aija Zariņa" in aside and "Ilze Kalniņa" in aside
    assert "Inese Liepiņa" not in aside


async def test_the_preview_narrows_the_circle_with_the_class(visit: Visit) -> None:
    browser = await open_form(visit)
    sent = {"kind": "home_visit", "confidentiality": "restricted"}
    answer = await browser.post(f"/dossiers/{MARTA}/events/preview", sent, headers={"HX-Request": "true"})
    aside = answer.text.split('id="readers"')[1]
    assert "Aija Zariņa" not in aside and 'name="named_people"' in answer.text


@pytest.mark.parametrize("person", ["vita-eglite", "zane-kaulina", "ilze-kalnina"])
async def test_who_may_not_write_finds_no_form_and_no_way_round_it(visit: Visit, held: Runtime, person: str) -> None:
    browser = await visit(person)
    assert (await browser.get(f"/dossiers/{MARTA}/events/new")).status_code in (403, 404)
    await browser.get("/desk")
    answer = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held))
    assert answer.status_code in (403, 404)


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("token", ["", "x", "AAAA" * 22])
async def test_a_change_without_its_token_is_refused(visit: Visit, held: Runtime, token: str) -> None:
    browser = await open_form(visit)
    answer = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held) | {"csrf": token})
    assert answer.status_code == 403


@pytest.mark.asvs("3.5.3")
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_change_from_a_foreign_page_is_refused(visit: Visit, held: Runtime, headers: dict[str, str]) -> None:
    browser = await open_form(visit)
    answer = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held), headers=headers)
    assert answer.status_code == 403


async def test_two_corrections_meet_in_a_page_that_shows_both_texts(visit: Visit, held: Runtime) -> None:
    first = await open_form(visit)
    saved = await first.post(f"/dossiers/{MARTA}/events", filled(first, held, summary="Pirmā versija"))
    correction = f"{path_of(saved)}/correction"
    second = await visit("inese-liepina")
    await first.get(correction)
    await second.get(correction)
    version = second.hidden("version")
    ok = await first.post(
        correction, filled(first, held, summary="Ātrākais", reason="sīkums", version=first.hidden("version"))
    )
    assert ok.status_code == 200 and "Ātrākais" in first.page
    late = await second.post(correction, filled(second, held, summary="Lēnākais", reason="cits", version=version))
    assert late.status_code == 409
    assert "Ātrākais" in second.page and "Lēnākais" in second.page
    on_top = await second.post(
        correction, filled(second, held, summary="Lēnākais", reason="cits", version=second.hidden("version"))
    )
    assert on_top.status_code == 200 and "Lēnākais" in second.page


async def test_a_correction_leaves_what_is_withheld_because_of_other_children_as_it_is(
    visit: Visit, held: Runtime
) -> None:
    visitor = await open_form(visit)
    saved = await visitor.post(
        f"/dossiers/{MARTA}/events", filled(visitor, held, summary="Kopā", siblings=dossier_id("liva"))
    )
    entry = path_of(saved).rpartition("/")[2]

    async def audiences() -> list[str]:
        row = await held.store.dossiers.find_one({"_id": MARTA})
        assert row is not None
        return [w["audience"] for w in next(e for e in row["events"] if e["id"] == entry)["withheld"]]

    assert await audiences() == ["mother", "father", "carer"]
    await visitor.get(f"{path_of(saved)}/correction")
    assert "names_other_children" not in visitor.page
    assert 'name="withheld" id="withheld-yes" value="yes" checked' not in visitor.page
    assert "Ilze Kalniņa" not in visitor.page.split('id="readers"')[1]
    sent = filled(visitor, held, summary="Kopā visi", reason="sīkums", version=visitor.hidden("version"))
    await visitor.post(f"{path_of(saved)}/correction", sent)
    assert await audiences() == ["mother", "father", "carer"]


async def test_the_preview_of_a_correction_is_of_this_entry_with_all_that_is_withheld(
    visit: Visit, held: Runtime
) -> None:
    visitor = await open_form(visit)
    saved = await visitor.post(
        f"/dossiers/{MARTA}/events", filled(visitor, held, summary="Kopā", siblings=dossier_id("liva"))
    )
    await visitor.get(f"{path_of(saved)}/correction")
    asked = set(re.findall(r'hx-post="([^"]+/preview)"', visitor.page))
    assert asked == {f"{path_of(saved)}/correction/preview"}
    form = filled(visitor, held, version=visitor.hidden("version"), reason="sīkums", csrf=visitor.csrf)
    answer = await visitor.post(asked.pop(), form, headers={"HX-Request": "true"})
    aside = answer.text.split('id="readers"')[1]
    assert answer.status_code == 200 and "Aija Zariņa" in aside
    assert "Ilze Kalniņa" not in aside and "Andris Kalniņš" not in aside
    again = await visitor.post(f"{path_of(saved)}/correction/preview", form | {"summary": ""})
    assert 'hx-post="' + f'{path_of(saved)}/correction/preview"' in again.text, "and so are the next ones"


async def test_the_preview_of_a_correction_is_for_who_may_correct(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    saved = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held))
    aija = await open_form(visit, "aija-zarina")
    answer = await aija.post(f"{path_of(saved)}/correction/preview", filled(aija, held))
    assert answer.status_code == 404


async def test_withdrawing_asks_for_a_reason_and_leaves_the_entry_marked(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    saved = await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held, summary="Ne tas bērns"))
    withdrawal = f"{path_of(saved)}/withdrawal"
    await browser.get(withdrawal)
    refused = await browser.post(withdrawal, {"version": browser.hidden("version"), "reason": ""})
    assert refused.status_code == 422
    done = await browser.post(withdrawal, {"version": browser.hidden("version"), "reason": "Sajaukts vārds"})
    assert done.status_code == 200 and "Sajaukts vārds" in browser.page


async def test_script_in_a_text_is_shown_as_text(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit)
    evil = '<script>alert(1)</script> {{7*7}} "><img src=x onerror=alert(1)>'
    await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held, summary=evil, detail=evil))
    assert "<script>alert" not in browser.page and "&lt;script&gt;" in browser.page and "{{7*7}}" in browser.page


async def test_a_refused_form_shows_the_child_again_and_is_recorded_as_a_look(visit: Visit, held: Runtime) -> None:
    browser = await open_form(visit, "anda-zagare")
    looks = {"person_id": "anda-zagare", "act": "dossier.read", "dossier_id": MARTA}
    before = await held.store.audit_entries.count_documents(looks)
    await browser.post(f"/dossiers/{MARTA}/events", filled(browser, held, day="x"))
    assert await held.store.audit_entries.count_documents(looks) == before + 1
    await browser.post(f"/dossiers/{MARTA}/events/draft", filled(browser, held))
    assert await held.store.audit_entries.count_documents(looks) == before + 1


async def test_no_brother_or_sister_is_ticked_beforehand(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/events/new")
    boxes = re.findall(r'<input[^>]*name="siblings"[^>]*>', browser.page)
    assert boxes and not [box for box in boxes if "checked" in box]
