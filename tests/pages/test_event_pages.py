"""The forms of an entry, as somebody without JavaScript meets them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from documents.model import day_of
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

MARTA, JANIS = dossier_id("marta"), dossier_id("janis")
Visit = Callable[..., Awaitable[Browser]]


def filled(visitor: Browser, held: Runtime, **changes: str) -> dict[str, str]:
    """A form filled in rightly, with what the page carries."""
    return {
        "role": visitor.hidden("role"),
        "submission": visitor.hidden("submission"),
        "asked_siblings": "yes",
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
    visitor = await visit(person)
    answer = await visitor.get(f"/dossiers/{MARTA}/events/new")
    assert answer.status_code == 200
    return visitor


async def test_a_saved_event_is_shown_and_the_draft_is_gone(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held))
    assert answer.status_code == 200 and path_of(answer).startswith(f"/dossiers/{MARTA}/events/")
    assert "Mājās silti un mierīgi" in visitor.page
    await visitor.get(f"/dossiers/{MARTA}/events/new")
    assert "Mājās silti" not in visitor.page


async def test_wrong_input_gives_sentences_and_keeps_what_was_typed(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held, day="31.11.2026", summary=""))
    assert answer.status_code == 422
    assert visitor.errors[:2] == [
        "Kad?: Tajā mēnesī ir 30 dienas. Ierakstiet datumu, kāds ir kalendārā.",
        "Vienā teikumā: Uzrakstiet vienā teikumā, kas notika.",
    ]
    assert "Marta rādīja savus zīmējumus." in visitor.page and 'value="31.11.2026"' in visitor.page


async def test_without_javascript_a_button_shows_the_fields_of_the_kind(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    sent = {"role": visitor.hidden("role"), "kind": "home_visit", "step": "kind", "summary": "Sākums"}
    answer = await visitor.post(f"/dossiers/{MARTA}/events", sent)
    assert answer.status_code == 200
    assert 'name="field_present"' in visitor.page and "Sākums" in visitor.page


async def test_a_draft_comes_back_also_after_the_session_ran_out(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit, "aija-zarina")
    form = filled(visitor, held, detail="Gara saruna ar Martu")
    token = visitor.csrf
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await visitor.post(f"/dossiers/{MARTA}/events", form | {"csrf": token}, follow=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?return=/dossiers/{MARTA}/events/new"
    again = await open_form(visit, "aija-zarina")
    assert "Gara saruna ar Martu" in again.page


async def test_a_form_of_another_role_is_not_saved_and_its_text_is_kept(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    answer = await visitor.post(
        f"/dossiers/{MARTA}/events", filled(visitor, held, role="somebody-else", summary="Cita loma")
    )
    assert answer.status_code == 409 and "Jūsu loma ir mainījusies" in visitor.page
    await visitor.get(f"/dossiers/{MARTA}/events/new")
    assert "Cita loma" in visitor.page


async def test_before_saving_the_page_says_who_will_read_it(visit: Visit) -> None:
    visitor = await open_form(visit)
    aside = visitor.page.split('id="readers"')[1]
    assert "Aija Zariņa" in aside and "Ilze Kalniņa" in aside
    assert "Inese Liepiņa" not in aside


async def test_the_preview_narrows_the_circle_with_the_class(visit: Visit) -> None:
    visitor = await open_form(visit)
    sent = {"kind": "home_visit", "confidentiality": "restricted"}
    answer = await visitor.post(f"/dossiers/{MARTA}/events/preview", sent, headers={"HX-Request": "true"})
    aside = answer.text.split('id="readers"')[1]
    assert "Aija Zariņa" not in aside and 'name="named_people"' in answer.text


@pytest.mark.parametrize("person", ["vita-eglite", "zane-kaulina", "ilze-kalnina"])
async def test_who_may_not_write_finds_no_form_and_no_way_round_it(visit: Visit, held: Runtime, person: str) -> None:
    visitor = await visit(person)
    assert (await visitor.get(f"/dossiers/{MARTA}/events/new")).status_code in (403, 404)
    await visitor.get("/desk")
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held))
    assert answer.status_code in (403, 404)


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("token", ["", "x", "AAAA" * 22])
async def test_a_change_without_its_token_is_refused(visit: Visit, held: Runtime, token: str) -> None:
    visitor = await open_form(visit)
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held) | {"csrf": token})
    assert answer.status_code == 403


@pytest.mark.asvs("3.5.3")
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_change_from_a_foreign_page_is_refused(visit: Visit, held: Runtime, headers: dict[str, str]) -> None:
    visitor = await open_form(visit)
    answer = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held), headers=headers)
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


async def test_withdrawing_asks_for_a_reason_and_leaves_the_entry_marked(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    saved = await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held, summary="Ne tas bērns"))
    withdrawal = f"{path_of(saved)}/withdrawal"
    await visitor.get(withdrawal)
    refused = await visitor.post(withdrawal, {"version": visitor.hidden("version"), "reason": ""})
    assert refused.status_code == 422
    done = await visitor.post(withdrawal, {"version": visitor.hidden("version"), "reason": "Sajaukts vārds"})
    assert done.status_code == 200 and "Sajaukts vārds" in visitor.page


async def test_script_in_a_text_is_shown_as_text(visit: Visit, held: Runtime) -> None:
    visitor = await open_form(visit)
    evil = '<script>alert(1)</script> {{7*7}} "><img src=x onerror=alert(1)>'
    await visitor.post(f"/dossiers/{MARTA}/events", filled(visitor, held, summary=evil, detail=evil))
    assert "<script>alert" not in visitor.page and "&lt;script&gt;" in visitor.page and "{{7*7}}" in visitor.page
