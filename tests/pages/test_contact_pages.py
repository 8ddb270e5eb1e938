"""The forms of base data and contacts, as somebody without JavaScript meets them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, path_of

MARTA, JANIS, ALISE = dossier_id("marta"), dossier_id("janis"), dossier_id("alise")
Visit = Callable[..., Awaitable[Browser]]


async def row_of(held: Runtime, child: str = MARTA) -> dict[str, Any]:
    row = await held.store.dossiers.find_one({"_id": child})
    assert row
    return row


async def contacts_of(held: Runtime, person_id: str, child: str = MARTA) -> str:
    found = next(r for r in (await row_of(held, child))["relationships"] if r.get("person_id") == person_id)
    return f"/dossiers/{child}/family/{found['id']}/contacts"


def carried(browser: Browser, *names: str) -> dict[str, str]:
    """What the page carries for these fields, and the role it was made under."""
    hidden = [f"{kind}_{name}" for name in names for kind in ("was", "version")]
    return {name: browser.hidden(name) for name in ("role", *hidden)}


async def test_the_mothers_new_number_is_one_click_from_the_family_and_shown_everywhere(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/family")
    address = await contacts_of(held, "ilze-kalnina")
    assert f'href="{address}"' in browser.page
    await browser.get(address)
    assert "Ilze Kalniņa, māte" in browser.page and "Fizisko personu reģistrs" in browser.page
    old = browser.hidden("phone")
    sent = {"phone": "0000 0901", "email": "ilze.jauna@pasts.example"} | carried(browser, "phone", "email")
    saved = await browser.post(address, sent)
    assert path_of(saved) == f"/dossiers/{MARTA}/family" and "Kontakti ir saglabāti." in browser.page
    assert "0000 0901" in browser.page and "Cits avots saka:" in browser.page and old in browser.page
    await browser.get(f"/dossiers/{MARTA}")
    assert "0000 0901" in browser.page
    await browser.get(f"/dossiers/{MARTA}/access-log")
    assert "laboja kontaktus" in browser.page
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{MARTA}/family")
    assert "0000 0901" in mother.page and "Cits avots" not in mother.page and "Labot" not in mother.page


async def test_wrong_input_gives_sentences_and_keeps_what_was_typed(visit: Visit, held: Runtime) -> None:
    browser = await visit("aija-zarina")
    address = await contacts_of(held, "andris-kalnins")
    await browser.get(address)
    sent = {"phone": "zvanīt vakarā", "email": "andris(at)pasts"} | carried(browser, "phone", "email")
    answer = await browser.post(address, sent)
    assert answer.status_code == 422 and "zvanīt vakarā" in browser.page and "andris(at)pasts" in browser.page
    assert [error.partition(":")[0] for error in browser.errors] == ["Tālrunis", "E-pasts"]
    assert browser.hidden("was_phone") == sent["was_phone"]


async def test_base_data_of_a_register_stay_and_the_word_of_people_stands_beside_them(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("aija-zarina")
    await browser.get(f"/dossiers/{MARTA}")
    assert f'href="/dossiers/{MARTA}/base"' in browser.page
    await browser.get(f"/dossiers/{MARTA}/base")
    was = browser.hidden("was_class")
    sent = {"class": "7.c", "interests": "Zīmē\nun spēlē dambreti"} | carried(browser, "class", "interests")
    await browser.post(f"/dossiers/{MARTA}/base", sent)
    said = unescape(browser.page.split('id="base"')[1])
    assert "Pamatdati ir saglabāti." in browser.page and "Aija Zariņa, Cēsu 2. pamatskola" in said
    assert was in said and "7.c" in said and "dambreti" in said
    stored = (await row_of(held))["base"]["class"]
    assert (stored["value"], stored["source"], stored["said_here"]["value"]) == (was, "viis", "7.c")
    mother = await visit("ilze-kalnina")
    await mother.get(f"/dossiers/{MARTA}")
    assert "7.c" in mother.page and "Aija Zariņa, Cēsu 2. pamatskola" not in mother.page.split('id="base"')[1]


async def test_a_form_in_two_tabs_conflicts_only_where_both_changed_the_same(visit: Visit, held: Runtime) -> None:
    first, second = await visit("inese-liepina"), await visit("inese-liepina")
    address, names = f"/dossiers/{JANIS}/base", ("contact_person", "programme", "interests")
    await first.get(address)
    await second.get(address)
    one = {"contact_person": "Velta, 0000 0005", "programme": "Pirmā"} | carried(first, *names)
    assert path_of(await first.post(address, one | {"interests": one["was_interests"]})) == f"/dossiers/{JANIS}"
    two = {"contact_person": "Andris, 0000 0006", "interests": "Futbols"} | carried(second, *names)
    late = await second.post(address, two | {"programme": two["was_programme"]})
    assert late.status_code == 409
    assert "Velta, 0000 0005" in second.page and "Andris, 0000 0006" in second.page and "Futbols" in second.page
    assert "Futbols" not in str((await row_of(held, JANIS))["base"])
    assert second.hidden("programme") == "Pirmā", "what was left alone shows what stands now"
    again = {"contact_person": "Andris, 0000 0006", "interests": "Futbols", "programme": "Pirmā"}
    saved = await second.post(address, again | carried(second, *names))
    assert path_of(saved) == f"/dossiers/{JANIS}"
    base = (await row_of(held, JANIS))["base"]
    assert base["contact_person"]["value"] == "Andris, 0000 0006" and "Futbols" in str(base["interests"])


async def test_a_lost_session_loses_no_text(visit: Visit, held: Runtime) -> None:
    browser = await visit("anda-zagare")
    address = f"/dossiers/{MARTA}/base"
    await browser.get(address)
    sent = {"interests": "Garš stāsts", "csrf": browser.csrf} | carried(browser, "interests")
    held.clock.now += timedelta(minutes=31)  # type: ignore[attr-defined]
    answer = await browser.post(address, sent, follow=False)
    assert answer.headers["location"] == f"/sign-in?return={address}"
    again = await visit("anda-zagare")
    await again.get(address)
    assert "Garš stāsts" in again.page


async def test_a_form_of_another_role_is_not_saved_and_its_text_is_kept(visit: Visit) -> None:
    browser = await visit("inese-liepina")
    address = f"/dossiers/{MARTA}/base"
    await browser.get(address)
    answer = await browser.post(address, {"interests": "Cita loma"} | carried(browser, "interests") | {"role": "x"})
    assert answer.status_code == 409 and "Jūsu loma ir mainījusies" in browser.page
    await browser.get(address)
    assert "Cita loma" in browser.page


async def test_who_writes_contacts_only_is_asked_for_nothing_else(visit: Visit, held: Runtime) -> None:
    child = dossier_id("liva")
    browser = await visit("dace-ozola")
    assert (await browser.get(f"/dossiers/{child}/base")).status_code == 200
    assert 'name="contact_person"' in browser.page and 'name="interests"' not in browser.page
    sent = {"interests": "x", "was_interests": "", "version_interests": "0"}
    await browser.post(f"/dossiers/{child}/base", sent)
    assert (await row_of(held, child))["base"].get("interests", {}).get("value") != "x"


async def test_a_protected_residence_is_for_the_team_alone(visit: Visit, held: Runtime) -> None:
    browser = await visit("kaspars-riekstins")
    address = f"/dossiers/{ALISE}/base"
    await browser.get(address)
    sent = {"actual_address": "Klusā iela 5"} | carried(browser, "actual_address")
    await browser.post(address, sent)
    assert "Klusā iela 5" in browser.page and "Aizsargātā dzīvesvieta" in browser.page
    assert "Klusā iela" not in str(await row_of(held, ALISE))
    await browser.get(address)
    assert browser.hidden("was_actual_address") == "Klusā iela 5"
    for person in ("dina-gulbe", "edijs-gulbis"):
        parent = await visit(person)
        for page in ("", "/family", "/base"):
            await parent.get(f"/dossiers/{ALISE}{page}")
            assert "Klusā" not in parent.page, person


@pytest.mark.parametrize(
    ("person", "status"), [("ruta-abele", 403), ("vita-eglite", 403), ("ilze-kalnina", 403), ("zane-kaulina", 404)]
)
async def test_who_may_not_write_finds_no_button_and_no_way_round_it(
    visit: Visit, held: Runtime, person: str, status: int
) -> None:
    browser, before = await visit(person), await row_of(held)
    await browser.get(f"/dossiers/{MARTA}")
    assert "/base" not in browser.page
    await browser.get(f"/dossiers/{MARTA}/family")
    assert "/contacts" not in browser.page
    await browser.get("/desk")
    for address in (f"/dossiers/{MARTA}/base", await contacts_of(held, "ilze-kalnina")):
        assert (await browser.get(address)).status_code == status
        await browser.get("/desk")
        sent = {"phone": "0000 0999", "contact_person": "x", "was_contact_person": "-", "was_phone": "-"}
        assert (await browser.post(address, sent)).status_code == status
    assert await row_of(held) == before


async def test_somebody_who_is_not_of_this_family_is_not_found(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    foreign = (await contacts_of(held, "dina-gulbe", ALISE)).replace(ALISE, MARTA)
    assert (await browser.get(foreign)).status_code == 404
    await browser.get("/desk")
    assert (await browser.post(foreign, {"phone": "0000 0999", "was_phone": ""})).status_code == 404


async def test_script_in_a_text_is_shown_as_text(visit: Visit) -> None:
    browser, evil = await visit("inese-liepina"), '"><script>alert(1)</script>{{7*7}}'
    await browser.get(f"/dossiers/{MARTA}/base")
    await browser.post(f"/dossiers/{MARTA}/base", {"contact_person": evil} | carried(browser, "contact_person"))
    assert "<script>alert" not in browser.page and "{{7*7}}" in browser.page
    await browser.get(f"/dossiers/{MARTA}/base")
    assert browser.hidden("was_contact_person") == evil
