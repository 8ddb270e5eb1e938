"""Joining a provisional dossier with the true one and taking it apart again: nothing lost, nothing half done."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from auth.access import Moved, NotFound, dossier_for
from auth.permissions import Permission
from auth.relations import readers_of
from documents.audit import Lane
from documents.child import BaseField, Child
from documents.decision import CourtDecision, Undone, decisions_about
from documents.dossier import EVENTS_KEPT, Denial, Dossier, LevelChange, Need
from documents.event import Attachment
from documents.family import LegalRole, Relationship
from documents.involvement import CaseManager
from documents.model import to_bson
from documents.personal_code import PersonalCode, invent, parse
from documents.store import Store
from portal.contacts.actions import change_base
from portal.contacts.rules import Edit
from portal.decisions.effects import Named, carry_out
from portal.events.actions import add_event, correct_event
from portal.identities.joining import CannotJoin, Done, Order, join_with_code, join_with_dossier
from portal.identities.parting import unjoin
from portal.needs.actions import NeedDraft, identify_need
from portal.search.actions import find_in_nation
from portal.search.rules import understand
from tests.pages.test_loading import load_people
from tests.pages.test_writing_events import DRAFT
from tests.people import NOW, TODAY, dossier, event, involvement, person, rederive, staff, who
from tests.people_extract import child as record

BORN, AT = date(2020, 5, 1), datetime(2026, 6, 1, 9, tzinfo=UTC)
CODE = parse(invent(BORN, 7), accept_invented=True)
ORDER = Order("server", "Kods saņemts no dzimtsarakstu nodaļas", NOW)
LATER = NOW + timedelta(days=3)
MOTHER = Relationship(
    id="m-true", kind="mother", name="Ilze Tests", person_id="ilze", legal_roles=[LegalRole(role="custody")]
)

SUSPENDED = CourtDecision(
    id="suspended",
    dossier_id="prov",
    court_id="court",
    court_name="Bāriņtiesa",
    initials="M. N.",
    birth_year=2020,
    kind="custody_suspended",
    state="issued",
    by=who("inese").as_professional(),
    at=AT,
    concerned=["m-prov"],
    in_force_from=date(2026, 6, 2),
    sealed=b"x",
    undid=[Undone(relationship_id="m-prov", role=LegalRole(role="contact_limited"))],
    number=1,
    year=2026,
    issued_at=AT,
    file=Attachment(file_id="f", name="Lemums-1-2026.pdf", media_type="application/pdf", size=1, sha256="00"),
    code_hash="0",
    certificate=b"x",
)
DRAFTED = SUSPENDED.model_copy(
    update={"id": "drafted", "kind": "contact_order", "state": "draft", "concerned": ["s-prov"], "undid": []}
    | {"number": None, "year": None, "issued_at": None, "file": None, "code_hash": None, "certificate": None}
)


def provisional(**changes: Any) -> Dossier:
    """Opened in June under a provisional identity; Inese leads it, Aija is on the team."""
    suspended = LegalRole(role="custody_suspended", since=date(2026, 6, 2))
    by = who("inese").as_professional()
    values: dict[str, Any] = {
        "id": "prov",
        "child": Child(
            given_name="Meitene",
            family_name="Nezināma",
            birth_date=date(2020, 1, 1),
            birth_date_approximate=True,
            provisional=True,
            sex="f",
            sort_name="nezinama meitene",
        ),
        "opened": AT,
        "level": 3,
        "levels": [LevelChange(level=3, at=AT, by=by, reason="need_identified")],
        "needs": [
            Need(id="n1", kind="safe_home", description="Viena", level=3, legal_basis="x", identified_at=AT, by=by)
        ],
        "case_manager": staff(CaseManager, "inese", since=AT),
        "involvements": [involvement("police", "police_matter", "martins", AT.date())],
        "events": [event(id=f"e{n}", day=date(2026, 6, n + 1)) for n in range(3)],
        "base": {
            "interests": BaseField(value="šūpoles", source="atbalsts", as_of=AT.date()),
            "language": BaseField(value="krievu", source="atbalsts", as_of=AT.date()),
        },
        "relationships": [
            Relationship(id="m-prov", kind="mother", name="Ilze", person_id="ilze", legal_roles=[suspended]),
            Relationship(id="s-prov", kind="sister", name="Zane", dossier_id="sister", parent_ids=["m-prov"]),
        ],
    }
    return dossier(**values | changes)


def true(**changes: Any) -> Dossier:
    """What the population register knows: a base profile nobody has opened."""
    child = Child(
        given_name="Līga",
        family_name="Teste",
        birth_date=BORN,
        sex="f",
        code_hash="set below",
        sort_name="teste liga",
        tokens=["liga", "teste"],
    )
    values: dict[str, Any] = {
        "id": "true",
        "child": child,
        "opened": None,
        "level": 1,
        "levels": [],
        "case_manager": None,
        "team": [],
        "involvements": [],
        "relationships": [MOTHER],
        "base": {"language": BaseField(value="latviešu", source="population_register", as_of=TODAY)},
    }
    return dossier(**values | changes)


async def put(store: Store, *dossiers: Dossier) -> None:
    for each in dossiers:
        if each.child.code_hash:
            each.child.code_hash = CODE.hash(store.code_key)
        await store.dossiers.insert_one(to_bson(rederive(each)))
    sister = dossier(id="sister", relationships=[Relationship(id="s2", kind="sister", name="?", dossier_id="prov")])
    await store.dossiers.insert_one(to_bson(sister))
    held = [each.id for each in dossiers]
    await store.people.insert_one(to_bson(person("ilze", children=["other", *held])))
    kept = {"by": {"person_id": "x"}, "kind": "need", "sealed": b"", "due": AT, "state": "received"}
    await store.reports.insert_one({"_id": "rep", "dossier_id": "prov", "at": AT} | kept)
    too = {"_id": "of-sister", "dossier_id": "sister", "siblings": ["a", "prov"], "at": AT}
    await store.reports.insert_one(too | kept)
    asked = dict.fromkeys(("by", "purpose", "legal_basis"), "x") | {"at": AT, "until": AT, "sections": []}
    waits = {"_id": "asks", "dossier_id": "prov", "state": "waiting", "due": AT, "sealed": b""}
    await store.access_requests.insert_one(waits | asked)
    for each in (SUSPENDED, DRAFTED):
        await store.decisions.insert_one(to_bson(each))


async def read(store: Store, dossier_id: str) -> Dossier:
    return Dossier.model_validate(await store.dossiers.find_one({"_id": dossier_id}))


async def everything(store: Store) -> dict[str, Any]:
    """All that a join may touch, but for revisions and the history of joins."""
    found: dict[str, Any] = {}
    for name in ("dossiers", "people", "dossier_archive", "reports", "access_requests", "decisions"):
        async for row in store.database[name].find({}):
            found[f"{name}/{row['_id']}"] = {k: v for k, v in row.items() if k not in ("revision", "joins")}
    return found


async def reachable(store: Store, name: str, dossier_id: str, now: datetime = NOW) -> bool:
    try:
        await dossier_for(store, who(name), dossier_id, Permission.BASE_READ, now)
    except NotFound:
        return False
    return True


async def test_everything_of_the_provisional_dossier_stands_in_the_true_one(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    done = await join_with_code(demo_store, "prov", CODE, ORDER)
    assert (done.join.dossier_id, done.entries) == ("true", 3)
    after = await read(demo_store, "true")
    assert [e.id for e in after.events] == ["e0", "e1", "e2"] and [n.id for n in after.needs] == ["n1"]
    assert after.child.name == "Līga Teste" and after.child.birth_date == BORN, "the register's identity stands"
    assert (after.opened, after.level, [change.level for change in after.levels]) == (AT, 3, [3])
    assert after.case_manager and after.case_manager.person_id == "inese"
    assert after.base["interests"].value == "šūpoles"
    language = after.base["language"]
    assert language.value == "latviešu" and language.said_here and language.said_here.value == "krievu"
    mother, sister = after.relationships
    assert mother.id == "m-true" and [role.role for role in mother.legal_roles] == ["custody", "custody_suspended"]
    assert (sister.dossier_id, sister.parent_ids) == ("sister", ["m-true"])
    assert [(note.other, note.reason) for note in after.joins] == [("prov", ORDER.reason)]
    assert (await read(demo_store, "sister")).relationships[0].dossier_id == "true"
    assert (await demo_store.people.find_one({"_id": "ilze"}) or {})["children"] == ["other", "true"]
    reports = {row["_id"]: row async for row in demo_store.reports.find({})}
    assert reports["rep"]["dossier_id"] == "true" and reports["of-sister"]["siblings"] == ["a", "true"]
    assert (await demo_store.access_requests.find_one({}) or {})["dossier_id"] == "true", "it waits where it is decided"


async def test_what_the_court_decided_of_an_unknown_child_goes_on_in_the_true_dossier(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    await join_with_code(demo_store, "prov", CODE, ORDER)
    assert await decisions_about(demo_store, ["prov"]) == []
    drafted, suspended = sorted(await decisions_about(demo_store, ["true"]), key=lambda each: each.id)
    assert (drafted.state, drafted.concerned) == ("draft", ["s-prov"]), "the sister's line went along as it was"
    assert suspended.concerned == ["m-true"] == [each.relationship_id for each in suspended.undid]
    renewed = suspended.model_copy(
        update={"id": "renewed", "kind": "custody_renewed", "state": "draft", "replaces": "suspended", "undid": []}
        | {"in_force_from": TODAY}
    )
    changed = carry_out(await read(demo_store, "true"), renewed, Named(), [suspended], TODAY)
    assert [(each.id, each.state) for each in changed] == [("suspended", "replaced")]
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    assert {each.id for each in await decisions_about(demo_store, ["prov"])} == {"drafted", "suspended"}


async def test_rights_are_those_of_the_joined_dossier_and_the_old_address_leads_there(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    assert await reachable(demo_store, "inese", "prov") and not await reachable(demo_store, "inese", "true")
    await join_with_code(demo_store, "prov", CODE, ORDER)
    after = await read(demo_store, "true")
    assert after.readers == readers_of(after) != [] and after.family_ids == ["ilze"]
    assert all(reader.key != "p:ilze" or reader.until <= NOW for reader in after.readers), "custody is suspended"
    tombstone = await read(demo_store, "prov")
    assert tombstone.readers == [] == readers_of(tombstone) and tombstone.joined_into == "true"
    for name in ("inese", "aija", "martins"):
        assert await reachable(demo_store, name, "true")
        with pytest.raises(Moved) as moved:
            await dossier_for(demo_store, who(name), "prov", Permission.BASE_READ, NOW)
        assert moved.value.to == "true"
    with pytest.raises(NotFound) as nothing:
        await dossier_for(demo_store, who("olga"), "prov", Permission.BASE_READ, NOW)
    assert not isinstance(nothing.value, Moved)
    logged = await demo_store.audit_entries.find({"act": "identity.joined"}).to_list()
    assert sorted((row["dossier_id"], row["subject"]) for row in logged) == [("prov", "true"), ("true", "prov")]
    assert "dzimtsarakstu" not in str(logged) and CODE.text not in str(await everything(demo_store))


async def test_undone_at_once_both_are_exactly_as_they_were(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    await demo_store.archive.insert_one(
        {
            "_id": "prov:1",
            "dossier_id": "prov",
            "number": 1,
            "newest": "2020-06-02",
            "oldest": "2020-06-01",
            "events": [to_bson(event(id=f"a{n}", day=date(2020, 6, n + 1))) for n in range(2)],
        }
    )
    await demo_store.dossiers.update_one({"_id": "prov"}, {"$set": {"archived": 2}})
    before = await everything(demo_store)
    done = await join_with_code(demo_store, "prov", CODE, ORDER)
    assert done.entries == 5 and await everything(demo_store) != before
    undone = await unjoin(demo_store, "prov", replace(ORDER, reason="Cits bērns", now=LATER))
    assert (undone.entries, undone.stayed) == (5, 0)
    assert await everything(demo_store) == before
    for dossier_id, other in (("prov", "true"), ("true", "prov")):
        note = (await read(demo_store, dossier_id)).joins[0]
        assert (note.other, note.undone_reason, note.undone_at) == (other, "Cits bērns", LATER)
    again = await join_with_code(demo_store, "prov", CODE, replace(ORDER, now=LATER))
    assert again.join.id != done.join.id, "it may be joined once more"


async def test_two_open_dossiers_are_put_together_and_taken_apart(demo_store: Store) -> None:
    by = who("anda").as_professional()
    denial = Denial(id="x", person_id="olga", reason="", since=AT, decided_by=by)
    led = true(
        opened=AT - timedelta(days=99),
        level=2,
        levels=[LevelChange(level=2, at=AT + timedelta(days=9))],
        case_manager=staff(CaseManager, "anda", since=AT),
        events=[event(writer="anda", id="own")],
    )
    await put(demo_store, provisional(denials=[denial], protected_from=["ilze"]), led)
    before = await everything(demo_store)
    await join_with_dossier(demo_store, "prov", "true", ORDER)
    after = await read(demo_store, "true")
    assert after.opened == led.opened and (after.level, [c.level for c in after.levels]) == (3, [3, 2, 3])
    assert after.case_manager and after.case_manager.person_id == "anda"
    assert [(m.person_id, m.function) for m in after.team] == [
        ("aija", "school"),
        ("inese", "gadījuma vadītājs līdz profilu apvienošanai"),
    ]
    assert after.denials == [denial] and after.protected_from == ["ilze"]
    assert {e.id for e in after.events} == {"own", "e0", "e1", "e2"}
    assert await reachable(demo_store, "inese", "true") and await reachable(demo_store, "anda", "true")
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    assert await everything(demo_store) == before
    assert await reachable(demo_store, "inese", "prov") and not await reachable(demo_store, "inese", "true")


async def test_what_was_done_since_stays_and_what_was_corrected_goes_back_corrected(demo_store: Store) -> None:
    await put(demo_store, provisional(), true(opened=AT, case_manager=staff(CaseManager, "anda", since=AT)))
    await join_with_dossier(demo_store, "prov", "true", ORDER)
    written = await add_event(demo_store, who("anda"), "true", DRAFT, [], LATER)
    await correct_event(
        demo_store, who("inese"), "true", "e1", 1, replace(DRAFT, summary="Labots"), [], "sīkums", LATER
    )
    await change_base(demo_store, who("inese"), "true", [Edit("interests", "dambrete", "šūpoles", 1)], LATER)
    undone = await unjoin(demo_store, "prov", replace(ORDER, now=LATER + timedelta(days=1)))
    assert undone.stayed == 1
    stays, back = await read(demo_store, "true"), await read(demo_store, "prov")
    assert [e.id for e in stays.events] == [written["true"]]
    assert [(e.id, e.summary) for e in back.events][1] == ("e1", "Labots") and len(back.events[1].earlier) == 1
    assert stays.base["interests"].value == "dambrete" and back.base["interests"].value == "šūpoles"
    assert "language" in stays.base and stays.base["language"].said_here is None
    assert {change.event_id for change in stays.recent} == {written["true"]}
    assert [change.event_id for change in back.recent] == ["e1"]
    assert back.team and not stays.team and back.needs and not stays.needs


async def test_where_nobody_had_opened_it_those_who_wrote_since_can_still_read_it(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    await join_with_code(demo_store, "prov", CODE, ORDER)
    await add_event(demo_store, who("inese"), "true", DRAFT, [], LATER)
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER + timedelta(days=1)))
    for dossier_id in ("prov", "true"):
        assert await reachable(demo_store, "inese", dossier_id, LATER + timedelta(days=2))
    assert not (await read(demo_store, "true")).needs and len((await read(demo_store, "true")).events) == 1


async def test_a_code_nobody_has_is_given_to_the_provisional_dossier_and_taken_back(demo_store: Store) -> None:
    await put(demo_store, provisional())
    before = await everything(demo_store)
    done = await join_with_code(demo_store, "prov", CODE, ORDER)
    after = await read(demo_store, "prov")
    assert done.join.dossier_id == "prov" and done.entries == 0 and after.joined_into is None
    assert not after.child.provisional and after.child.code_hash == CODE.hash(demo_store.code_key)
    assert after.child.code and await demo_store.secrets.open(after.child.code) == CODE.text
    assert (after.child.birth_date, after.child.birth_date_approximate) == (BORN, False)
    assert after.readers == readers_of(after) and await reachable(demo_store, "inese", "prov")
    with pytest.raises(CannotJoin, match="not provisional"):
        await join_with_code(demo_store, "prov", CODE, ORDER)
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    assert await everything(demo_store) == before


async def test_a_second_join_and_other_nonsense_is_refused_and_changes_nothing(demo_store: Store) -> None:
    parts = ("relationships", "needs", "involvements", "team", "events", "levels")
    nothing: dict[str, Any] = {part: [] for part in parts}
    other = provisional(id="prov2", case_manager=staff(CaseManager, "dace", since=AT), **nothing)
    await put(demo_store, provisional(), true(), other)
    await join_with_code(demo_store, "prov", CODE, ORDER)
    before = await everything(demo_store)
    wrong: list[tuple[str, str, str]] = [
        ("prov", "true", "already"),
        ("prov2", "prov", "Name that one"),
        ("prov2", "prov2", "itself"),
        ("prov2", "nobody", "no dossier"),
        ("nobody", "true", "no dossier"),
        ("true", "prov2", "not provisional"),
    ]
    for one, two, said in wrong:
        with pytest.raises(CannotJoin, match=said):
            await join_with_dossier(demo_store, one, two, ORDER)
    for name in ("prov2", "true", "nobody"):
        with pytest.raises(CannotJoin):
            await unjoin(demo_store, name, ORDER)
    assert await everything(demo_store) == before
    await join_with_dossier(demo_store, "prov2", "true", replace(ORDER, now=LATER))
    with pytest.raises(CannotJoin, match="prov2 was joined"):
        await unjoin(demo_store, "prov", ORDER)
    await unjoin(demo_store, "prov2", ORDER)
    assert {k: v for k, v in (await everything(demo_store)).items() if k != "people/ilze"} == {
        k: v for k, v in before.items() if k != "people/ilze"
    }


async def test_relatives_of_each_other_are_not_one_child(demo_store: Store) -> None:
    twins = provisional(relationships=[Relationship(id="t", kind="sister", name="Līga", dossier_id="true")])
    await put(demo_store, twins, true())
    with pytest.raises(CannotJoin, match="relatives"):
        await join_with_code(demo_store, "prov", CODE, ORDER)


async def test_a_protected_child_stays_protected_and_its_open_address_is_sealed(demo_store: Store) -> None:
    hidden = provisional().child.model_copy(update={"protected": True})
    address = BaseField(value="Atklātā iela 1", source="population_register", as_of=TODAY)
    await put(demo_store, provisional(child=hidden), true(base={"declared_address": address}))
    before = await everything(demo_store)
    await join_with_code(demo_store, "prov", CODE, ORDER)
    after = await read(demo_store, "true")
    assert after.child.protected and "declared_address" not in after.base and after.protected_address
    assert await demo_store.secrets.open(after.protected_address) == "Atklātā iela 1"
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    assert await everything(demo_store) == before


async def test_more_entries_than_fit_go_to_the_archive_and_come_back(demo_store: Store) -> None:
    many = [event(id=f"t{n}", day=date(2021, 1, 1) + timedelta(days=n)) for n in range(EVENTS_KEPT - 1)]
    opened = true(opened=AT, case_manager=staff(CaseManager, "anda", since=AT), events=many)
    await put(
        demo_store, provisional(events=[event(id="z-oldest", day=date(2020, 6, 1)), *provisional().events]), opened
    )
    await join_with_code(demo_store, "prov", CODE, ORDER)
    after = await read(demo_store, "true")
    assert len(after.events) <= EVENTS_KEPT and after.archived + len(after.events) == EVENTS_KEPT - 1 + 4
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    stays, back = await read(demo_store, "true"), await read(demo_store, "prov")
    assert [e.id for e in back.events] == ["z-oldest", "e0", "e1", "e2"] and back.archived == 0
    assert stays.archived + len(stays.events) == EVENTS_KEPT - 1
    buckets = await demo_store.archive.find({}).to_list()
    assert sum(len(bucket["events"]) for bucket in buckets) == stays.archived and "z-oldest" not in str(buckets)


async def test_a_kill_in_the_middle_leaves_nothing_half_done(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(demo_store, provisional(), true())
    before = await everything(demo_store)

    async def killed(*_: Any) -> None:
        raise AutoReconnect("the machine went away")

    for step in (join_with_code(demo_store, "prov", CODE, ORDER), unjoin(demo_store, "prov", ORDER)):
        monkeypatch.setattr(Lane, "write", killed)
        stood = await everything(demo_store)
        with pytest.raises(AutoReconnect):
            await step
        assert await everything(demo_store) == stood
        monkeypatch.undo()
        if stood == before:
            await join_with_code(demo_store, "prov", CODE, ORDER)
    assert await demo_store.database["joins"].count_documents({}) == 1
    await unjoin(demo_store, "prov", replace(ORDER, now=LATER))
    assert await everything(demo_store) == before


async def test_a_transaction_tried_again_joins_once(demo_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(demo_store, provisional(), true())
    true_write, calls = Lane.write, 0

    async def falters(*given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise OperationFailure("try again", 112, {"errorLabels": ["TransientTransactionError"]})
        await true_write(*given)

    monkeypatch.setattr(Lane, "write", falters)
    await join_with_code(demo_store, "prov", CODE, ORDER)
    assert calls == 3
    assert len((await read(demo_store, "true")).events) == 3
    assert await demo_store.database["joins"].count_documents({}) == 1
    assert await demo_store.audit_entries.count_documents({"act": "identity.joined"}) == 2


async def test_an_entry_written_while_it_is_joined_is_in_one_of_both_and_never_lost(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    outcomes = await asyncio.gather(
        join_with_code(demo_store, "prov", CODE, ORDER),
        *(add_event(demo_store, who("inese"), "prov", DRAFT, [], NOW) for _ in range(6)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Done)
    saved = [outcome["prov"] for outcome in outcomes[1:] if isinstance(outcome, dict)]
    assert all(isinstance(outcome, dict | NotFound) for outcome in outcomes[1:])
    assert {*saved, "e0", "e1", "e2"} == {e.id for e in (await read(demo_store, "true")).events}


async def test_of_two_joins_at_once_one_is_done(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    orders = [join_with_code(demo_store, "prov", CODE, ORDER) for _ in range(4)]
    outcomes = await asyncio.gather(*orders, return_exceptions=True)
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CannotJoin) for outcome in outcomes) == 3
    assert await demo_store.database["joins"].count_documents({}) == 1


async def test_a_form_of_a_need_kept_from_before_the_join_writes_into_no_tombstone(demo_store: Store) -> None:
    await put(demo_store, provisional(opened=None, level=1, levels=[], needs=[], events=[]), true())
    await join_with_code(demo_store, "prov", CODE, ORDER)
    before = await everything(demo_store)
    with pytest.raises(NotFound):
        await identify_need(
            demo_store, who("olga"), "prov", NeedDraft("safe_home", "Viena", 3, "child_rights_law"), NOW
        )
    assert await everything(demo_store) == before


async def test_nobody_finds_the_provisional_name_any_more(demo_store: Store) -> None:
    await put(demo_store, provisional(), true())
    query = understand("Meitene Nezināma 1.1.2020.", accept_invented=True)
    assert (await find_in_nation(demo_store, who("olga"), query, "s", NOW)).outcome == "existence"
    await join_with_code(demo_store, "prov", CODE, ORDER)
    assert (await find_in_nation(demo_store, who("olga"), query, "s", NOW)).outcome == "nothing"


async def test_an_extract_that_still_names_the_provisional_id_goes_to_the_true_dossier(
    demo_store: Store, tmp_path: Path
) -> None:
    def told(**more: Any) -> dict[str, Any]:
        return {k: v for k, v in (record(1) | {"provisional_id": "P-1"} | more).items() if v is not None}

    code = PersonalCode(record(1)["code"], None, invented=True, suspicious=False)
    await load_people(demo_store, tmp_path, told(code=None, as_of="2026-11-18"))
    await load_people(demo_store, tmp_path, told(provisional_id=None, as_of="2026-11-19"))
    both = await demo_store.dossiers.find({}).to_list()
    assert len(both) == 2
    first = next(row["_id"] for row in both if row["child"].get("provisional"))
    refused = await load_people(demo_store, tmp_path, told(as_of="2026-11-20"))
    assert refused.rejected == 1, "never by itself"
    done = await join_with_code(demo_store, first, code, ORDER)
    assert done.join.dossier_id != first
    summary = await load_people(demo_store, tmp_path, told(as_of="2026-11-21", citizenship="LV"))
    assert (summary.changed, summary.rejected) == (1, 0)
    assert "citizenship" in (await read(demo_store, done.join.dossier_id)).base
    assert "citizenship" not in (await read(demo_store, first)).base
