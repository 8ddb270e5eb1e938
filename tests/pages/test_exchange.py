"""The interface between systems: named fields of a child with a ground, by a token made for it, all on record."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import jsonschema
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from auth.demo_issuer import DemoClient, DemoIssuer
from auth.oidc import API_AUDIENCE, ProviderUnavailable
from auth.tokens import Keys
from documents.acts import Act
from documents.audit import AuditEntry
from documents.classifiers import classifiers
from documents.event import Withdrawal
from documents.institution import Institution
from documents.model import to_bson
from documents.person import Person
from documents.personal_code import parse
from fixtures.story import dossier_id
from portal.exchange.actions import NoSuchClient, register_client
from portal.exchange.app import BODY_LIMIT
from portal.runtime import Runtime
from tests.browsing import BASE, Browser, codes_of, portal_of
from tests.people import dossier, event, rederive, who
from tests.scans import no_collection_scans

KATE, MARTA, NIKOLA = dossier_id("kate"), dossier_id("marta"), dossier_id("nikola")
PATH = "/api/v1/children/lookup"
CODE = "140314-90017"
Visit = Callable[..., Awaitable[Browser]]


class Asker:
    """A client of the interface with its tokens."""

    def __init__(self, held: Runtime) -> None:
        self.held = held
        clients = [DemoClient(name, "s" * 20, machine=True, audience=API_AUDIENCE) for name in ("pmlp", "ugf", "new")]
        self.issuer = DemoIssuer(held.oidc.issuer, clients)
        transport = httpx.ASGITransport(portal_of(held))  # type: ignore[arg-type]
        self.http = httpx.AsyncClient(transport=transport, base_url=BASE)

    def token(self, client_id: str = "pmlp", **claims: Any) -> str:
        """A token as the provider makes it, with other claims where they are given."""
        if not claims:
            client = self.issuer.client(client_id)
            assert client
            return str(self.issuer.machine_token(client, self.held.now())["access_token"])
        mine = {"sub": "x", "azp": client_id, "client_id": client_id, "aud": API_AUDIENCE, "typ": "Bearer"}
        made = {name: value for name, value in {**mine, **claims}.items() if value is not None}
        return str(self.issuer._sign(made, self.held.now(), timedelta(minutes=5)))

    async def ask(self, code: object, client_id: str = "pmlp", **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(client_id)}"}
        return await self.http.post(PATH, json={"personal_code": code}, headers=headers, **options)


@pytest_asyncio.fixture(loop_scope="session")
async def asker(held: Runtime) -> AsyncIterator[Asker]:
    made = Asker(held)

    async def certs() -> dict[str, Any]:
        return made.issuer.certs()

    held.oidc._keys = Keys(certs)
    held.clock.now += timedelta(minutes=2)  # type: ignore[attr-defined]
    fund = Institution(_id="fund", type="maintenance_fund", name="Uzturlīdzekļu garantiju fonda administrācija")
    if await held.store.institutions.find_one({"_id": "fund"}) is None:
        await held.store.institutions.insert_one(to_bson(fund))
    await register_client(held.store, held.oidc.issuer, "pmlp", "pmlp", held.now())
    await register_client(held.store, held.oidc.issuer, "ugf", "fund", held.now())
    yield made
    await made.http.aclose()


def codes(held: Runtime) -> dict[str, str]:
    return codes_of(held)


async def paid(held: Runtime, **changes: Any) -> None:
    """A child for whom the fund pays, every field of it marked."""
    payment = event("ruta", id="pay", kind="maintenance_payments", domain="justice", shape="span", day=date(2026, 1, 1))
    made = rederive(dossier(id="paid", events=[payment.model_copy(update=changes)]))
    made.child.code_hash = _hash(held, CODE)
    await held.store.dossiers.delete_many({"_id": "paid"})
    await held.store.dossiers.insert_one(to_bson(made))


def _hash(held: Runtime, text: str) -> str:
    return parse(text, accept_invented=True).hash(held.store.code_key)


async def looks(held: Runtime, **query: Any) -> list[AuditEntry]:
    rows = await held.store.audit_entries.find({"act": Act.TECHNICAL_READ, **query}).to_list()
    return [AuditEntry.model_validate(row) for row in rows]


async def test_a_client_is_told_its_fields_and_nothing_else(held: Runtime, asker: Asker):
    await paid(held)
    answer = await asker.ask(CODE, "ugf")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == set(classifiers().technical_clients["ugf"].fields)
    assert answer.json()["given_name"] == "Marta"
    assert [each["relationship"] for each in answer.json()["representatives"]] == ["mother", "father"]
    assert answer.json()["out_of_family_care"] == []
    assert answer.headers["cache-control"] == "no-store" and "set-cookie" not in answer.headers
    told = await asker.ask(codes(held)[KATE])
    assert told.status_code == 200, told.text
    assert set(told.json()) == set(classifiers().technical_clients["pmlp"].fields)
    assert {limit["role"] for limit in told.json()["custody_limits"]} == {"custody_suspended"}
    assert "Kate" not in told.text and "Zvaigzne" not in told.text
    assert (await asker.ask(CODE)).status_code == 404, "the fund's ground is the fund's"


async def test_every_question_is_on_record_and_the_family_sees_who_asked(visit: Visit, held: Runtime, asker: Asker):
    before = len(await looks(held))
    async with no_collection_scans(held.store.database):
        assert (await asker.ask(codes(held)[KATE])).status_code == 200
        assert (await asker.ask(codes(held)[NIKOLA])).status_code == 404
        assert (await asker.ask("010120-90000")).status_code == 404
    entries = await looks(held)
    assert len(entries) == before + 3
    (told,) = await looks(held, dossier_id=KATE, outcome=None, at={"$gte": held.now() - timedelta(seconds=1)})
    assert (told.purpose, told.sections, told.institution_id) == ("keep_register", ["family"], "pmlp")
    (tried,) = await looks(held, reason="no_ground", dossier_id=NIKOLA)
    assert tried.outcome == "refused"
    santa = await visit("santa-mezule")
    await santa.get(f"/dossiers/{KATE}/access-log")
    assert "starpsistēmu saskarnē pieprasīja noteiktus datus" in santa.page
    assert "uzturēt valsts reģistru" in santa.page and "Pilsonības un migrācijas lietu pārvalde" in santa.page


async def test_a_parent_reads_which_institution_asked_by_a_machine_and_why(
    visit: Visit, held: Runtime, asker: Asker
) -> None:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    payment = event("ruta", id="pay", kind="maintenance_payments", domain="justice", shape="span", day=date(2026, 1, 1))
    await held.store.dossiers.update_one({"_id": MARTA}, {"$push": {"events": to_bson(payment)}})
    mother, log = await visit("ilze-kalnina"), f"/dossiers/{MARTA}/access-log"
    await mother.get(log)
    fund, what = "Uzturlīdzekļu garantiju fonda administrācija", "starpsistēmu saskarnē pieprasīja noteiktus datus"
    assert fund not in mother.page and what not in mother.page
    assert (await asker.ask(codes(held)[MARTA], "ugf")).status_code == 200
    await mother.get(log)
    (line,) = [row for row in mother.page.split("<tr>") if what in row]
    assert fund in line
    (told,) = await looks(held, dossier_id=MARTA, outcome=None)
    assert told.purpose and classifiers().purposes[told.purpose].lv in line
    await held.store.dossiers.replace_one({"_id": MARTA}, row)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": date(2026, 3, 1)},
        {"day": date(2999, 1, 1)},
        {"confidentiality": "sensitive"},
        {"confidentiality": "restricted"},
        {"kind": "home_visit"},
        {"withdrawn": Withdrawal(at=datetime(2026, 2, 1), by=who("ruta").as_professional(), reason="x")},  # noqa: DTZ001
    ],
)
async def test_without_a_ground_it_is_as_if_there_were_no_child(held: Runtime, asker: Asker, changes: dict[str, Any]):
    nobody = await asker.ask("010120-90000", "ugf")
    await paid(held, **changes)
    answer = await asker.ask(CODE, "ugf")
    assert (answer.status_code, answer.text) == (404, nobody.text)
    await paid(held)
    assert (await asker.ask(CODE, "ugf")).status_code == 200
    await held.store.dossiers.update_one({"_id": "paid"}, {"$unset": {"opened": ""}})
    assert (await asker.ask(CODE, "ugf")).text == nobody.text, "a child of level 1"


@pytest.mark.asvs("9.1.1", "9.2.2", "9.2.3")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "account"},
        {"aud": [API_AUDIENCE, "account"]},
        {"aud": None},
        {"aud": "atbalsts-portal"},
        {"iss": "https://id.example/realms/other"},
        {"typ": "ID"},
        {"typ": None},
        {"azp": None},
        {"azp": ""},
        {"azp": {"$ne": None}},
        {"azp": "ugf", "client_id": "pmlp"},
        {"sid": "a-session"},
        {"nonce": "n"},
    ],
)
async def test_any_other_token_is_refused(held: Runtime, asker: Asker, claims: dict[str, Any]):
    good = {"Authorization": f"Bearer {asker.token(typ='Bearer')}"}
    body = {"personal_code": codes(held)[KATE]}
    assert (await asker.http.post(PATH, json=body, headers=good)).status_code == 200
    if "iss" in claims:
        other = DemoIssuer(claims["iss"], [])
        other._key = asker.issuer._key
        mine = {"sub": "x", "azp": "pmlp", "aud": API_AUDIENCE, "typ": "Bearer"}
        token = other._sign(mine, held.now(), timedelta(minutes=5))
    else:
        token = asker.token(**claims)
    answer = await asker.http.post(PATH, json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_no_token_an_old_one_a_foreign_key_and_a_session_are_refused(visit: Visit, held: Runtime, asker: Asker):
    stranger = Asker(held)
    old = asker.token()
    inese = await visit("inese-liepina")
    body = {"personal_code": codes(held)[KATE]}
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": f"Basic {old}"},
        {"Authorization": f"Bearer {stranger.token()}"},
        {"Authorization": f"Bearer {old[:-4]}AAAA"},
        {"Authorization": "Bearer " + "a" * 5000},
    ):
        assert (await asker.http.post(PATH, json=body, headers=headers)).status_code == 401, headers
        assert (await inese.client.post(PATH, json=body, headers=headers)).status_code == 401, "a session is no token"
    twice = [("Authorization", f"Bearer {old}"), ("Authorization", f"Bearer {old}")]
    assert (await asker.http.post(PATH, json=body, headers=twice)).status_code == 401
    held.clock.now += timedelta(minutes=6)  # type: ignore[attr-defined]
    answer = await asker.http.post(PATH, json=body, headers={"Authorization": f"Bearer {old}"})
    assert answer.status_code == 401
    await stranger.http.aclose()


async def test_a_client_not_agreed_not_linked_or_closed_is_refused(held: Runtime, asker: Asker):
    assert (await asker.ask(CODE, "new")).status_code == 403
    machine = {"roles.position": "maintenance_fund_client"}
    await paid(held)
    await held.store.people.update_one(machine, {"$set": {"deactivated": True}})
    assert (await asker.ask(CODE, "ugf")).status_code == 403
    await held.store.people.update_one(machine, {"$set": {"deactivated": False, "roles.0.to": "2020-01-01"}})
    assert (await asker.ask(CODE, "ugf")).status_code == 403
    await held.store.people.update_one(machine, {"$unset": {"roles.0.to": ""}})
    assert (await asker.ask(CODE, "ugf")).status_code == 200
    again = await register_client(held.store, held.oidc.issuer, "ugf", "fund", held.now())
    row = await held.store.people.find_one(machine) or {}
    assert row["_id"] == again and len(Person.model_validate(row).identities) == 1
    for name, institution in (("nobody", "fund"), ("ugf", "nowhere"), ("ugf", "pmlp")):
        with pytest.raises(NoSuchClient):
            await register_client(held.store, held.oidc.issuer, name, institution, held.now())


async def test_more_questions_than_agreed_wait(held: Runtime, asker: Asker):
    await paid(held)
    limit = classifiers().technical_clients["ugf"].per_minute
    await held.store.rates.delete_many({})
    found = [(await asker.ask(CODE, "ugf")).status_code for _ in range(limit + 1)]
    assert found == [200] * limit + [429]
    answer = await asker.ask(CODE, "ugf")
    assert answer.headers["retry-after"] == "60"
    assert await looks(held, reason="too_many")
    held.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
    assert (await asker.ask(CODE, "ugf")).status_code == 200


BODIES = [
    b"",
    b"null",
    b"[]",
    b'"010120-90000"',
    b"{}",
    b'{"personal_code": null}',
    b'{"personal_code": {"$ne": null}}',
    b'{"personal_code": ["010120-90000"]}',
    b'{"personal_code": 1012090000}',
    b'{"personal_code": "010120-90000", "fields": ["plan"]}',
    b'{"personal_code": "010120-90000", "$where": "1"}',
    b"[" * 3000,
    b'{"personal_code": NaN}',
    b"\xff\xfe",
    b"personal_code=010120-90000",
]


@pytest.mark.parametrize("body", BODIES)
async def test_what_is_no_question_is_refused_with_a_sentence_and_not_said_back(asker: Asker, body: bytes):
    headers = {"Authorization": f"Bearer {asker.token()}", "Content-Type": "application/json"}
    answer = await asker.http.post(PATH, content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"status", "detail"} and "010120-90000" not in answer.text


async def test_codes_that_are_none_bodies_too_large_and_other_methods(held: Runtime, asker: Asker):
    for code in ("310220-90000", "abcdefghijk", "00000000000\u0000", "٠١٠١٢٠-٩٠٠٠٠"):
        assert (await asker.ask(code)).status_code in (404, 422), code
    headers = {"Authorization": f"Bearer {asker.token()}", "Content-Type": "application/json"}
    large = await asker.http.post(PATH, content=b" " * (BODY_LIMIT + 1), headers=headers)
    assert large.status_code == 413
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert (await asker.http.request(method, PATH, headers=headers)).status_code == 405, method
    for path in ("/api/v1", "/api/v1/", "/api/v1/children", "/api/v1/schema"):
        answer = await asker.http.get(path, headers=headers)
        assert answer.status_code == 404 and set(answer.json()) == {"status", "detail"}, path
    assert (await asker.http.get("/schema")).status_code == 404
    assert (await asker.http.get("/api/v1x")).headers["content-type"].startswith("text/html")


async def test_the_description_is_of_these_routes_alone_and_every_answer_keeps_to_it(held: Runtime, asker: Asker):
    described = (await asker.http.get("/api/v1/openapi.json")).json()
    assert set(described["paths"]) == {PATH}
    assert described["security"] == [{"client": []}]
    operation = described["paths"][PATH]["post"]
    assert "parameters" not in operation, "nothing about a child stands in an address"
    assert {"200", "400", "401", "403", "404", "413", "422", "429", "503"} == set(operation["responses"])
    await paid(held)
    for answer in (await asker.ask(CODE, "ugf"), await asker.ask("x" * 11), await asker.ask(CODE, "new")):
        keeps_to(described, operation, answer)


def keeps_to(described: dict[str, Any], operation: dict[str, Any], answer: httpx.Response) -> None:
    """The status is described, and the body is as described."""
    media = operation["responses"][str(answer.status_code)]["content"]
    schema = media[answer.headers["content-type"].partition(";")[0]]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": described["components"]})


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.response_headers_conformance,
    schemathesis.checks.negative_data_rejection,
]


def cases(described: dict[str, Any], mode: GenerationMode, examples: int) -> list[Any]:
    """Questions that schemathesis makes of the description: as it wants them, or as it does not."""
    made: list[Any] = []
    operation = schemathesis.openapi.from_dict(described)[PATH]["POST"]

    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        made.append(case)

    collect()
    return made


async def attack(held: Runtime, asker: Asker, examples: int) -> None:
    """Whatever is asked, each answer is as described, and none is an error of ours."""
    described = (await asker.http.get("/api/v1/openapi.json")).json()
    found = [case for mode in GenerationMode for case in cases(described, mode, examples)]
    assert len(found) > examples
    for number, case in enumerate(found):
        if number % 50 == 0:
            await held.store.rates.delete_many({})
        sent = case.as_transport_kwargs(base_url=BASE)
        content = sent["data"] if "data" in sent else json.dumps(sent["json"]) if "json" in sent else None
        headers = {**sent["headers"], "Authorization": f"Bearer {asker.token()}"}
        answer = await asker.http.request(sent["method"], sent["url"], content=content, headers=headers)
        case.validate_response(answer, checks=CHECKS)


async def test_generated_questions_are_answered_as_described(held: Runtime, asker: Asker):
    await attack(held, asker, 40)


@pytest.mark.prove
async def test_many_generated_questions_are_answered_as_described(held: Runtime, asker: Asker):
    await attack(held, asker, 1500)


async def test_a_log_that_refuses_and_a_provider_that_is_away_answer_nothing(
    held: Runtime, asker: Asker, monkeypatch: pytest.MonkeyPatch
):
    async def away() -> dict[str, Any]:
        raise ProviderUnavailable("keys")

    keys = held.oidc._keys
    held.oidc._keys = Keys(away)
    assert (await asker.ask(CODE, "ugf")).status_code == 503
    held.oidc._keys = keys
    await held.store.database.command(
        "collMod", "audit", validator={"nobody": {"$eq": secrets.token_hex(4)}}, validationLevel="strict"
    )
    try:
        answer = await asker.ask(CODE, "ugf")
    finally:
        await held.store.database.command("collMod", "audit", validator={}, validationLevel="off")
    assert answer.status_code == 503 and set(answer.json()) == {"status", "detail"}
