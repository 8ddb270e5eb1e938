"""Loading an institution's staff into a real database: once, audited, ended with its day, never a steward."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from documents.copies import COPIES
from documents.institution import Institution
from documents.model import to_bson
from documents.person import Person
from documents.personal_code import invent, parse
from documents.store import Store
from fixtures.loaders import Summary, load_into, reasons_of
from fixtures.loaders.source import Source
from tests.pages.test_loading import counts, dump
from tests.rules.test_load_staff import as_csv

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ILZE, JANIS = invent(date(1988, 5, 6), 1), invent(date(1990, 7, 15), 2)
HEAD = {"code": ILZE, "given_name": "Ilze", "family_name": "Parauga", "institution": "Parauga pamatskola"}
HEAD |= {"position": "social_pedagogue", "since": "2024-09-01", "phone": "0000 0001"}
STANDS_IN = HEAD | {"code": JANIS, "given_name": "Jānis", "since": "2026-11-01", "to": "2027-01-31"}
STANDS_IN |= {"substitute_for": ILZE, "phone": ""}


async def load(store: Store, folder: Path, *lines: dict[str, str]) -> Summary:
    if not await store.institutions.count_documents({}):
        for kind, name in (("school", "Parauga pamatskola"), ("system_controller", "Pārzinis")):
            await store.institutions.insert_one(to_bson(Institution(id=kind, type=kind, name=name)))
    path = folder / "staff.csv"
    path.write_text(as_csv(*lines))
    return await load_into(store, "staff", Source(str(path)), NOW)


async def person(store: Store, code: str) -> Person:
    hashed = parse(code, accept_invented=True).hash(store.code_key)
    return Person.model_validate(await store.people.find_one({"code_hash": hashed}))


async def acts(store: Store) -> list[dict[str, Any]]:
    return await store.audit_entries.find({}, {"act": 1, "subject": 1, "series": 1, "_id": 0}).sort("n").to_list()


async def test_staff_is_loaded_with_its_record_and_a_second_time_changes_nothing(
    demo_store: Store, tmp_path: Path
) -> None:
    assert counts(await load(demo_store, tmp_path, HEAD, STANDS_IN)) == (2, 2, 0, 0, 0)
    ilze, janis = await person(demo_store, ILZE), await person(demo_store, JANIS)
    assert (ilze.roles[0].level, ilze.roles[0].phone, ilze.birth_date) == (1, "0000 0001", date(1988, 5, 6))
    assert (janis.roles[0].substitute_for, janis.roles[0].to) == (ilze.roles[0].id, date(2027, 1, 31))
    assert await demo_store.secrets.open(ilze.code or b"") == ILZE
    assert {(a["act"], a.get("subject"), a.get("series")) for a in await acts(demo_store)} == {
        ("account.made", ilze.id, None),
        ("role.given", ilze.id, ilze.roles[0].id),
        ("account.made", janis.id, None),
        ("role.given", janis.id, janis.roles[0].id),
        ("register.applied", "staff", None),
    }
    before = await dump(demo_store)
    assert counts(await load(demo_store, tmp_path, HEAD, STANDS_IN)) == (2, 0, 0, 2, 0)
    assert await dump(demo_store) == before, "not even a revision"


async def test_a_file_ends_the_role_it_names_and_silence_ends_none(demo_store: Store, tmp_path: Path) -> None:
    await load(demo_store, tmp_path, HEAD, STANDS_IN)
    janis = await person(demo_store, JANIS)
    told = HEAD | {"to": "2026-11-20", "phone": "0000 0002"}
    assert counts(await load(demo_store, tmp_path, told)) == (1, 0, 1, 0, 0)
    ilze = await person(demo_store, ILZE)
    assert (ilze.roles[0].to, ilze.roles[0].phone, ilze.revision) == (date(2026, 11, 20), "0000 0002", 2)
    assert not ilze.roles[0].held_on(NOW.date())
    assert await person(demo_store, JANIS) == janis, "who is not in the file stays"
    of_ilze = {a["act"] for a in await acts(demo_store) if a.get("subject") == ilze.id}
    assert of_ilze == {"account.made", "role.given", "role.ended", "account.contacts"}
    assert await demo_store.outbox.count_documents({"kind": COPIES, "subject": ilze.id}) == 1


async def test_nobody_becomes_a_steward_and_what_is_refused_stands_in_the_rejects_without_a_code(
    demo_store: Store, tmp_path: Path
) -> None:
    steward = HEAD | {"institution": "Pārzinis", "position": "steward"}
    nobody = STANDS_IN | {"substitute_for": invent(date(1970, 1, 1), 3)}
    summary = await load(demo_store, tmp_path, HEAD, HEAD, steward, nobody)
    assert counts(summary) == (4, 1, 0, 0, 3)
    assert [role.position for role in (await person(demo_store, ILZE)).roles] == ["social_pedagogue"]
    assert await demo_store.people.count_documents({}) == 1
    assert summary.rejects
    reasons = reasons_of(summary.rejects).read_text()
    assert reasons.splitlines()[1].startswith("3,2,code,000000-00000")
    assert '4,3,position,steward,"makes a steward; ' in reasons
    assert "5,4,substitute_for,000000-00000,has no role in this position in that time" in reasons
    assert ILZE not in reasons
