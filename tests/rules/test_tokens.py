"""A token is believed only if the provider signed it, for us, now, for this sign-in."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from auth.flow import new_flow, open_flow, seal_flow
from auth.tokens import LOGOUT_EVENT, Keys, TokenRefused, verify_id_token, verify_logout_token

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ISSUER, CLIENT, NONCE = "https://id.example/realms/atbalsts", "atbalsts-portal", "the-nonce"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
FOREIGN = ECKey.generate_key("P-256", {"kid": "ec"})
ENCRYPTION = RSAKey.generate_key(2048, {"kid": "enc"})  # published for encryption only
Claims = dict[str, Any]


class Provider:
    """The provider's published keys; counts how often they are asked for."""

    def __init__(self, *keys: RSAKey | ECKey) -> None:
        self.published, self.asked = list(keys), 0

    async def certs(self) -> dict[str, Any]:
        self.asked += 1
        uses = [{"use": "enc" if key is ENCRYPTION else "sig"} for key in self.published]
        keys = zip(self.published, uses, strict=True)
        return {"keys": [key.as_dict(private=False) | use for key, use in keys]}


def at(moment: datetime) -> int:
    return int(moment.timestamp())


def id_claims(**other: Any) -> Claims:
    times = {"iat": at(NOW), "exp": at(NOW + timedelta(minutes=5)), "auth_time": at(NOW)}
    fixed = {"iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "sub": "anna", "nonce": NONCE, "typ": "ID"}
    return {key: value for key, value in {**fixed, **times, **other}.items() if value is not ...}


def logout_claims(**other: Any) -> Claims:
    own = {"typ": "Logout", "nonce": ..., "jti": "1", "sid": "s", "events": {LOGOUT_EVENT: {}}}
    return id_claims(**{**own, **other})


def signed(claims: Claims, key: RSAKey | ECKey | OctKey = EC, alg: str = "ES256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": "ec", **header}, claims, key, algorithms=[alg])


def unsigned(claims: Claims, alg: str) -> str:
    parts = ({"alg": alg, "kid": "ec", "typ": "JWT"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts) + "."


async def read(token: str, *keys: RSAKey | ECKey) -> Claims:
    known = Keys(Provider(*(keys or (RSA, EC, ENCRYPTION))).certs)
    return await verify_id_token(token, known, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


@pytest.mark.parametrize(("key", "alg", "kid"), [(EC, "ES256", "ec"), (RSA, "RS256", "rsa")])
async def test_a_good_id_token_is_read(key: RSAKey | ECKey, alg: str, kid: str) -> None:
    assert (await read(signed(id_claims(), key, alg, kid=kid)))["sub"] == "anna"
    assert (await read(signed(id_claims(aud=[CLIENT]), key, alg, kid=kid)))["sub"] == "anna"


@pytest.mark.asvs("9.2.1", "9.2.3", "10.5.1")
@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://id.example/realms/other"},
        {"iss": ISSUER + "/"},
        {"iss": ...},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": []},
        {"aud": ...},
        {"aud": {"$ne": None}},
        {"azp": "another"},
        {"typ": "Bearer"},
        {"typ": "Refresh"},
        {"typ": "Logout"},
        {"typ": ...},
        {"nonce": "another"},
        {"nonce": ""},
        {"nonce": ...},
        {"nonce": ["the-nonce"]},
        {"sub": ""},
        {"sub": ...},
        {"sub": {"$ne": None}},
        {"exp": at(NOW - timedelta(minutes=1))},
        {"exp": ...},
        {"exp": "9999999999"},
        {"exp": float("nan")},
        {"exp": True},
        {"iat": at(NOW + timedelta(minutes=1))},
        {"iat": at(NOW - timedelta(hours=1))},
        {"iat": ...},
        {"nbf": at(NOW + timedelta(minutes=1))},
        {"nbf": "soon"},
        {"events": {LOGOUT_EVENT: {}}},
    ],
    ids=str,
)
async def test_an_id_token_with_a_wrong_claim_is_refused(wrong: Claims) -> None:
    with pytest.raises(TokenRefused):
        await read(signed(id_claims(**wrong)))


async def test_the_clocks_may_differ_by_half_a_minute() -> None:
    assert await read(signed(id_claims(iat=at(NOW) + 20, nbf=at(NOW) + 20, exp=at(NOW) - 20)))


FORGED = {
    "no signature": unsigned(id_claims(), "none"),
    "no signature, other letters": unsigned(id_claims(), "nOnE"),
    "the public key as a shared secret": signed(
        id_claims(), OctKey.import_key(RSA.as_pem(private=False).replace(b"-----", b"")), "HS256", kid="rsa"
    ),
    "a foreign key of the same name": signed(id_claims(), FOREIGN),
    "an unknown key": signed(id_claims(), FOREIGN, kid="other"),
    "a key for encryption": signed(id_claims(), ENCRYPTION, "RS256", kid="enc"),
    "an algorithm that we do not take": signed(id_claims(), RSA, "RS512", kid="rsa"),
    "another kind of key than the algorithm's": signed(id_claims(), RSA, "RS256", kid="ec"),
    "the address of a key": signed(id_claims(), FOREIGN, kid="other", jku="https://evil.example/keys"),
    "our key, and an address beside": signed(id_claims(), EC, jku="https://evil.example/keys"),
    "a key brought along": signed(id_claims(), FOREIGN, jwk=FOREIGN.as_dict(private=False)),
    "an access token by its header": signed(id_claims(), EC, typ="at+jwt"),
    "a logout token by its header": signed(id_claims(), EC, typ="logout+jwt"),
    "no token": "hello",
    "nothing": "",
    "letters of other scripts": "ā.ē.ī",
    "too many parts": signed(id_claims()) + ".x",
}


@pytest.mark.asvs("6.8.2", "9.1.2", "9.2.2")
@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        await read(token)


@pytest.mark.asvs("9.1.1")
async def test_a_changed_token_is_refused() -> None:
    head, body, signature = signed(id_claims()).split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    other = urlsafe_b64encode(json.dumps({**claims, "sub": "boss"}).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenRefused, match="signature"):
        await read(f"{head}.{other}.{signature}")


@pytest.mark.asvs("9.1.3")
async def test_a_new_key_is_fetched_at_once_and_a_flood_of_unknown_keys_is_not() -> None:
    provider = Provider(RSA)
    keys = Keys(provider.certs)
    assert await keys.find("rsa", "RS256", NOW)
    provider.published = [RSA, EC]
    assert await keys.find("ec", "ES256", NOW + timedelta(seconds=1))
    for _ in range(5):
        with pytest.raises(TokenRefused):
            await keys.find("invented", "ES256", NOW + timedelta(seconds=10))
    assert provider.asked == 3


async def test_a_key_taken_back_is_refused_a_minute_later() -> None:
    provider = Provider(RSA, EC)
    keys = Keys(provider.certs)
    assert await keys.find("ec", "ES256", NOW)
    provider.published = [RSA]
    assert await keys.find("ec", "ES256", NOW + timedelta(seconds=59))
    with pytest.raises(TokenRefused):
        await keys.find("ec", "ES256", NOW + timedelta(seconds=60))


async def test_a_withdrawn_key_is_soon_no_longer_believed() -> None:
    provider = Provider(EC)
    keys = Keys(provider.certs)
    assert await keys.find("ec", "ES256", NOW)
    provider.published = [RSA]
    with pytest.raises(TokenRefused):
        await keys.find("ec", "ES256", NOW + timedelta(minutes=10))


async def read_logout(token: str) -> tuple[str, str | None, str | None]:
    found = await verify_logout_token(token, Keys(Provider(EC).certs), issuer=ISSUER, client_id=CLIENT, now=NOW)
    return found.jti, found.sub, found.sid


async def test_a_good_logout_token_names_what_ends() -> None:
    assert await read_logout(signed(logout_claims(), typ="logout+jwt")) == ("1", "anna", "s")
    assert await read_logout(signed(logout_claims(sid=...))) == ("1", "anna", None)
    assert await read_logout(signed(logout_claims(sub=..., typ=...))) == ("1", None, "s")


@pytest.mark.asvs("10.5.5")
@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": NONCE},
        {"nonce": None},
        {"events": ...},
        {"events": {}},
        {"events": [LOGOUT_EVENT]},
        {"events": {LOGOUT_EVENT: True}},
        {"events": {"another": {}}},
        {"sub": ..., "sid": ...},
        {"sid": {"$ne": None}},
        {"sub": "", "sid": ""},
        {"jti": ...},
        {"jti": 1},
        {"typ": "ID"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": at(NOW - timedelta(minutes=1))},
        {"exp": ...},
        {"iat": at(NOW - timedelta(hours=1))},
    ],
    ids=str,
)
async def test_a_wrong_logout_token_is_refused(wrong: Claims) -> None:
    with pytest.raises(TokenRefused):
        await read_logout(signed(logout_claims(**wrong)))


async def test_an_id_token_ends_no_session() -> None:
    with pytest.raises(TokenRefused):
        await read_logout(signed(id_claims()))


KEY = b"k" * 32


def test_a_flow_comes_back_from_the_browser_unchanged_for_ten_minutes() -> None:
    flow = new_flow("/desk")
    sealed = seal_flow(flow, KEY, NOW)
    assert flow.verifier not in sealed
    assert open_flow(sealed, KEY, NOW + timedelta(minutes=10)) == flow
    assert open_flow(sealed, KEY, NOW + timedelta(minutes=10, seconds=1)) is None


@pytest.mark.parametrize("sealed", [None, "", "ā", "abc", "A" * 200, "===="])
def test_a_foreign_flow_is_none(sealed: str | None) -> None:
    assert open_flow(sealed, KEY, NOW) is None


def test_a_flow_under_another_key_or_changed_is_none() -> None:
    sealed = seal_flow(new_flow(), KEY, NOW)
    assert open_flow(sealed, b"x" * 32, NOW) is None
    assert open_flow(sealed[:-6] + "AAAA" + sealed[-2:], KEY, NOW) is None


def test_no_two_flows_share_anything() -> None:
    one, other = new_flow(), new_flow()
    assert not {one.state, one.nonce, one.verifier} & {other.state, other.nonce, other.verifier}


async def test_control_the_token_refused_for_its_nonce_has_no_other_fault() -> None:
    keys = Keys(Provider(EC).certs)
    token = signed(id_claims(nonce="another"))
    assert await verify_id_token(token, keys, issuer=ISSUER, client_id=CLIENT, nonce="another", now=NOW)
