"""Hostile input: whatever stands in a field, address or header, the answer is a page, and nobody gets further."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import html5lib
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from auth.who import who_is
from documents.model import day_of
from documents.person import Person
from documents.store import Store
from fixtures.story import dossier_id, load_story
from fixtures.story.ids import story_id
from portal.app import BODY_LIMIT, create_app
from portal.needs.tokens import need_token
from portal.runtime import Runtime
from tests.browsing import BASE, Browser, Clock, make_runtime, portal_of
from tests.corpora import CANARY, EVERYTHING, LETTERS, MARKUP, NAMES, NUMBERS, OPERATORS, REDOS
from tests.heard import Ear, listened_store, spoken_log

MARTA, PAULA = dossier_id("marta"), dossier_id("paula")
ASSESSED = story_id("marta", "assessment", "1")  # by Inese herself
NEVER = {"$where", "$expr", "$function", "$accumulator", "$eval", "$jsonSchema", "$lookup", "$out", "$merge", "$text"}
OUR_LOOKUPS = {"people", "audit"}  # the session's person, the last visit: `from` is never anybody's word
FORM = "application/x-www-form-urlencoded"
# One of each kind, dealt out among the fields of a form; `make prove` takes the whole corpus for each.
SHORT = [OPERATORS[3], NUMBERS[0], "٣", "01.01.0001.", "31.12.9999.", LETTERS[2], LETTERS[5], LETTERS[8]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def heard(mongo_uri: str) -> AsyncIterator[tuple[Store, Ear]]:
    async with listened_store(mongo_uri) as (store, ear):
        clock = Clock()
        await load_story(store, day_of(clock.now), clock.now)
        ear.commands.clear()
        yield store, ear


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held(heard: tuple[Store, Ear]) -> AsyncIterator[Runtime]:
    """The portal on the store that is listened to."""
    made = make_runtime(heard[0], Clock())
    yield made
    await made.oidc.aclose()


class Attacker(Browser):
    """Inese, case manager, who turned bad: her answers are not checked for beauty."""

    async def attack(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send anything, with her token."""
        headers = {"x-csrf-token": self.token, **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    token = ""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def attacker(held: Runtime) -> Attacker:
    made = Attacker(held)
    await made.sign_in("inese-liepina")
    await made.get(f"/dossiers/{MARTA}/events/new")
    made.token = made.csrf
    return made


@pytest.fixture(scope="module")
def routes(held: Runtime) -> dict[str, tuple[str, str]]:
    """Name → method and path of every route."""
    return dict(_routes(portal_of(held)))


def _routes(app: Litestar) -> Iterator[tuple[str, tuple[str, str]]]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and handler.name:
                method = next(iter(handler.http_methods - {"OPTIONS", "HEAD"}))
                yield handler.name, (method, re.sub(r":\w+}", "}", route.path))


# What each changing route reads of a form, with values it takes; a new route has to be added here.
EVENT = {
    "role": "",
    "submission": "",
    "siblings": "",
    "kind": "home_visit",
    "day": "20.11.2025.",
    "to": "",
    "ongoing": "",
    "time": "16.20",
    "summary": "Mājās silti",
    "detail": "Saruna ar Ilzi",
    "confidentiality": "standard",
    "field_present": "Ilze",
    "field_conditions": "good",
    "field_observed": "Silti",
    "named_people": "",
    "withheld": "",
    "withheld_reason": "",
    "withheld_for": "",
    "names_no_other": "",
    "files_kept": "",
    "step": "",
}
BASE_FORM = {
    "role": "",
    "interests": "Zīmē",
    "was_interests": "",
    "version_interests": "0",
    "class": "9.z",
    "was_class": "",
}
CONTACTS_FORM = {
    "role": "",
    "phone": "0000 0001",
    "was_phone": "",
    "version_phone": "0",
    "email": "ilze@pasts.example",
    "was_email": "",
    "version_email": "0",
}
PLAN_ITEM = {
    "kind": "task",
    "text": "Aizved uz treniņu",
    "submission": "",
    "factors": "",
    "doer": "r:aija-zarina-1",
    "goal": "",
    "since": "",
    "due": "01.01.2028.",
    "priority": "normal",
    "status": "",
    "reason": "",
    "withheld": "",
    "withheld_reason": "",
}
NEWCOMER = {
    "role": "",
    "submission": "",
    "given_name": "Amir",
    "family_name": "",
    "name_unknown": "yes",
    "born": "2019",
    "approximate": "",
    "sex": "m",
    "kind": "",
    "description": "Atrasts viens pats",
    "level": "3",
    "legal_basis": "",
}
ASK_FORM = {
    "child": "",
    "code": "010120-91234",
    "event": "",
    "renews": "",
    "submission": "",
    "sections": "base",
    "only_entries": "",
    "sensitive": "yes",
    "purpose": "assess_need",
    "legal_basis": "child_rights_law",
    "until": "",
    "message": "Vērtējam bērna vajadzības",
}
ASSESSMENT = {
    "role": "",
    "submission": "",
    "tool": "social_risk_1",
    "day": "20.11.2025.",
    "fact_social_how": "Mājās un skolā",
    "fact_social_child_heard": "yes",
    "fact_social_health_facts": "Guļ slikti",
    "level_social_life": "danger_none",
    "level_social_bodily_health": "danger_none",
    "level_social_health": "social_medium",
    "why_social_health": "",
    "conclusions": "Vajag miegu",
    "strengths": "",
    "recommendations": "",
    "confidentiality": "standard",
    "named_people": "",
    "step": "",
}
DECISION = {
    "kind": "contact_order",
    "submission": "",
    "concerned": "",
    "contact": "limited",
    "terms": "Sestdienās",
    "centre": "",
    "carer_code": "",
    "heard": "",
    "reasons": "Konstatēts",
    "legal_basis": "Civillikums, 181. pants",
    "in_force_from": "01.01.2030.",
    "until": "",
    "parties": "",
    "addressed_to": "",
    "protect_from": "",
    "replaces": "",
}
REPORT_FORM = {
    "child": "",
    "submission": "",
    "step": "",
    "known": "no",
    "code": "010120-91234",
    "given_name": "Amir",
    "family_name": "",
    "born": "2019",
    "lives": "Cēsis",
    "kind": "neglect",
    "day": "20.11.2025.",
    "ongoing": "",
    "danger": "no",
    "present": "0026000",
    "words": "Trīs dienas bez brokastīm",
    "family_knows": "unknown",
    "siblings": "",
    "siblings_words": "",
}
DECIDE_REPORT = NEWCOMER | {
    "outcome": "open",
    "version": "2",
    "reason": "",
    "to_type": "orphans_court",
    "to_place": "0026000",
}
FORMS: dict[str, dict[str, str]] = {
    "add_event": EVENT,
    "event_draft": EVENT,
    "event_preview": EVENT,
    "correct_event": EVENT | {"version": "1", "reason": "kļūda"},
    "correction_preview": EVENT | {"version": "1", "reason": "kļūda"},
    "withdraw_event": {"version": "1", "reason": ""},
    "add_assessment": ASSESSMENT,
    "assessment_draft": ASSESSMENT,
    "assessment_preview": ASSESSMENT,
    "correct_assessment": ASSESSMENT | {"version": "1", "reason": "kļūda"},
    "assessment_correction_preview": ASSESSMENT | {"version": "1", "reason": "kļūda"},
    "withdraw_assessment": {"version": "1", "reason": ""},
    "report_form": {"child": ""},
    "report_concern": REPORT_FORM,
    "acknowledge_report": {},
    "name_reported_child": {"code": "010120-91234"},
    "decide_report": DECIDE_REPORT,
    "hand_over_report": {"person": "dace-ozola-1", "version": "1"},
    "access_request_form": {"child": ""},
    "ask_for_access": ASK_FORM,
    "emergency_form": {"child": ""},
    "use_emergency": {"child": "", "submission": "", "ground": "", "legal_basis": "", "reason": ""},
    "emergency_help": {"help": "Bērns ir drošībā"},
    "review_emergency": {"verdict": "", "words": "Pamatoti un steidzami"},
    "change_base": BASE_FORM,
    "change_contacts": CONTACTS_FORM,
    "name_responsible": {"person": "dace-ozola-1", "instead_of": "", "version": "1"},
    "name_substitute": {"person": "dace-ozola-1", "instead_of": "", "version": "1", "since": "", "to": "01.01.2030."},
    "name_manager": {"person": "dace-ozola-1", "state": ""},
    "name_for_request": {"person": "dace-ozola-1", "state": ""},
    "name_family_manager": {"person": "dace-ozola-1", "instead_of": ""},
    "name_first": {"person": "dace-ozola-1"},
    "hand_over": {
        "staff": "inese-liepina-1",
        "case": f"{MARTA}.lead.",
        "person": "dace-ozola-1",
        "how": "days",
        "since": "",
        "to": "01.01.2030.",
    },
    "ask_question": {"submission": "", "person": "inese-liepina-1", "text": "Kā veicas ar psihologa vizīti?"},
    "write_message": {"submission": "", "person": "ilze-kalnina", "text": "Tiekamies ceturtdien plkst. 15"},
    "reply": {"submission": "", "text": "Vizīte ir sarunāta"},
    "close_question": {"version": "1"},
    "answer_case_offer": {"answer": "later"},
    "join_team": {"person": "dace-ozola-1", "email": "", "function": "Logopēde", "why": "Palīdz runāt"},
    "leave_team": {},
    "hand_over_lead": {"person": "dace-ozola-1", "state": ""},
    "set_meeting": {
        "meeting_day": "01.01.2028.",
        "meeting_time": "16.20",
        "place": "Skolā, 12. kabinetā",
        "version": "0",
        "step": "",
    },
    "begin_plan": {},
    "add_plan_item": PLAN_ITEM,
    "change_plan_item": PLAN_ITEM | {"version": "1"},
    "remove_plan_item": {"version": "1"},
    "propose_plan": {"step": ""},
    "answer_plan": {"proposal": "1-1", "word": "agree", "reason": ""},
    "plan_word": {"proposal": "1-1", "person": "ilze-kalnina", "word": "agree", "reason": ""},
    "plan_in_force": {"proposal": "1-1"},
    "report_task": {"state": "done", "result": "Izdarīts", "version": "1"},
    "mark_notice": {},
    "mark_notices": {"until": "1700000000000"},
    "end_session": {},
    "end_sessions": {},
    "stay_signed_in": {},
    "find_account": {"code": "", "institution": "", "name": ""},
    "make_account": {"code": "", "given_name": "", "family_name": ""},
    "close_account": {"revision": ""},
    "reopen_account": {"revision": ""},
    "decide_steward": {},
    "give_role": {"institution": "", "position": "", "unit": "", "since": "", "to": "", "revision": ""},
    "change_role_contacts": {"phone": "", "email": "", "revision": ""},
    "end_role": {"to": "", "revision": ""},
    "redeem_invitation": {"code": ""},
    "audit_search": {"purpose": "verify_lawful_access", "words": "", "person": "", "dossier": "", "institution": ""},
    "audit_export": {},
    "draft_decision": DECISION,
    "change_decision": DECISION | {"version": "1"},
    "issue_decision": {"version": "1"},
    "discard_decision": {"version": "1"},
    "verify_decision": {"code": "0" * 26},
    "explain": {"person": "inese-liepina", "role": "", "action": "base.read", "dossier": MARTA, "day": ""},
    "change_level": {"version": "", "level": "3", "reason": "", "words": "", "legal_basis": ""},
    "need_form": {"child": ""},
    "identify_need": {"child": "", "submission": "", "kind": "", "description": "", "level": "2", "legal_basis": ""},
    "identify_newcomer": NEWCOMER,
    "search_related": {"q": "marta", "series": ""},
    "search_nation": {"q": "", "series": ""},
    "timeline_search": {"q": "saruna"},
    "choose_role": {"role": ""},
    "decide_request": {"outcome": "grant", "sections": "base", "sensitive": "", "until": "", "reason": ""},
    "deny_access": {
        "person": "",
        "email": "nobody@x.example",
        "reason": "Interešu konflikts",
        "call": "x",
        "until": "",
    },
    "lift_denial": {},
    "review_denial": {},
    "revoke_grant": {},
    "language": {"next": "/help"},
    "sign_out": {"then": "sign-in"},
    "sign_out_backchannel": {"logout_token": ""},
}
LEAVING = {"sign_out", "end_sessions"}  # nobody attacks further after these
PARAMETERS: dict[str, list[str]] = {
    "timeline": ["period", "from", "to", "domain", "institution", "kind", "only", "k", "year", "shown"],
    "audit_answer": ["before"],
    "role_form": ["institution"],
    "access_log": ["person", "institution", "from", "to", "before"],
    "notices": ["page"],
    "oversight": ["show", "staff", "page"],
    "plan": ["version"],
    "plan_file": ["version"],
    "plan_item_new": ["kind", "goal"],
    "step_up": ["return"],
    "sign_in_callback": ["code", "state", "error"],
}


async def own_event(held: Runtime) -> dict[str, Any]:
    row = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    return next(e for e in row["events"] if (e.get("recorded_by") or {}).get("person_id") == "inese-liepina")


async def report_in_hand(held: Runtime) -> str:
    """A report that Inese has acknowledged and not decided yet, made anew where an attack decided it."""
    row = await held.store.reports.find_one({"kind": "violence_family"}) or {}
    inese = Person.model_validate(await held.store.people.find_one({"_id": "inese-liepina"}))
    me = who_is(inese, inese.roles[0].id, None, held.now()).as_professional().model_dump(exclude_none=True)
    values = {"state": "acknowledged", "responsible": me, "version": 2}
    await held.store.reports.update_one(
        {"_id": row["_id"]}, {"$set": values, "$unset": {"dossier_id": "", "named": ""}}
    )
    return str(row["_id"])


async def address(held: Runtime, template: str, /, **changes: str) -> str:
    event = await own_event(held)
    reported = await report_in_hand(held)
    relative = (await held.store.dossiers.find_one({"_id": MARTA}) or {})["relationships"][0]["id"]
    values = {
        "dossier_id": MARTA,
        "event_id": event["id"],
        "assessment_id": ASSESSED,
        "tool": "notool",
        "relationship_id": relative,
        "request_id": "norequest",
        "report_id": reported,
        "grant_id": "nogrant",
        "denial_id": "nodenial",
        "emergency_id": "noemergency",
        "decision_id": "nodecision",
        "file_id": "nofile",
        "notice_id": "nonotice",
        "thread_id": "nothread",
        "involvement_id": "noinvolvement",
        "offer_id": "nooffer",
        "item_id": "noitem",
        "task_id": "notask",
        "search_id": "nosearch",
        "person_id": "nobody",
        "reference": "0" * 16,
        "role_id": "norole",
        "proposal_id": "noproposal",
        "decision": "confirmation",
        "code": "lv",
        "path": "x",
    } | changes
    return template.format(**{name: quote(value, safe="") for name, value in values.items()})


async def forget_limits(held: Runtime) -> None:
    await held.store.rates.delete_many({})


def test_every_form_of_the_portal_is_attacked_here(routes: dict[str, tuple[str, str]]) -> None:
    assert set(FORMS) == {name for name, (method, _) in routes.items() if method != "GET"}


@pytest.mark.asvs("2.2.2")
@pytest.mark.asvs("1.2.4")
@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("name", [name for name in FORMS if name not in LEAVING])
async def test_no_value_of_a_field_breaks_a_form(
    attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    row = await held.store.people.find_one({"_id": "inese-liepina"}) or {}
    inese = who_is(Person.model_validate(row), row["roles"][0]["id"], None, held.now())
    found = {"child": need_token(held.cookie_key, inese, PAULA, held.now())} if "need" in name else {}
    good = FORMS[name] | found
    for number, field in enumerate(good):
        for value in SHORT[number % 4 :: 4]:
            answer = await attacker.attack("POST", path, data=good | {field: value})
            assert answer.status_code < 500, (field, value[:40])
        answer = await attacker.attack("POST", path, data=good | {field: [OPERATORS[0], "x", "x"]})
        assert answer.status_code < 500, (field, "a list for a scalar")
    await forget_limits(held)


@pytest.mark.prove
@pytest.mark.parametrize("name", [name for name in FORMS if name not in LEAVING])
async def test_no_value_of_the_whole_corpus_breaks_a_form(
    attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    for field in FORMS[name]:
        for value in [*EVERYTHING, *MARKUP, *REDOS]:
            answer = await attacker.attack("POST", path, data=FORMS[name] | {field: value})
            assert answer.status_code < 500, (field, value[:40])
            await forget_limits(held)


@pytest.mark.prove
@pytest.mark.parametrize("name", list(PARAMETERS))
async def test_no_value_of_the_whole_corpus_breaks_a_page(
    attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    for parameter in PARAMETERS[name]:
        for value in [*EVERYTHING, *MARKUP]:
            answer = await attacker.attack("GET", path, params={parameter: value})
            assert answer.status_code < 500, (parameter, value[:40])


@pytest.mark.asvs("1.2.4")
@pytest.mark.parametrize("name", [name for name in FORMS if name not in LEAVING])
async def test_no_name_of_a_field_breaks_a_form_or_reaches_a_command(
    attacker: Attacker, held: Runtime, heard: tuple[Store, Ear], routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    heard[1].commands.clear()
    for field in NAMES:
        answer = await attacker.attack("POST", path, data=FORMS[name] | {field: "x"})
        assert answer.status_code < 500, field[:40]
    keys = {key for command in heard[1].commands for key in keys_of(command)}
    assert not [key for key in keys if CANARY in key]
    await forget_limits(held)


def keys_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not (key == "$lookup" and inner.get("from") in OUR_LOOKUPS):
                yield key
            yield from keys_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from keys_of(inner)


@pytest.mark.asvs("1.2.4")
@pytest.mark.parametrize("name", list(PARAMETERS))
async def test_no_parameter_breaks_a_page(
    attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    cursors = ["0--5", "-", "zz-1", "f" * 60 + "-1", "0-" + "f" * 60, "0-0", "-1-1", "0x1-0x1", "1_0-1_0", "７-７"]
    for parameter in PARAMETERS[name]:
        for value in [*SHORT, *(cursors if parameter == "before" else [])]:
            answer = await attacker.attack("GET", path, params={parameter: value})
            assert answer.status_code < 500, (parameter, value[:40])
        answer = await attacker.attack("GET", path, params=[(parameter, "x"), (parameter, OPERATORS[0])])
        assert answer.status_code < 500, (parameter, "twice")
    for unknown in NAMES:
        assert (await attacker.attack("GET", path, params={unknown: "x"})).status_code < 500


async def test_no_path_breaks_a_page(attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]]) -> None:
    for name, (method, path) in routes.items():
        for parameter in re.findall(r"{(\w+)}", path):
            for value in [OPERATORS[0], OPERATORS[3], NUMBERS[0], *LETTERS[2:7:2], "a" * 3000]:
                tried = await address(held, path, **{parameter: value})
                answer = await attacker.attack(method, tried, data={} if method == "POST" else None)
                # A page that says „not genuine”; a line that is removed already, or stands in a plan that is in force.
                says_so = {"verify_code": 200, "remove_plan_item": 422}.get(name) == answer.status_code
                assert says_so or answer.status_code in (303, 400, 403, 404, 405), (
                    name,
                    parameter,
                    value[:40],
                    answer.status_code,
                )


async def test_no_operator_of_a_user_ever_reached_the_database(heard: tuple[Store, Ear]) -> None:
    """Runs after the attacks above: whatever they sent, it was only ever a value."""
    own = {key for command in heard[1].commands for key in keys_of(command) if key.startswith("$")}
    assert own and not own & NEVER


@pytest.mark.asvs("1.2.4")
async def test_an_operator_finds_what_nonsense_finds(attacker: Attacker, held: Runtime) -> None:
    def shown(html: str, asked: str) -> str:
        html = re.sub(r'(value|content)="[^"]*"', "", html)
        return html.replace(asked, "")

    plain = await attacker.attack("POST", "/search", data={"q": "qqwwzz"}, headers={"HX-Request": "true"})
    for operator in OPERATORS[:9]:
        tried = await attacker.attack(
            "POST", "/search", data={"q": f"{operator}qqwwzz"}, headers={"HX-Request": "true"}
        )
        assert tried.status_code == 200
        assert "/dossiers/" not in tried.text
    assert "/dossiers/" not in shown(plain.text, "qqwwzz")
    missing = await attacker.attack("GET", "/dossiers/nosuchdossier0")
    for operator in OPERATORS:
        tried = await attacker.attack("GET", f"/dossiers/{quote(operator, safe='')}")
        assert tried.status_code == 404
        assert shown(tried.text, quote(operator)).count("<") == shown(missing.text, "nosuchdossier0").count("<")
    await forget_limits(held)


@pytest.mark.asvs("4.1.1")
@pytest.mark.parametrize(
    "body", ['{"q": {"$ne": null}, "summary": {"$gt": ""}}', "[" * 10_000, '{"a":' * 10_000, "nul", "\x00"]
)
async def test_json_is_no_form(
    attacker: Attacker, held: Runtime, heard: tuple[Store, Ear], routes: dict[str, tuple[str, str]], body: str
) -> None:
    heard[1].commands.clear()
    for name in FORMS:
        if name not in LEAVING:
            path = await address(held, routes[name][1])
            answer = await attacker.attack("POST", path, content=body, headers={"content-type": "application/json"})
            assert answer.status_code < 500, name
    assert not {key for command in heard[1].commands for key in keys_of(command)} & NEVER


@pytest.mark.asvs("1.2.9")
@pytest.mark.asvs("1.3.12")
@pytest.mark.parametrize("name", ["search_related", "search_nation", "timeline_search", "add_event"])
async def test_a_text_made_to_confuse_a_pattern_takes_no_time(
    attacker: Attacker, held: Runtime, routes: dict[str, tuple[str, str]], name: str
) -> None:
    path = await address(held, routes[name][1])
    fields = {"add_event": ["day", "time", "field_present"]}.get(name, ["q"])
    for field in fields:
        for text in REDOS:
            times = []
            for _ in range(3):
                started = time.process_time()
                answer = await attacker.attack("POST", path, data=FORMS[name] | {field: text, "summary": ""})
                times.append(time.process_time() - started)
                assert answer.status_code < 500
                await forget_limits(held)
            assert min(times) < 1, (field, text[:10])


async def test_an_expression_is_looked_for_letter_by_letter(attacker: Attacker, held: Runtime) -> None:
    for text in (".*", "[m]arta", "mar.a", "m|a|r"):
        answer = await attacker.attack("POST", "/search", data={"q": text})
        assert f"/dossiers/{MARTA}" not in answer.text, text


@pytest.mark.asvs("15.3.1")
@pytest.mark.asvs("15.3.3")
async def test_fields_nobody_asked_for_change_nothing(attacker: Attacker, held: Runtime) -> None:
    extra = {
        "recorded_by": "somebody",
        "institution_id": "valsts-policija",
        "institution_name": "Policija",
        "source": "pmlp",
        "version": "99",
        "readers": "r:zane-kaulina-1",
        "_id": "x",
        "id": "x",
        "addressed_to": "rigas-socialais-dienests",
        "withdrawn": "yes",
        "recorded_at": "2001-01-01",
        "attachments": "x",
        "domain": "justice",
        "shape": "decision",
        "level": "1",
        "case_manager": "zane-kaulina-1",
        "dossier_id": dossier_id("janis"),
    }
    before = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    answer = await attacker.attack("POST", f"/dossiers/{MARTA}/events", data=EVENT | extra | {"summary": "Tikai savs"})
    assert answer.status_code == 303
    after = await held.store.dossiers.find_one({"_id": MARTA}) or {}
    event = after["events"][-1]
    assert event["summary"] == "Tikai savs" and event["institution_id"] == "cesu-socialais-dienests"
    assert event["recorded_by"]["person_id"] == "inese-liepina" and event["domain"] == "welfare"
    assert not {"withdrawn", "attachments", "source", "addressed_to"} & set(event) and event.get("version", 1) == 1
    assert event["recorded_at"].year > 2020
    assert [after[k] for k in ("readers", "level", "case_manager")] == [
        before[k] for k in ("readers", "level", "case_manager")
    ]


async def test_letters_no_typing_makes_are_not_kept(attacker: Attacker, held: Runtime) -> None:
    odd = "A\u202eB\u2066C\u2069D\u200eE\u200fF\u061cG\x00H\x1bI\x85J\ufeffK\u2028L\rM"
    answer = await attacker.attack("POST", f"/dossiers/{MARTA}/events", data=EVENT | {"summary": odd, "detail": odd})
    assert answer.status_code == 303
    event = (await held.store.dossiers.find_one({"_id": MARTA}) or {})["events"][-1]
    assert event["summary"] == "ABCDEFGHIJK L M"
    assert event["detail"] == "ABCDEFGHIJK\nL\nM"


# --- what is stored comes back as text -------------------------------------------------------------------------

READERS = [
    "inese-liepina",
    "aija-zarina",
    "ruta-abele",
    "martins-skele",
    "ilze-kalnina",
    "sanita-berzina",
    "girts-kenins",
]
PAGES = ["", "/timeline", "/family", "/documents", "/access-log", "/events/new", "/level"]


@pytest.mark.asvs("1.2.1")
@pytest.mark.asvs("1.3.7")
@pytest.mark.asvs("3.2.2")
async def test_markup_in_any_field_is_shown_as_text_to_everybody(attacker: Attacker, held: Runtime) -> None:
    evil = " ".join(MARKUP)
    texts = dict.fromkeys(("detail", "field_present", "field_observed", "withheld_reason"), evil)
    addresses = []
    for part in MARKUP:
        answer = await attacker.attack(
            "POST", f"/dossiers/{MARTA}/events", data=EVENT | texts | {"summary": part, "kind": "home_visit"}
        )
        assert answer.status_code == 303, answer.text
        addresses.append(answer.headers["location"])
    event = (await held.store.dossiers.find_one({"_id": MARTA}) or {})["events"][-1]
    correction = EVENT | texts | {"summary": MARKUP[1], "version": str(event.get("version", 1)), "reason": evil}
    assert (await attacker.attack("POST", f"{addresses[-1]}/correction", data=correction)).status_code == 303
    gone = {"version": "1", "reason": evil}
    assert (await attacker.attack("POST", f"{addresses[0]}/withdrawal", data=gone)).status_code == 303
    file = ("files", (f"{MARKUP[1]}.png", drawing(), "image/png"))
    with_file = await attacker.attack(
        "POST", f"/dossiers/{MARTA}/events", data=EVENT | {"summary": "Ar failu"}, files=[file]
    )
    assert with_file.status_code == 303
    level = await attacker.get(f"/dossiers/{MARTA}/level")
    assert level.status_code == 200
    change = {"version": attacker.hidden("version"), "level": "2", "reason": "", "words": evil}
    change |= {name: options(attacker.page, name)[-1] for name in ("reason", "legal_basis")}
    assert (await attacker.attack("POST", f"/dossiers/{MARTA}/level", data=change)).status_code in (303, 422)
    await attacker.attack("POST", f"/dossiers/{MARTA}/events/draft", data=EVENT | texts | {"summary": MARKUP[1]})
    seen = 0
    for person in READERS:
        reader = await Browser(held).sign_in(person)
        for path in (
            [f"/dossiers/{MARTA}{page}" for page in PAGES] + addresses + [with_file.headers["location"], "/desk"]
        ):
            answer = await reader.client.get(path, follow_redirects=True)
            assert answer.status_code < 500, (person, path)
            seen += answer.text.count("x-corpus")
            assert_harmless(answer.text, f"{person} {path}")
    assert seen > 200, "the corpus is shown"


@pytest.mark.asvs("1.2.1")
async def test_a_refused_form_shows_what_was_typed_as_text(attacker: Attacker, held: Runtime) -> None:
    evil = " ".join(MARKUP)
    for name, form in FORMS.items():
        if name in {*LEAVING, "language"}:
            continue
        path = await address(held, create_path(held, name))
        for field in form:
            answer = await attacker.attack("POST", path, data=form | {"summary": ""} | {field: evil})
            assert_harmless(answer.text, f"{name} {field}")
        await forget_limits(held)
    for name, parameters in PARAMETERS.items():
        path = await address(held, create_path(held, name))
        for parameter in parameters:
            answer = await attacker.attack("GET", path, params={parameter: evil})
            assert_harmless(answer.text, f"{name} {parameter}")


def create_path(held: Runtime, name: str) -> str:
    return dict(_routes(portal_of(held)))[name][1]


def options(page: str, name: str) -> list[str]:
    values = re.findall(rf'<input[^>]*name="{name}"[^>]*value="([^"]+)"', page)
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
    return values + (re.findall(r'value="([^"]+)"', select.group()) if select else []) or [""]


def drawing() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def assert_harmless(html: str, where: str) -> None:
    """Nothing of the corpus became an element, a handler or an address."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    for element in tree.iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        assert tag != "x-corpus" and "corpus" not in tag, where
        assert tag != "script" or (element.get("src") or "").startswith("/assets/"), where
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"], where
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            assert not re.match(r"\s*(javascript|data|vbscript):", element.get(name) or "", re.I), where
        assert tag != "img" or (element.get("src") or "").startswith("/"), where
    assert "{{49}}" not in html and "$49" not in html and "#49" not in html, where


# --- bodies and headers ----------------------------------------------------------------------------------------


class Fed:
    """A body that is handed over block by block, and counts how much of it was taken."""

    def __init__(self, blocks: int, size: int, pause: float = 0) -> None:
        self.blocks, self.size, self.pause, self.taken = blocks, size, pause, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.blocks):
            await asyncio.sleep(self.pause)
            self.taken += self.size
            yield b"a" * self.size


async def raw(held: Runtime, attacker: Attacker, path: str, body: Fed, **headers: str) -> tuple[int, int]:
    """Send a body straight to the application: status, and bytes it took of it."""
    app, answered = portal_of(held), []
    blocks = body.__aiter__()

    async def receive() -> Any:
        try:
            return {"type": "http.request", "body": await anext(blocks), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    cookie = "; ".join(f"{c.name}={c.value}" for c in attacker.client.cookies.jar)
    sent = {"host": "127.0.0.1:8000", "cookie": cookie, "x-csrf-token": attacker.token, **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    return answered[0], body.taken


@pytest.mark.asvs("4.1.1")
@pytest.mark.parametrize("path", ["/search", f"/dossiers/{MARTA}/events"])
async def test_a_form_beyond_its_size_is_refused_before_it_is_read(
    held: Runtime, attacker: Attacker, path: str
) -> None:
    status, taken = await raw(held, attacker, path, Fed(1600, 65_536), **{"content-type": FORM})
    assert status == 413 and taken <= 2 * BODY_LIMIT
    announced = {"content-type": FORM, "content-length": "104857600"}
    status, taken = await raw(held, attacker, "/search", Fed(1600, 65_536), **announced)
    assert status == 413 and taken == 0


async def test_text_as_large_as_files_may_be_is_refused(held: Runtime, attacker: Attacker) -> None:
    head = b'--b\r\ncontent-disposition: form-data; name="detail"\r\n\r\n'

    class Part(Fed):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield head
            async for block in super().__aiter__():
                yield block

    body = Part(1200, 65_536)
    status, taken = await raw(
        held, attacker, f"/dossiers/{MARTA}/events", body, **{"content-type": "multipart/form-data; boundary=b"}
    )
    assert status == 413 and taken <= 2 * BODY_LIMIT


async def test_a_hundred_thousand_fields_are_refused_at_once(held: Runtime, attacker: Attacker) -> None:
    body = "&".join(f"f{n}=1" for n in range(100_000))
    started = time.process_time()
    answer = await attacker.attack("POST", f"/dossiers/{MARTA}/events", content=body, headers={"content-type": FORM})
    assert answer.status_code == 400 and time.process_time() - started < 3
    parts = "".join(f'--b\r\ncontent-disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(2000)) + "--b--"
    multipart = {"content-type": "multipart/form-data; boundary=b"}
    answer = await attacker.attack("POST", f"/dossiers/{MARTA}/events", content=parts, headers=multipart)
    assert answer.status_code == 400


async def test_no_form_stays_in_memory(held: Runtime, attacker: Attacker) -> None:
    """The library's own parser keeps the last thousand forms, narrative and all."""
    import gc

    await attacker.attack("POST", f"/dossiers/{MARTA}/events/draft", data=EVENT | {"detail": "vienreizējs-stāsts" * 50})
    gc.collect()
    held_texts = [o for o in gc.get_objects() if type(o) is dict and "vienreizējs-stāsts" in str(o.get("detail", ""))]
    assert held_texts == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"\xff\xfe=\x80"),
        (FORM, b"%ff%fe=%80&q=%ED%A0%80"),
        (FORM + "; charset=utf-16", b"q=1"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\ncontent-disposition: form-data\r\n\r\n\xff\r\n--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\ncontent-disposition: form-data; name="q"\r\n\r\n\xff\r\n--b--'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\ncontent-disposition: form-data; name="q"\r\ncontent-type: text/plain; charset=?\r\n\r\nx\r\n--b--',
        ),
        ("multipart/form-data; boundary=b", b'--b\r\ncontent-disposition: form-data; name="q'),
        ("multipart/form-data; boundary=\xe4", b"x"),
        (" ; ;;", b"x"),
        ("application/x-msgpack", b"\x81\xa1q\xc0"),
    ],
)
async def test_a_damaged_body_is_no_mistake_of_ours(attacker: Attacker, held: Runtime, kind: str, body: bytes) -> None:
    for path in ("/search", f"/dossiers/{MARTA}/events", f"/dossiers/{MARTA}/events/draft", "/language/lv"):
        answer = await attacker.attack("POST", path, content=body, headers={"content-type": kind.encode("latin-1")})
        assert answer.status_code < 500, path
    await forget_limits(held)


async def test_a_packed_body_is_not_unpacked(attacker: Attacker) -> None:
    import gzip

    bomb = gzip.compress(b"q=" + b"a" * 10_000_000)
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {"content-type": FORM, "content-encoding": encoding}
        answer = await attacker.attack("POST", "/search", content=bomb, headers=headers)
        assert answer.status_code == 415


async def test_a_slow_sender_keeps_nobody_waiting(held: Runtime, attacker: Attacker) -> None:
    slow = asyncio.create_task(raw(held, attacker, "/search", Fed(400, 1, pause=0.05), **{"content-type": FORM}))
    await asyncio.sleep(0.1)
    assert (await attacker.attack("GET", "/help")).status_code == 200
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


@pytest.mark.asvs("4.1.3")
@pytest.mark.asvs("15.3.4")
async def test_nobody_says_who_they_are_or_where_they_come_from(attacker: Attacker, held: Runtime) -> None:
    spoofed = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-User": "zane-kaulina",
        "X-Remote-User": "zane-kaulina",
        "X-Forwarded-User": "zane-kaulina",
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": f"/dossiers/{MARTA}",
        "X-HTTP-Method-Override": "DELETE",
    }
    before = await held.store.audit_entries.count_documents({})
    assert (await attacker.attack("GET", f"/dossiers/{MARTA}", headers=spoofed)).status_code == 200
    (row,) = await held.store.audit_entries.find({}).sort("$natural", 1).skip(before).to_list()
    assert (row["person_id"], row["origin"]) == ("inese-liepina", "127.0.0.1")
    held.settings.trusted_proxies = ("127.0.0.1",)
    try:
        await attacker.attack("GET", f"/dossiers/{MARTA}", headers={"X-Forwarded-For": "6.6.6.6, 10.1.2.3"})
    finally:
        held.settings.trusted_proxies = ()
    row = (await held.store.audit_entries.find({}).sort("$natural", -1).limit(1).to_list())[0]
    assert row["origin"] == "10.1.2.3", "what our own proxy added, not what came with the request"


PATHS = [
    f"/dossiers/{MARTA}/../{MARTA}",
    f"/help/../dossiers/{MARTA}",
    f"//dossiers/{MARTA}",
    f"/dossiers//{MARTA}",
    f"/dossiers/{MARTA}/",
    f"/DOSSIERS/{MARTA}",
    f"/dossiers/{MARTA.upper()}",
    f"/dossiers/{MARTA};a=b",
    f"/dossiers/{MARTA}%00",
    f"/dossiers/{MARTA}%2Ftimeline",
    f"/dossiers/%2e%2e/dossiers/{MARTA}",
    f"/dossiers/{MARTA}.json",
    f"/dossiers/{MARTA}?public=1",
    f"/dossiers/{MARTA}/healthz",
    f"/assets/../dossiers/{MARTA}",
    f"/assets/%2e%2e/dossiers/{MARTA}",
]


@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("person", ["zane-kaulina", ""])
async def test_no_way_of_writing_an_address_opens_a_door(held: Runtime, path: str, person: str) -> None:
    reader = Browser(held)
    if person:
        await reader.sign_in(person)
    answer = await reader.client.get(httpx.URL(BASE).copy_with(raw_path=path.encode()))
    assert answer.status_code in (303, 307, 308, 404), answer.status_code
    assert "Marta" not in answer.text


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize(
    "path",
    [
        "/assets/../portal/app.py",
        "/assets/%2e%2e/portal/app.py",
        "/assets/..%2fpyproject.toml",
        "/assets//etc/passwd",
        "/assets/....//app.py",
        "/assets/%00",
        "/assets/" + "a" * 3000 + ".css",
        "/.git/config",
        "/schema",
        "/docs",
        "/metrics",
        "/debug",
        "/openapi.json",
    ],
)
async def test_nothing_of_the_inside_is_served(held: Runtime, path: str) -> None:
    answer = await Browser(held).client.get(httpx.URL(BASE).copy_with(raw_path=path.encode()))
    assert answer.status_code == 404


@pytest.mark.asvs("16.4.1")
async def test_line_breaks_in_a_field_make_one_line_of_log(
    attacker: Attacker, held: Runtime, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.search import controller

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError('Marta Kalniņa\n{"event": "forged"}')

    monkeypatch.setattr(controller, "understand", broken)
    with spoken_log():
        answer = await attacker.attack("POST", "/search", data={"q": 'x\r\n{"event": "forged"}'})
    assert answer.status_code == 500 and "RuntimeError" not in answer.text and "Traceback" not in answer.text
    lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert "unexpected" in events and "forged" not in events
    assert "Marta" not in "".join(lines)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(held: Runtime) -> AsyncIterator[int]:
    """The portal behind its true server on a free port."""
    from portal.cli.listening import run

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    serving = asyncio.create_task(run(create_app(held), "127.0.0.1", port, announce=f"http://127.0.0.1:{port}"))
    for _ in range(100):
        await asyncio.sleep(0.05)
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
    yield port
    os.kill(os.getpid(), signal.SIGTERM)
    await serving


async def say(port: int, sent: bytes) -> bytes:
    """Send bytes as they are; the first line of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for start in range(0, len(sent), 65_536):
            writer.write(sent[start : start + 65_536])
            await writer.drain()
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        answer = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return answer


HOST = b"\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1" + HOST + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1" + HOST + b"X: a\r\n" * 200_000 + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1" + HOST + b"\r\n",
        b"GET / HTTP/1.1" + HOST + b"Cookie: atbalsts_demo=" + b"a" * 1_000_000 + b"\r\n\r\n",
    ],
    ids=["one header", "many headers", "address", "cookie"],
)
async def test_a_head_of_a_megabyte_is_not_taken(server: int, sent: bytes) -> None:
    assert b" 431 " in await say(server, sent)
    assert b" 200 " in await say(server, b"GET /healthz HTTP/1.1" + HOST + b"\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET /\xff\xfe HTTP/1.1" + HOST + b"\r\n",
        b"GET http://[ HTTP/1.1" + HOST + b"\r\n",
        b"POST /search HTTP/1.1" + HOST + b"Content-Length: -1\r\n\r\n",
        b"POST /search HTTP/1.1" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /search HTTP/1.1" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nq=abc",
        b"GET / HTTP/1.1" + HOST + b"X y: z\r\n\r\n",
        b"GET / HTTP/1.1" + HOST + b"X: a\x00b\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(server: int, sent: bytes) -> None:
    assert b" 400 " in await say(server, sent)
    assert b" 200 " in await say(server, b"GET /healthz HTTP/1.1" + HOST + b"\r\n")
