"""Emergency access: entitled roles, with proof and reason, told at once, read-only, 24 hours, reviewed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from documents.dossier import Denial
from documents.model import to_bson
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser, codes_of, path_of

MARTA = dossier_id("marta")
USER = "ineta-godmane"
Visit = Callable[..., Awaitable[Browser]]
FORM = {
    "ground": "protect_from_threat",
    "legal_basis": "police_law",
    "reason": "Kaimiņi dzird kliedzienus, bērns viens ar tēvu.",
}


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_before(held: Runtime) -> AsyncIterator[None]:
    row = await held.store.dossiers.find_one({"_id": MARTA})
    start = held.now()
    await held.store.rates.delete_many({})
    await held.store.access_requests.delete_many({})
    yield
    held.clock.now = start  # type: ignore[attr-defined]
    await held.store.dossiers.replace_one({"_id": MARTA}, row or {})


async def found(visit: Visit, held: Runtime, person: str = USER) -> Browser:
    browser = await visit(person)
    await browser.get("/search")
    await browser.post("/search/nation", {"q": codes_of(held)[MARTA]})
    return browser


def token_for(browser: Browser, action: str) -> str:
    return browser.page.split(f'action="{action}"')[1].split('name="child" value="')[1].split('"')[0]


async def opened(visit: Visit, held: Runtime) -> Browser:
    browser = await found(visit, held)
    await browser.post("/emergencies/new", {"child": token_for(browser, "/emergencies/new")})
    assert "MK" in browser.page and "Marta" not in browser.page
    await browser.post("/emergencies", FORM | {"child": browser.hidden("child")})
    return browser


async def emergency(held: Runtime) -> dict[str, Any]:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    return next(e for e in row["emergencies"] if e["person_id"] == USER)


async def test_it_opens_everything_for_a_day_tells_at_once_and_is_marked(visit: Visit, held: Runtime) -> None:
    ineta = await opened(visit, held)
    assert (
        "Marta Kalniņa" in ineta.page and "Ārkārtas piekļuve." in ineta.page and "23 h 5" in ineta.page
    ) or "24 h 0" in ineta.page
    for page in ("", "/timeline", "/family", "/documents", "/access-log"):
        assert (await ineta.get(f"/dossiers/{MARTA}{page}")).status_code == 200
        assert "Ārkārtas piekļuve." in ineta.page
    one = await emergency(held)
    told = await held.store.outbox.find({"subject": one["id"]}).to_list()
    assert {item.get("to_role") or item["to_key"] for item in told} == {
        "inese-liepina-1",
        "i:cesu-socialais-dienests",
        "u:csd-gimenes",
    }
    assert all("kliedz" not in str(item) for item in told)
    entry = await held.store.audit_entries.find_one({"act": "emergency.opened", "subject": one["id"]})
    assert entry and entry["purpose"] == "protect_from_threat"
    look = await held.store.audit_entries.find_one({"act": "dossier.read", "person_id": USER}, sort=[("at", -1)])
    assert look and (look["relation"], look["purpose"]) == ("emergency", "protect_from_threat")
    ilze = await visit("ilze-kalnina")
    await ilze.get(f"/dossiers/{MARTA}/access-log")
    assert "ar ārkārtas piekļuvi" in ilze.page and "Godmane" not in ilze.page


async def test_it_reads_and_writes_nothing_but_what_was_done(visit: Visit, held: Runtime) -> None:
    ineta = await opened(visit, held)
    for path in ("/events/new", "/level", "/base", "/grants"):
        assert (await ineta.get(f"/dossiers/{MARTA}{path}")).status_code in (403, 404)
    await ineta.get(f"/dossiers/{MARTA}/emergency-help")
    short = await ineta.post(f"/dossiers/{MARTA}/emergency-help", {"help": "īss"})
    assert short.status_code == 422
    saved = await ineta.post(
        f"/dossiers/{MARTA}/emergency-help", {"help": "Bērns pie vecmāmiņas, tēvs aizturēts līdz rītam."}
    )
    assert "/events/" in path_of(saved) and "vecmāmiņas" in ineta.page
    assert (await ineta.get(f"/dossiers/{MARTA}/emergency-help")).status_code == 403
    await ineta.get(f"/dossiers/{MARTA}")
    assert "emergency-help" not in ineta.page
    inese = await visit("inese-liepina")
    await inese.get(path_of(saved))
    assert "vecmāmiņas" in inese.page
    ilze = await visit("ilze-kalnina")
    assert (await ilze.get(path_of(saved))).status_code == 404
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    assert "vecmāmiņas" not in str([e for e in row["events"] if e["kind"] == "emergency_help"])


async def test_it_ends_after_24_hours_to_the_second(visit: Visit, held: Runtime) -> None:
    await opened(visit, held)
    until = (await emergency(held))["until"]
    held.clock.now = until - timedelta(seconds=1)  # type: ignore[attr-defined]
    assert (await (await visit(USER)).get(f"/dossiers/{MARTA}")).status_code == 200
    held.clock.now = until  # type: ignore[attr-defined]
    assert (await (await visit(USER)).get(f"/dossiers/{MARTA}")).status_code == 404


async def test_case_manager_and_head_review_it_each_once_and_the_first_review_ends_it(
    visit: Visit, held: Runtime
) -> None:
    ineta = await opened(visit, held)
    one = await emergency(held)
    address = f"/dossiers/{MARTA}/emergencies/{one['id']}/review"
    await ineta.get("/desk")
    assert (await ineta.post(address, {"verdict": "justified", "words": "Pats zinu, ka vajadzēja."})).status_code == 403
    for person, side in (("inese-liepina", False), ("sanita-berzina", True)):
        browser = await visit(person)
        await browser.get("/desk")
        assert "Jūs gaida 1 piekļuves jautājums" in browser.page
        await browser.get("/access-requests")
        assert address in browser.page
        await browser.get(address)
        assert "kliedzienus" in browser.page
        assert (await browser.post(address, {"verdict": "", "words": ""})).status_code == 422
        await browser.post(address, {"verdict": "justified", "words": "Draudi bija tieši un tūlītēji."})
        assert path_of(await browser.get("/access-requests")) == "/access-requests" and address not in browser.page
        again = await browser.post(address, {"verdict": "not_justified", "words": "Otrreiz, savādāk nekā tikko."})
        assert again.status_code == 409 and "Otrreiz, savādāk" in browser.page
        reviews = (await emergency(held))["reviews"]
        assert reviews[-1].get("as_head", False) is side and reviews[-1]["justified"]
        assert (await ineta.get(f"/dossiers/{MARTA}")).status_code == 404
    for person in ("aija-zarina", "valdis-strods", "ilze-kalnina", "zane-kaulina"):
        other = await visit(person)
        assert (await other.get(address)).status_code in (403, 404)


async def test_a_denial_beats_it_and_says_whom_to_call(visit: Visit, held: Runtime) -> None:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    denial = Denial(
        id="no",
        person_id=USER,
        reason="Tēva draugs",
        since=held.now() - timedelta(hours=1),
        decided_by=row["case_manager"],
        call="Valsts policijas dežūrdaļa, 0000 0110",
    )
    await held.store.dossiers.update_one({"_id": MARTA}, {"$set": {"denials": [to_bson(denial)]}})
    ineta = await found(visit, held)
    await ineta.post("/emergencies/new", {"child": token_for(ineta, "/emergencies/new")})
    answer = await ineta.post("/emergencies", FORM | {"child": ineta.hidden("child")})
    assert answer.status_code == 403 and "Valsts policijas dežūrdaļa, 0000 0110" in ineta.page
    refused = await held.store.audit_entries.find_one({"act": "emergency.opened", "outcome": "refused"})
    assert refused and (refused["reason"], refused["dossier_id"]) == ("denied", MARTA)
    assert (await ineta.get(f"/dossiers/{MARTA}")).status_code == 404


@pytest.mark.parametrize("person", ["laila-strazda", "ruta-abele", "vita-eglite", "ilze-kalnina", "linda-karklina"])
async def test_who_is_not_entitled_has_no_button_and_is_refused(visit: Visit, held: Runtime, person: str) -> None:
    browser = await found(visit, held, person) if person == "laila-strazda" else await visit(person)
    assert 'action="/emergencies/new"' not in browser.page
    assert (await browser.get("/emergencies/new")).status_code == 403
    await browser.get("/desk")
    assert (await browser.post("/emergencies", FORM | {"child": "x"})).status_code == 403


async def test_without_fresh_proof_one_is_led_to_it_and_finds_the_form_with_the_words(
    visit: Visit, held: Runtime
) -> None:
    ineta = await found(visit, held)
    token = token_for(ineta, "/emergencies/new")
    await ineta.post("/emergencies/new", {"child": token})
    typed = FORM | {"child": ineta.hidden("child"), "csrf": ineta.csrf}
    held.clock.now += timedelta(minutes=16)  # type: ignore[attr-defined]
    answer = await ineta.post("/emergencies", typed, follow=False)
    assert answer.headers["location"] == "/step-up?return=/emergencies/new"
    assert (await ineta.get(f"/dossiers/{MARTA}")).status_code == 404
    again = await visit(USER)
    await again.get("/emergencies/new")
    assert "Kaimiņi dzird kliedzienus" in again.page and "MK" in again.page
    saved = await again.post("/emergencies", typed | {"csrf": again.csrf, "child": again.hidden("child")})
    assert path_of(saved) == f"/dossiers/{MARTA}"


async def test_wrong_input_opens_nothing_and_the_same_form_twice_is_one(visit: Visit, held: Runtime) -> None:
    ineta = await found(visit, held)
    await ineta.post("/emergencies/new", {"child": token_for(ineta, "/emergencies/new")})
    child = ineta.hidden("child")
    wrong = await ineta.post("/emergencies", {"child": child, "ground": "assess_need", "reason": "īss"})
    assert wrong.status_code == 422 and len(ineta.errors) == 3
    for _ in range(2):
        await ineta.post("/emergencies", FORM | {"child": child})
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    assert sum(e["person_id"] == USER for e in row["emergencies"]) == 1
    assert (await ineta.post("/emergencies", FORM | {"child": "x" * 60})).status_code == 404
