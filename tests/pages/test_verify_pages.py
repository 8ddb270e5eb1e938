"""Whether a decision is genuine: for anybody, by code or file, telling nothing of the child."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from documents.decision import CourtDecision
from documents.files import open_file
from fixtures.story import dossier_id
from portal.decisions.seal import new_seal
from portal.decisions.story import tell_decisions
from portal.decisions.verifying import LIMITS
from portal.runtime import Runtime
from tests.browsing import Browser

KATE = dossier_id("kate")
Issued = tuple[CourtDecision, str, bytes]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(held: Runtime) -> AsyncIterator[list[Issued]]:
    """The story's decisions about Kate: replaced, in force; with code and file."""
    held.seal = new_seal("Tests", held.now())
    await tell_decisions(held)
    await tell_decisions(held)  # once more changes nothing
    found = []
    async for row in held.store.decisions.find({"dossier_id": KATE}).sort("at", 1):
        decision = CourtDecision.model_validate(row)
        words = await held.store.secrets.open(decision.sealed)
        parts = await open_file(held.store, decision.file.file_id) if decision.file else None
        content = b"".join([part async for part in parts]) if parts else b""
        found.append((decision, words.get("code", ""), content))
    yield found
    held.seal = None


@pytest.fixture(autouse=True)
async def fresh_limits(held: Runtime) -> None:
    await held.store.rates.delete_many({})


async def test_the_story_tells_one_replaced_one_in_force_and_one_draft(told: list[Issued]) -> None:
    assert [decision.state for decision, _, _ in told] == ["replaced", "issued", "draft"]
    assert [decision.number for decision, _, _ in told][:2] == [1, 2]
    assert told[0][0].replaced_by == told[1][0].id and told[1][0].replaces == told[0][0].id


@pytest.mark.parametrize(("language", "words"), [("lv", ("aizstāts", "spēkā")), ("en", ("replaced", "in force"))])
async def test_a_code_tells_court_day_and_state_and_nothing_of_the_child(
    held: Runtime, told: list[Issued], language: str, words: tuple[str, str]
) -> None:
    visitor = Browser(held)
    await visitor.client.post(f"/language/{language}", data={"next": "/verify"})
    for (decision, code, _), state in zip(told[:2], words, strict=True):
        for answer in (
            await visitor.get(f"/verify/{code}"),
            await visitor.post("/verify", {"code": f" {code[:5].upper()}-{code[5:]} "}),
        ):
            assert answer.status_code == 200
            main = visitor.page.split("<main")[1].split("</main>")[0]
            assert state in main and decision.court_name in main
            for word in ("Kate", "Zvaigzne", "Siliņa", "Mezule", decision.called, "saskarsme"):
                assert word not in main, word


async def test_unknown_codes_drafts_and_nonsense_are_answered_alike(held: Runtime, told: list[Issued]) -> None:
    visitor, pages = Browser(held), set()
    for code in ("0" * 26, "x", told[2][0].id, "$ne", told[1][1][:-1] + ("0" if told[1][1][-1] != "0" else "1")):
        answer = await visitor.post("/verify", {"code": code})
        assert answer.status_code == 200
        pages.add(visitor.page.split("<main")[1].split("</main>")[0])
    assert len(pages) == 1 and "tone-danger" in pages.pop()


async def test_a_file_is_genuine_only_byte_for_byte_and_sealed(held: Runtime, told: list[Issued]) -> None:
    visitor, (decision, _, content) = Browser(held), told[1]

    async def verdict(file: bytes) -> bool:
        answer = await visitor.client.post("/verify", files={"file": ("x.pdf", io.BytesIO(file), "application/pdf")})
        assert answer.status_code == 200
        return "tone-success" in answer.text

    assert await verdict(content)
    changed = bytearray(content)
    changed[changed.find(b"stream") + 60] ^= 1
    for other in (bytes(changed), content + b" ", content[:-1], b"%PDF-1.4 x", b"x" * 100):
        assert not await verdict(other)
    # Even a changed file that the store takes for its own is not believed: the seal says otherwise.
    import hashlib

    known = {"_id": decision.id}
    forged = {"$set": {"file.sha256": hashlib.sha256(changed).hexdigest()}}
    await held.store.decisions.update_one(known, forged)
    assert not await verdict(bytes(changed))
    assert decision.file
    await held.store.decisions.update_one(known, {"$set": {"file.sha256": decision.file.sha256}})
    assert await verdict(content)


async def test_who_asks_too_often_waits_and_an_empty_form_says_what_to_do(held: Runtime, told: list[Issued]) -> None:
    visitor = Browser(held)
    assert (await visitor.post("/verify", {})).status_code == 422
    for _ in range(LIMITS[0][0]):
        assert (await visitor.get("/verify/x")).status_code == 200
    assert (await visitor.get("/verify/x")).status_code == 422
    held.clock.now += timedelta(minutes=16)  # type: ignore[attr-defined]
    assert (await visitor.get("/verify/x")).status_code == 200
