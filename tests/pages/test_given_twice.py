"""One question, one answer: a name given twice where one value is expected is refused, on every route."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.pages.test_hostile import EVENT, FORMS, PARAMETERS

Visit = Callable[..., Awaitable[Browser]]
MARTA = dossier_id("marta")
ROUTES = [
    (method, path, name)
    for method, path, _, name in map(
        str.split, (Path(__file__).parents[1] / "contracts" / "routes.txt").read_text().splitlines()
    )
    if not path.startswith("/api/")  # JSON: tests/pages/test_exchange.py
]
# What may be given several times because the question has several answers.
LISTS = {
    "timeline": {"domain"},
    "timeline_search": {"domain"},
    "ask_for_access": {"sections"},
    "decide_request": {"sections"},
    "report_concern": {"siblings"},
    "hand_over": {"case"},
    "draft_decision": {"concerned", "parties", "addressed_to", "protect_from"},
    "change_decision": {"concerned", "parties", "addressed_to", "protect_from"},
    **{
        name: {"siblings", "withheld_for", "named_people", "files_kept"}
        for name in ("add_event", "event_draft", "event_preview", "correct_event", "correction_preview")
    },
    **{
        name: {"named_people"}
        for name in (
            *("add_assessment", "assessment_draft", "assessment_preview"),
            *("correct_assessment", "assessment_correction_preview"),
        )
    },
}
ASKED = PARAMETERS | {
    "sign_in": ["return", "with", "as"],
    "roles": ["next"],
    "step_up_begin": ["return"],
    "timeline_search": PARAMETERS["timeline"],
}
FORM = "application/x-www-form-urlencoded"
ADVICE = "uz vienu jautājumu ir divas atbildes"


def address(path: str) -> str:
    known = {"dossier_id": MARTA, "decision": "agree", "code": "lv", "path": "x.css"}
    return re.sub(r"{(\w+):\w+}", lambda found: known.get(found[1], "nothing"), path)


def entitled(path: str) -> str:
    """Somebody whose position includes the page: who is not let in is told nothing of the form."""
    if "/decisions" in path:
        return "anda-zagare"
    if path.endswith("/handing-over") or path.startswith("/oversight"):
        return "vita-eglite"
    if path.startswith("/analytics"):
        return "renate-vilcina"
    return "linda-karklina" if path.startswith("/admin") else "inese-liepina"


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    part = '--b\r\ncontent-disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(part.format(name, value) for name, value in pairs) + "--b--\r\n").encode()


@pytest.mark.asvs("15.3.7")
@pytest.mark.parametrize(("method", "path", "name"), ROUTES, ids=[f"{r[0]} {r[2]}" for r in ROUTES])
async def test_a_parameter_given_twice_is_refused_with_a_page_that_says_so(
    visit: Visit, method: str, path: str, name: str
) -> None:
    browser = await visit(entitled(path))
    await browser.get("/roles")
    for parameter in [*ASKED.get(name, ()), "unknown"]:
        query = f"?{parameter}=1&{parameter}=2"
        headers = {"x-csrf-token": browser.csrf} if method == "POST" else {}
        answer = await browser.client.request(method, address(path) + query, headers=headers)
        if parameter in LISTS.get(name, ()):
            assert answer.status_code in (200, 303)
        else:
            assert answer.status_code == 400 and ADVICE in answer.text, parameter


@pytest.mark.asvs("15.3.7")
@pytest.mark.parametrize(("path", "name"), [(path, name) for method, path, name in ROUTES if method == "POST"])
async def test_a_field_given_twice_is_refused_and_does_nothing(
    visit: Visit, held: Runtime, path: str, name: str
) -> None:
    browser = await visit(entitled(path))
    await browser.get("/roles")
    token = browser.csrf
    before = await held.store.dossiers.find_one({"_id": MARTA})
    for field in [*FORMS[name], "csrf", "unknown"]:
        good = FORMS[name] | {"csrf": token}
        pairs = [*good.items(), (field, good.get(field, "1"))]
        pairs += [(field, "1")] if field == "unknown" else []
        lists = field in LISTS.get(name, ())
        for kind, body in (
            (FORM, "&".join(f"{n}={v}" for n, v in pairs).encode()),
            ("multipart/form-data; boundary=b", multipart(pairs)),
        ):
            headers = {"content-type": kind} | ({} if field == "csrf" else {"x-csrf-token": token})
            if lists:
                headers["x-csrf-token"] = "none"  # a form refused for its token was read without complaint
            answer = await browser.client.post(address(path), content=body, headers=headers)
            if lists:
                assert answer.status_code == 403 and ADVICE not in answer.text, field
            else:
                assert answer.status_code == 400 and ADVICE in answer.text, field
    assert await held.store.dossiers.find_one({"_id": MARTA}) == before
    assert (await browser.get("/roles")).status_code == 200, "still signed in"


async def test_questions_with_several_answers_keep_them(visit: Visit, held: Runtime) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/timeline?domain=health&domain=justice")
    on = re.findall(r'id="chip-(\w+)"[^>]*aria-current="true"', browser.page)
    assert set(on) == {"health", "justice"}
    await browser.get(f"/dossiers/{MARTA}/events/new")
    siblings = re.findall(r'name="siblings"[^>]*value="([^"]+)"', browser.page)
    assert len(siblings) >= 2
    csrf, submission = browser.csrf, browser.hidden("submission")
    data = EVENT | {"csrf": csrf, "submission": submission, "siblings": siblings, "summary": "Abiem"}
    answer = await browser.client.post(f"/dossiers/{MARTA}/events", data=data)
    assert answer.status_code == 303
    for dossier in (MARTA, *siblings):
        row = await held.store.dossiers.find_one({"_id": dossier}) or {}
        assert row["events"][-1]["summary"] == "Abiem"


async def test_a_kept_form_with_a_field_given_twice_is_refused_after_the_session_too(
    visit: Visit, held: Runtime
) -> None:
    browser = await visit("inese-liepina")
    await browser.get(f"/dossiers/{MARTA}/events/new")
    before = await held.store.drafts.count_documents({})
    await held.store.sessions.update_many({}, {"$set": {"idle_until": held.now()}})
    data = EVENT | {"csrf": browser.csrf, "summary": ["Viens", "Otrs"]}
    answer = await browser.client.post(f"/dossiers/{MARTA}/events", data=data)
    assert answer.status_code == 400
    assert await held.store.drafts.count_documents({}) == before
