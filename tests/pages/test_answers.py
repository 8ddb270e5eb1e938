"""What every answer carries and what none does: headers, the server's kind, the words of a fault."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
import pytest

import portal.desk.controller
from fixtures.story import dossier_id
from portal.runtime import Runtime
from tests.browsing import Browser
from tests.heard import spoken_log

Visit = Callable[..., Awaitable[Browser]]
SECRET = "Marta-0000"


async def answers(visit: Visit) -> dict[str, httpx.Response]:
    """One of each kind: pages, redirects, refusals, files, what machines ask."""
    nobody, inese = await visit(), await visit("inese-liepina")
    await inese.get(f"/dossiers/{dossier_id('marta')}/documents")
    file = inese.page.partition("/files/")[2].partition('"')[0]
    address = inese.page.partition("/files/")[0].rpartition('href="')[2]
    script = (await nobody.client.get("/")).text.partition('src="')[2].partition('"')[0]
    return {
        "page": await nobody.client.get("/"),
        "page of a dossier": await inese.client.get(f"/dossiers/{dossier_id('marta')}"),
        "redirect": await nobody.client.get("/desk"),
        "not there": await inese.client.get("/nowhere"),
        "not theirs": await inese.client.get(f"/dossiers/{dossier_id('alise')}"),
        "without a token": await inese.client.post("/search", data={"q": "mar"}),
        "other method": await inese.client.put("/search"),
        "file": await inese.client.get(f"{address}/files/{file}"),
        "asset": await nobody.client.get(script),
        "health": await nobody.client.get("/healthz"),
    }


@pytest.mark.asvs("3.4.2", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "3.5.8", "13.4.6", "14.3.2")
async def test_every_kind_of_answer_carries_the_headers_and_says_nothing_of_the_server(visit: Visit) -> None:
    found = await answers(visit)
    assert {name: answer.status_code for name, answer in found.items()} == {
        "page": 200,
        "page of a dossier": 200,
        "redirect": 303,
        "not there": 404,
        "not theirs": 404,
        "without a token": 403,
        "other method": 405,
        "file": 200,
        "asset": 200,
        "health": 200,
    }
    for name, answer in found.items():
        headers = answer.headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy, name
        assert "unsafe" not in policy, name
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["referrer-policy"] in ("same-origin", "no-referrer"), name
        assert headers["cross-origin-opener-policy"] == "same-origin", name
        assert headers["cross-origin-resource-policy"] == "same-origin", name
        assert "access-control-allow-origin" not in headers, name
        assert not {"server", "x-powered-by", "via"} & set(headers), name
        assert headers["cache-control"] == "no-store" or name == "asset", name
        assert "charset" in headers.get("content-type", "charset") or name in ("file", "asset", "health"), name


@pytest.mark.asvs("16.5.1", "16.5.4")
async def test_a_fault_nobody_foresaw_says_nothing_to_whoever_meets_it_nor_to_the_log(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = await visit("inese-liepina")

    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(portal.desk.controller, "my_desk", fails)
    with spoken_log():
        answer = await browser.client.get("/desk")
    said = capsys.readouterr()
    assert answer.status_code == 500
    for text in (answer.text, said.out, said.err):
        assert SECRET not in text and "Traceback" not in text
    assert "RuntimeError" in said.out + said.err and "RuntimeError" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_where_to_report_a_fault_is_published_and_runs_out(visit: Visit, held: Runtime) -> None:
    browser = await visit()
    assert (await browser.client.get("/.well-known/security.txt")).status_code == 404, "the demo has nobody to tell"
    held.settings.security_contact = "security@portal.example"
    try:
        answer = await (await visit()).client.get("/.well-known/security.txt")
    finally:
        held.settings.security_contact = ""
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@portal.example"
    assert held.now() < datetime.fromisoformat(fields["Expires"]) < held.now() + timedelta(days=366)
    assert fields["Canonical"] == f"{held.settings.public_url}/.well-known/security.txt"
