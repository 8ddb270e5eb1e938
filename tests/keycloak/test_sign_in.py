"""Signing in and out through a real Keycloak: the whole way, and whatever can come between."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio

import auth.oidc
from auth.keycloak.realms import demo_subject
from auth.oidc import OidcClient, new_flow
from auth.tokens import TokenRefused, verify_id_token
from documents.model import to_bson
from documents.person import LinkedIdentity
from documents.store import Store
from tests.browsing import Browser, Clock, make_runtime
from tests.keycloak.ground import DEMO, PASSWORD, SECRET, USERS, Ground
from tests.keycloak.served import Portal, Visitor, served


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(ground: Ground, prepared_store: Store) -> AsyncIterator[Portal]:
    async with served(ground, DEMO, prepared_store) as portal:
        yield portal


@pytest_asyncio.fixture(loop_scope="session")
async def portal(ground: Ground, running: Portal, demo_store: Store) -> AsyncIterator[Portal]:
    """A portal that knows Inese and Dace of the realm's users, not Ilze; nobody is signed in."""
    for one in USERS[:2]:
        known = LinkedIdentity(
            issuer=ground.keycloak.issuer(DEMO), subject=demo_subject(one.id), since=datetime.now(UTC)
        )
        await demo_store.people.insert_one(to_bson(one.model_copy(update={"identities": [known]})))
    yield running
    await running.forget()
    await ground.admin.does("POST", f"{DEMO}/logout-all")


async def acts(portal: Portal) -> list[str]:
    rows = portal.held.store.audit_entries.find({}, {"act": 1}).sort("at")
    return [row["act"] async for row in rows]


async def test_a_person_signs_in_with_a_password_and_is_recognised(portal: Portal) -> None:
    inese = Visitor(portal)
    answer = await inese.sign_in("inese", PASSWORD)
    assert (answer.status_code, answer.url.path) == (200, "/desk")
    session = await portal.held.store.sessions.find_one({"person_id": "inese"})
    assert session and (session["acr"], session["sub"]) == ("high", demo_subject("inese"))
    assert (await acts(portal))[0] == "session.started"


async def test_a_wrong_password_leads_nowhere(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", "wrong")
    assert not inese.signed_in
    assert inese.at.startswith(portal.held.settings.oidc_issuer)


async def test_whoever_is_confirmed_but_unknown_here_is_told_and_recorded(portal: Portal) -> None:
    ilze = Visitor(portal)
    answer = await ilze.sign_in("ilze", PASSWORD)
    assert answer.status_code == 403 and "Jūsu identitāte ir apstiprināta" in ilze.page
    assert not ilze.signed_in
    (entry,) = await portal.held.store.audit_entries.find({}).to_list()
    assert (entry["act"], entry["reason"], entry["outcome"]) == ("sign_in.refused", "unknown_person", "refused")
    assert "ilze" not in str(entry)


async def test_whoever_was_refused_can_sign_in_as_another(portal: Portal) -> None:
    """The provider still knows who was refused: leaving it comes first."""
    somebody = Visitor(portal)
    await somebody.sign_in("ilze", PASSWORD)
    await somebody.go("/sign-in/again")
    answer = await somebody.submit(username="inese", password=PASSWORD)
    assert answer.url.path == "/desk"


async def test_an_account_that_was_closed_is_not_entered(portal: Portal) -> None:
    await portal.held.store.people.update_one({"_id": "inese"}, {"$set": {"deactivated": True}})
    inese = Visitor(portal)
    answer = await inese.sign_in("inese", PASSWORD)
    assert answer.status_code == 403 and "konts te ir slēgts" in inese.page
    assert not inese.signed_in


@pytest.mark.asvs("7.4.2")
async def test_an_account_closed_meanwhile_ends_at_the_next_click(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    await portal.held.store.people.update_one({"_id": "inese"}, {"$set": {"deactivated": True}})
    answer = await inese.go("/desk")
    assert answer.status_code == 403 and "konts te ir slēgts" in inese.page


async def test_the_address_asked_for_comes_after_signing_in(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.go("/search")
    answer = await inese.submit(username="inese", password=PASSWORD)
    assert answer.url.path == "/search"


async def test_an_answer_sent_a_second_time_opens_nothing(portal: Portal) -> None:
    inese, other = Visitor(portal), Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    answered = next(address for address in inese.asked if "/sign-in/callback" in address)
    again = await inese.go(answered)
    assert again.status_code == 403
    assert (await other.go(answered)).status_code == 403
    assert not other.signed_in


@pytest.mark.asvs("7.4.1", "14.3.1")
async def test_signing_out_ends_both_sessions(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    answer = await inese.http.post(f"{portal.base}/sign-out", data={"csrf": _csrf(inese)})
    assert str(answer.url) == f"{portal.base}/"
    assert await portal.held.store.sessions.count_documents({"revoked": None}) == 0
    await inese.go("/sign-in")
    assert 'name="password"' in inese.page, "the provider asks again"


def _csrf(visitor: Visitor) -> str:
    return visitor.page.split('name="csrf" value="')[1].split('"')[0]


@pytest.mark.asvs("7.4.5", "10.6.2")
async def test_signing_out_elsewhere_ends_exactly_that_persons_sessions_here(portal: Portal, ground: Ground) -> None:
    inese, again, dace = Visitor(portal), Visitor(portal), Visitor(portal)
    for visitor, user in ((inese, "inese"), (again, "inese"), (dace, "dace")):
        await visitor.sign_in(user, PASSWORD)
    await ground.admin.does("POST", f"{DEMO}/users/{demo_subject('inese')}/logout")
    assert portal.told, "Keycloak told nobody"
    for visitor, stays in ((inese, False), (again, False), (dace, True)):
        answer = await visitor.go("/desk")
        assert (answer.url.path == "/desk") is stays
    assert (await acts(portal)).count("session.ended") >= 1


async def test_one_session_ended_at_the_provider_leaves_the_others(portal: Portal, ground: Ground) -> None:
    desk, phone = Visitor(portal), Visitor(portal)
    await desk.sign_in("inese", PASSWORD)
    await phone.sign_in("inese", PASSWORD)
    first = await portal.held.store.sessions.find_one({}, sort=[("created", 1)])
    assert first
    await ground.admin.does("DELETE", f"{DEMO}/sessions/{first['sid']}")
    assert (await desk.go("/desk")).url.path != "/desk"
    assert (await phone.go("/desk")).url.path == "/desk"


@pytest.mark.asvs("7.1.2")
async def test_a_fourth_session_ends_the_first(portal: Portal) -> None:
    visitors = [Visitor(portal) for _ in range(4)]
    for visitor in visitors:
        await visitor.sign_in("inese", PASSWORD)
        await asyncio.sleep(1.1)  # Keycloak tells older from younger by whole seconds
    assert [(await visitor.go("/desk")).url.path == "/desk" for visitor in visitors] == [False, True, True, True]


@pytest.mark.asvs("10.5.4")
@pytest.mark.asvs("10.5.5", "9.1.1")
async def test_a_logout_token_works_once_and_only_as_keycloak_made_it(portal: Portal, ground: Ground) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    await ground.admin.does("POST", f"{DEMO}/users/{demo_subject('inese')}/logout")
    (token,) = portal.told
    await inese.sign_in("inese", PASSWORD)
    head, body, signature = token.split(".")
    for wrong in (
        token,
        f"{head}.{body}.",
        f"{head}.{body[:-2]}AA.{signature}",
        f"{head}.{body}.{signature[::-1]}",
        "",
        "x",
    ):
        answer = await inese.http.post(f"{portal.base}/sign-out/backchannel", data={"logout_token": wrong})
        assert answer.status_code == 400
        assert answer.headers["cache-control"] == "no-store"
    assert (await inese.go("/desk")).url.path == "/desk"


async def test_an_id_token_ends_no_session(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    session = await portal.held.store.sessions.find_one({})
    assert session
    answer = await inese.http.post(f"{portal.base}/sign-out/backchannel", data={"logout_token": session["id_token"]})
    assert answer.status_code == 400


async def test_new_keys_are_taken_at_once_and_old_ones_refused_once_they_are_gone(
    portal: Portal, ground: Ground
) -> None:
    before, nonce = await _id_token(portal)
    oidc, issuer = portal.held.oidc, ground.keycloak.issuer(DEMO)
    words = {"issuer": issuer, "client_id": "atbalsts-portal", "nonce": nonce}
    assert await verify_id_token(before, oidc._keys, now=portal.clock(), **words)
    realm_id = (await ground.admin.does("GET", DEMO))["id"]
    old = await ground.admin.does("GET", f"{DEMO}/components?type=org.keycloak.keys.KeyProvider")
    new = {
        "name": "rotated",
        "providerId": "ecdsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": realm_id,
        "config": {"priority": ["500"], "enabled": ["true"], "active": ["true"], "ecdsaEllipticCurveKey": ["P-256"]},
    }
    await ground.admin.does("POST", f"{DEMO}/components", new)
    inese = Visitor(portal)
    assert (await inese.sign_in("inese", PASSWORD)).url.path == "/desk", "signed with the new key, at once"
    assert await verify_id_token(before, oidc._keys, now=portal.clock(), **words)
    for component in old:
        if component["providerId"] == "ecdsa-generated":
            await ground.admin.does("DELETE", f"{DEMO}/components/{component['id']}")
    later = portal.clock() + timedelta(seconds=61)
    with pytest.raises(TokenRefused, match="unknown key"):
        await verify_id_token(before, oidc._keys, now=later, **words)
    assert (await Visitor(portal).sign_in("inese", PASSWORD)).url.path == "/desk"


async def _id_token(portal: Portal) -> tuple[str, str]:
    """An ID token of Inese's and its nonce, by hand."""
    flow, inese, settings = new_flow(), Visitor(portal), portal.held.settings
    await inese.go(await portal.held.oidc.authorization_url(settings.callback_url, flow))
    inese.http.follow_redirects = False
    answer = await inese.submit(username="inese", password=PASSWORD)
    code = httpx.URL(answer.headers["location"]).params
    identity = await portal.held.oidc.exchange(code["code"], code["state"], flow, settings.callback_url, portal.clock())
    return identity.id_token, flow.nonce


async def _without(provider: str, store: Store) -> Browser:
    """A browser on a portal whose provider answers at that address, or does not."""
    held = make_runtime(store, Clock())
    held.settings.oidc_issuer = f"{provider}/realms/demo"
    await held.oidc.aclose()
    held.oidc = OidcClient(held.settings.oidc_issuer, "atbalsts-portal", SECRET)
    await store.people.insert_one(to_bson(USERS[0]))
    return Browser(held)


@pytest.mark.parametrize("way", ["down", "slow"])
async def test_without_its_provider_the_portal_says_so_and_goes_on(
    way: str, demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.oidc, "TIMEOUT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        if way == "down":
            silent.close()
        browser = await _without(address, demo_store)
        answer = await browser.get("/sign-in")
        assert answer.status_code == 503 and "Pierakstīšanās pakalpojums neatbild" in browser.page
        assert (await browser.get("/")).status_code == 200
        await browser.sign_in("inese")
        assert (await browser.get("/desk")).status_code == 200
        answer = await browser.post("/sign-out")
        assert answer.status_code == 200 and answer.url.path == "/"
        assert await demo_store.sessions.count_documents({"revoked": None}) == 0
        await browser.client.aclose()
        await browser.held.oidc.aclose()


@pytest.mark.asvs("7.5.3")
async def test_proving_anew_asks_for_the_password_and_moves_to_a_new_session(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    before = await portal.held.store.sessions.find_one({"revoked": None})
    portal.clock.ahead = timedelta(seconds=2)
    await inese.go("/step-up/begin?return=/search")
    assert 'name="password"' in inese.page, "a session at the provider is not enough"
    answer = await inese.submit(password=PASSWORD)
    assert answer.url.path == "/search"
    after = await portal.held.store.sessions.find_one({"revoked": None})
    assert before and after and after["_id"] != before["_id"]
    assert after["auth_time"] >= before["auth_time"] and after["acr"] == "high"


async def test_whoever_cancels_proving_anew_stays_as_they_were(portal: Portal) -> None:
    inese = Visitor(portal)
    await inese.sign_in("inese", PASSWORD)
    await inese.go("/step-up/begin?return=/search")
    assert (await inese.go("/desk")).url.path == "/desk"
