"""Sessions: ids only from us, new at every turn, ended for good, and no row for a mere visitor."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from auth.sessions import Session, Sessions, csrf_token, csrf_valid, request_origin_ok
from documents import schema

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Row = dict[str, Any]


@pytest_asyncio.fixture(loop_scope="session")
async def rows(database: AsyncDatabase[Row]) -> AsyncIterator[AsyncCollection[Row]]:
    yield database["sessions"]
    await database["sessions"].delete_many({})


@pytest.fixture
def sessions(rows: AsyncCollection[Row]) -> Sessions:
    return Sessions(rows)


async def sign_in(sessions: Sessions, **other: Any) -> tuple[str, Session]:
    given = {"person_id": "anna", "sub": "anna", "sid": "s1", "id_token": "t", "acr": "high", "auth_time": NOW}
    return await sessions.open(NOW, **{**given, **other})


async def test_a_signed_in_browser_is_recognised(sessions: Sessions) -> None:
    token, opened = await sign_in(sessions)
    assert await sessions.find(token, NOW + timedelta(seconds=5)) == opened


async def test_the_cookie_is_not_in_the_store(sessions: Sessions, rows: AsyncCollection[Row]) -> None:
    token, opened = await sign_in(sessions)
    row = await rows.find_one({})
    assert row is not None
    assert token not in str(row)
    assert row["_id"] == opened.id != token


@pytest.mark.asvs("7.2.3")
@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "\x00", "\ud800", "{'$ne': null}"])
async def test_an_id_made_by_somebody_else_is_nobody_and_leaves_no_row(
    sessions: Sessions, rows: AsyncCollection[Row], token: str
) -> None:
    assert await sessions.find(token, NOW) is None
    assert await rows.count_documents({}) == 0


async def test_the_hash_in_the_store_is_no_key_to_it(sessions: Sessions) -> None:
    _, opened = await sign_in(sessions)
    assert await sessions.find(opened.id, NOW) is None


@pytest.mark.asvs("7.2.4")
async def test_signing_in_gives_a_new_id_and_ends_the_one_brought_along(sessions: Sessions) -> None:
    planted, _ = await sign_in(sessions, person_id="attacker", sub="attacker")
    token, opened = await sign_in(sessions, replacing=planted)
    assert token != planted
    assert opened.person_id == "anna"
    assert await sessions.find(planted, NOW) is None


async def test_a_role_change_moves_to_a_new_id_and_keeps_the_limits(sessions: Sessions) -> None:
    old, opened = await sign_in(sessions)
    renewed = await sessions.renew(opened, NOW + MINUTE, role_id="r1")
    assert renewed
    token, session = renewed
    assert (session.role_id, session.person_id, session.acr) == ("r1", "anna", "high")
    assert session.absolute_until == opened.absolute_until
    assert session.csrf_secret != opened.csrf_secret
    assert await sessions.find(old, NOW + MINUTE) is None
    found = await sessions.find(token, NOW + MINUTE)
    assert found == session


async def test_a_step_up_moves_to_a_new_id_with_its_proof(sessions: Sessions) -> None:
    _, opened = await sign_in(sessions, acr="low", role_id="r1")
    renewed = await sessions.renew(opened, NOW + MINUTE, acr="high", auth_time=NOW + MINUTE)
    assert renewed
    assert (renewed[1].role_id, renewed[1].acr, renewed[1].auth_time) == ("r1", "high", NOW + MINUTE)


async def test_a_role_change_in_flight_does_not_outlive_a_logout(
    sessions: Sessions, rows: AsyncCollection[Row]
) -> None:
    _, opened = await sign_in(sessions)
    await sessions.end_by_sid("s1", NOW)
    assert await sessions.renew(opened, NOW, role_id="r1") is None
    assert await rows.count_documents({"revoked": None}) == 0


async def test_a_request_in_flight_does_not_revive_what_a_logout_ended(
    sessions: Sessions, rows: AsyncCollection[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    token, opened = await sign_in(sessions)
    later = NOW + 5 * MINUTE
    own = sessions._rows
    read = own.find_one

    async def logout_after_reading(*words: Any) -> Row | None:
        row = await read(*words)
        assert await sessions.end(opened.id, later)
        return row

    monkeypatch.setattr(own, "find_one", logout_after_reading)
    assert await sessions.find(token, later) is None
    row = await rows.find_one({"_id": opened.id})
    assert row is not None
    assert row["revoked"]
    assert "id_token" not in row


async def test_a_pause_of_half_an_hour_ends_it(sessions: Sessions) -> None:
    token, _ = await sign_in(sessions)
    assert await sessions.find(token, NOW + 29 * MINUTE)
    assert await sessions.find(token, NOW + 58 * MINUTE)
    assert await sessions.find(token, NOW + 88 * MINUTE) is None


async def test_polling_does_not_prolong_it(sessions: Sessions, rows: AsyncCollection[Row]) -> None:
    token, _ = await sign_in(sessions)
    for minute in range(29):
        assert await sessions.find(token, NOW + minute * MINUTE, polling=True)
    assert await sessions.find(token, NOW + 30 * MINUTE, polling=True) is None
    row = await rows.find_one({})
    assert row is not None
    assert row["last_seen"].replace(tzinfo=UTC) == NOW


@pytest.mark.asvs("7.3.2")
async def test_after_ten_hours_it_ends_however_busy(sessions: Sessions) -> None:
    token, _ = await sign_in(sessions)
    for step in range(1, 30):
        assert await sessions.find(token, NOW + step * 20 * MINUTE)
    assert await sessions.find(token, NOW + timedelta(hours=10)) is None


async def test_being_seen_is_written_once_a_minute(sessions: Sessions) -> None:
    token, _ = await sign_in(sessions)
    again = await sessions.find(token, NOW + timedelta(seconds=59))
    assert again
    assert again.last_seen == NOW
    later = await sessions.find(token, NOW + MINUTE)
    assert later
    assert later.last_seen == NOW + MINUTE


@pytest.mark.parametrize("way", ["end_by_sid", "end_by_sub", "end_by_person"])
async def test_a_logout_elsewhere_ends_all_that_belong_to_it_and_no_other(sessions: Sessions, way: str) -> None:
    words = {"person_id": "berta", "sub": "sub-berta", "sid": "s2"}
    mine = [(await sign_in(sessions, **words))[0] for _ in range(2)]
    other, _ = await sign_in(sessions)
    which = {"end_by_sid": "s2", "end_by_sub": "sub-berta", "end_by_person": "berta"}[way]
    assert await getattr(sessions, way)(which, NOW) == 2
    assert [await sessions.find(token, NOW) for token in mine] == [None, None]
    assert await sessions.find(other, NOW)


async def test_rows_vanish_by_themselves(sessions: Sessions, rows: AsyncCollection[Row]) -> None:
    await rows.create_indexes(schema.INDEXES["sessions"])
    indexes = await rows.index_information()
    assert indexes["expires"]["expireAfterSeconds"] == 0
    _, opened = await sign_in(sessions)
    assert opened.expires == opened.absolute_until


async def test_a_csrf_token_fits_its_session_only_and_never_looks_the_same(sessions: Sessions) -> None:
    _, mine = await sign_in(sessions)
    _, other = await sign_in(sessions)
    tokens = {csrf_token(mine) for _ in range(20)}
    assert len(tokens) == 20
    assert all(csrf_valid(mine, token) for token in tokens)
    assert not any(csrf_valid(other, token) for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "ā", "A" * 86, "A" * 88, "====", "A" * 10_000])
async def test_any_other_csrf_token_is_refused(sessions: Sessions, token: str) -> None:
    _, mine = await sign_in(sessions)
    assert not csrf_valid(mine, token)


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({}, True),
        ({"origin": "https://own.example"}, True),
        ({"origin": "https://own.example", "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://own.example"}, False),
        ({"origin": "https://own.example.evil.example"}, False),
        ({"origin": "https://own.example", "sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
def test_a_change_from_a_foreign_page_is_refused(headers: dict[str, str], fine: bool) -> None:
    assert request_origin_ok(headers, {"https://own.example"}) is fine
