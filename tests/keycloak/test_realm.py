"""The realm as a real Keycloak holds it after its import, and what it refuses."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from auth.keycloak.distribution import VERSION
from auth.keycloak.realms import on_loopback, production_realm
from tests.keycloak.ground import REALM, SECRET, Ground

SOUND = {
    "client_id": "atbalsts-portal",
    "response_type": "code",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def realm(ground: Ground) -> dict[str, Any]:
    found: dict[str, Any] = ground.admin.ask("GET", REALM)
    return found


def authorize(ground: Ground, **other: str | None) -> httpx.Response:
    words = SOUND | {"redirect_uri": f"{ground.portal(REALM)}/sign-in/callback"} | other
    query = urlencode({name: value for name, value in words.items() if value is not None})
    return httpx.get(f"{ground.keycloak.issuer(REALM)}/protocol/openid-connect/auth?{query}", trust_env=False)


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    return {name: value[0] for name, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def test_it_is_the_version_production_runs(ground: Ground) -> None:
    assert f"Keycloak {VERSION} " in ground.keycloak.log.read_text()


@pytest.mark.asvs("6.3.1")
def test_guessing_is_slowed_down_and_passwords_are_long(realm: dict[str, Any]) -> None:
    assert (realm["bruteForceProtected"], realm["failureFactor"]) == (True, 5)
    assert realm["passwordPolicy"].startswith("length(15)")
    assert realm["registrationAllowed"] is realm["resetPasswordAllowed"] is realm["rememberMe"] is False


@pytest.mark.asvs("16.3.1")
def test_events_are_recorded(realm: dict[str, Any]) -> None:
    assert realm["eventsEnabled"] and realm["adminEventsEnabled"]
    assert not realm["adminEventsDetailsEnabled"], "they would hold what people are called"


@pytest.mark.asvs("7.3.1", "7.3.2", "10.4.8")
def test_sessions_and_tokens_are_short(realm: dict[str, Any]) -> None:
    assert (realm["ssoSessionIdleTimeout"], realm["ssoSessionMaxLifespan"]) == (1800, 36000)
    assert realm["accessTokenLifespan"] <= 300 and realm["accessCodeLifespan"] <= 60
    assert (realm["revokeRefreshToken"], realm["refreshTokenMaxReuse"]) == (True, 0)


@pytest.mark.asvs("7.1.2")
def test_a_person_has_three_sessions_at_most_by_password_and_through_a_broker(ground: Ground) -> None:
    for flow in ("by password", "after a broker"):
        executions = ground.admin.ask("GET", f"{REALM}/authentication/flows/{flow}/executions")
        (limit,) = [step for step in executions if step.get("providerId") == "user-session-limits"]
        config = ground.admin.ask("GET", f"{REALM}/authentication/config/{limit['authenticationConfig']}")
        assert limit["requirement"] == "REQUIRED"
        assert config["config"]["userRealmLimit"] == "3"


def test_a_broker_makes_an_account_of_its_own_and_joins_it_to_no_other(ground: Ground, realm: dict[str, Any]) -> None:
    executions = ground.admin.ask("GET", f"{REALM}/authentication/flows/{realm['firstBrokerLoginFlow']}/executions")
    assert [step["providerId"] for step in executions] == ["idp-create-user-if-unique"]
    for broker in ground.admin.ask("GET", f"{REALM}/identity-provider/instances"):
        assert not broker["trustEmail"] and not broker["storeToken"]


def test_a_sound_request_is_answered_with_a_page_to_sign_in(ground: Ground) -> None:
    assert authorize(ground).status_code == 200


@pytest.mark.asvs("10.4.6", "10.2.1")
@pytest.mark.parametrize(
    "wrong", [{"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}]
)
def test_without_pkce_nothing_begins(ground: Ground, wrong: dict[str, str | None]) -> None:
    assert sent_back(authorize(ground, **wrong))["error"] == "invalid_request"


@pytest.mark.asvs("10.4.4")
@pytest.mark.parametrize("kind", ["token", "id_token", "id_token token", "code id_token"])
def test_no_token_is_given_through_the_browser(ground: Ground, kind: str) -> None:
    answer = authorize(ground, response_type=kind)
    assert answer.status_code in (302, 400)
    if answer.status_code == 302:
        back = urlsplit(answer.headers["location"])
        assert "error=unauthorized_client" in back.fragment + back.query
        assert "token=" not in back.fragment


@pytest.mark.asvs("10.4.1")
@pytest.mark.parametrize("tail", ["/", "?next=/x", "/../../x", "%2f", "#x"])
def test_an_address_that_is_not_exactly_ours_is_never_returned_to(ground: Ground, tail: str) -> None:
    answer = authorize(ground, redirect_uri=f"{ground.portal(REALM)}/sign-in/callback{tail}")
    assert answer.status_code == 400
    foreign = authorize(ground, redirect_uri="https://elsewhere.example/sign-in/callback")
    assert foreign.status_code == 400


@pytest.mark.asvs("10.4.4")
@pytest.mark.parametrize("grant", ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"])
def test_no_other_grant_is_open_to_the_portal(ground: Ground, grant: str) -> None:
    form = {"grant_type": grant, "client_id": "atbalsts-portal", "client_secret": SECRET}
    answer = httpx.post(
        f"{ground.keycloak.issuer(REALM)}/protocol/openid-connect/token",
        data=form | {"username": "inese", "password": "x", "device_code": "x"},
        trust_env=False,
    )
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_a_client_made_later_is_as_strict_whatever_its_own_settings_say(ground: Ground) -> None:
    lax = {
        "clientId": "lax",
        "publicClient": False,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "redirectUris": ["https://lax.example/*"],
    }
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        ground.admin.ask("POST", f"{REALM}/clients", lax)


def test_on_loopback_little_is_different() -> None:
    strict, tried = production_realm(), on_loopback(production_realm())
    assert {name for name in strict if strict[name] != tried.get(name)} == {
        "sslRequired",
        "smtpServer",
        "clientProfiles",
    }
    (ours,), (theirs,) = strict["clientProfiles"]["profiles"], tried["clientProfiles"]["profiles"]
    assert [e["executor"] for e in ours["executors"]] == [e["executor"] for e in theirs["executors"]]


def test_the_realm_of_production_has_no_people() -> None:
    assert not {"users", "federatedUsers"} & production_realm().keys()
