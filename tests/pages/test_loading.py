"""Loading into a real database: what is right goes in once, what is wrong can be corrected and loaded again."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bson
import psutil
import pytest

from documents.dossier import Dossier
from documents.involvement import Involvement
from documents.model import to_bson
from documents.personal_code import invent, parse
from documents.store import Store
from fixtures.loaders import Interrupt, LoadError, Problem, Summary, Watcher, load_into, reasons_of
from fixtures.loaders.problems import shape_of
from fixtures.loaders.source import Source
from tests.people_extract import Record, adult, as_csv, as_jsonl, child

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SHARED = Path(os.environ.get("ATBALSTS_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
BORN = date(2015, 3, 1)
CUSTODY = [{"role": "custody", "since": "2015-03-01"}]

REAL_FILES = [
    ("territories", "atvk/ATVK2021_11012026_015924.csv", None, 627, 0),
    ("schools", "schools/skolas_2018_viis.csv", None, 781, 0),
    ("names", "names/vardi_pmlp_2025-07-01.csv", None, 5653, 6),
    ("names", "names/uzvardi_pari.csv", date(2025, 7, 1), 469, 0),
    ("statistics", "stats/gimenes-valsts-pabalsts-2026-06.csv", None, 44, 0),
    ("statistics", "stats/vsaa-pakalpojumu-sanemeji-2025-12.csv", None, 44, 0),
    ("statistics", "stats/CSP_IRS031_20251113_population_municipalities_2012-2025.csv", None, 36, 0),
]


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejects of read-only folders land here."""
    monkeypatch.chdir(tmp_path)


async def dump(store: Store) -> str:
    """Everything in the database, as a hash: documents, revisions, dates, outbox, audit."""
    digest = hashlib.sha256()
    for name in sorted(await store.database.list_collection_names()):
        digest.update(name.encode())
        async for row in store.database[name].find().sort("_id"):
            digest.update(bson.encode(row))
    return digest.hexdigest()


async def load(store: Store, kind: str, path: Path | str, **more: Any) -> Summary:
    return await load_into(store, kind, Source(str(path)), NOW, **more)


async def load_people(store: Store, folder: Path, *records: Record, name: str = "children.jsonl") -> Summary:
    path = folder / name
    path.write_text(as_csv(*records) if name.endswith("csv") else as_jsonl(*records))
    return await load(store, "people", path)


async def dossier_of(store: Store, code: str) -> Dossier:
    code_hash = parse(code, accept_invented=True).hash(store.code_key)
    row = await store.dossiers.find_one({"child.code_hash": code_hash})
    assert row, code
    return Dossier.model_validate(row)


def counts(summary: Summary) -> tuple[int, int, int, int, int]:
    return summary.read, summary.created, summary.changed, summary.unchanged, summary.rejected


def family(phone: str = "0000 0001", **more: Any) -> Record:
    return child(1, relations=[adult("mother", "Ilze", "Parauga", 1, legal_roles=CUSTODY, phone=phone)], **more)


@pytest.mark.parametrize(("kind", "name", "as_of", "right", "wrong"), REAL_FILES, ids=[f[1] for f in REAL_FILES])
async def test_the_real_files_are_loaded_and_a_second_time_change_nothing(
    demo_store: Store, kind: str, name: str, as_of: date | None, right: int, wrong: int
) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the real files are not at {SHARED}: set ATBALSTS_SHARED_DATA to their folder")
    first = await load(demo_store, kind, SHARED / name, as_of=as_of)
    assert counts(first) == (right + wrong, right, 0, 0, wrong)
    before = await dump(demo_store)
    second = await load(demo_store, kind, SHARED / name, as_of=as_of)
    assert counts(second) == (right + wrong, 0, 0, right, wrong)
    assert await dump(demo_store) == before


async def test_the_parts_of_all_42_municipalities_find_their_parents(demo_store: Store) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the real files are not at {SHARED}: set ATBALSTS_SHARED_DATA to their folder")
    await load(demo_store, "territories", SHARED / REAL_FILES[0][1])
    territories = demo_store.database["territories"]
    ids = {row["_id"] async for row in territories.find({"kind": "municipality"})}
    assert len(ids) == 42
    assert await territories.count_documents({"kind": "part", "parent": {"$in": sorted(ids)}}) == 585
    varaklani = await territories.find_one({"_id": "0038231"})
    assert varaklani
    assert varaklani["parent"] == "0038001"


async def test_a_school_keeps_its_id_and_its_former_name(demo_store: Store, tmp_path: Path) -> None:
    header = "id,nosaukums,macibu_valoda,skolenu_skaits,adrese,lat,lon,atvk,pasvaldiba\n"
    line = "7,{},Latviešu,9,iela 1,0,0,0001000,Rīga\n"
    for day, name in (("2024-09-01", "Ziedu skola"), ("2025-09-01", "Pļavu skola"), ("2024-09-01", "Ziedu skola")):
        path = tmp_path / f"skolas_{day}.csv"
        path.write_text(header + line.format(name))
        await load(demo_store, "schools", path)
    [school] = await demo_store.institutions.find().to_list()
    assert (school["name"], school["as_of"], school["revision"]) == ("Pļavu skola", "2025-09-01", 2)
    assert school["names"] == [{"name": "Ziedu skola", "to": "2025-08-31"}]


async def test_a_duplicate_code_is_refused_and_the_first_line_stands(demo_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vardi_2025-07-01.csv"
    path.write_text("vards,dzimums,skaits_fpr\nAnna,S,5\nZane,S,3\nAnna,S,7\n")
    found = Problems()
    assert counts(await load(demo_store, "names", path, watcher=found)) == (3, 2, 0, 0, 1)
    assert [(p.line, p.field, p.reason) for p in found.problems] == [(4, "vards", "stands already in line 2")]
    row = await demo_store.database["names"].find_one({"_id": "given:Anna"})
    assert row
    assert row["bearers"] == 5


class Problems(Watcher):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, problem: Problem) -> None:
        self.problems.append(problem)


@pytest.mark.parametrize("name", ["children.jsonl", "children.csv"])
async def test_a_second_load_of_an_extract_changes_not_even_a_date(
    demo_store: Store, tmp_path: Path, name: str
) -> None:
    mother = adult("mother", "Ilze", "Parauga", 1, legal_roles=CUSTODY, phone="0000 0001")
    sister = adult("sister", "Zane", "Parauga", 1, date(2012, 2, 2))
    records = [
        child(1, relations=[mother, sister], declared_address={"atvk": "0026000", "text": "Iela 1"}),
        # The sister comes after whoever names her, and her mother's telephone has another number there.
        child(1, date(2012, 2, 2), given_name="Zane", relations=[mother | {"phone": "0000 0002"}]),
        child(2, code="", provisional_id="X-1", relations=[mother | {"phone": ""}], address_protected=True),
    ]
    assert counts(await load_people(demo_store, tmp_path, *records, name=name)) == (3, 3, 0, 0, 0)
    before = await dump(demo_store)
    assert counts(await load_people(demo_store, tmp_path, *records, name=name)) == (3, 0, 0, 3, 0)
    assert await dump(demo_store) == before


async def test_a_new_child_gets_a_base_profile_that_nobody_can_open(demo_store: Store, tmp_path: Path) -> None:
    record = family(declared_address={"atvk": "0038231", "text": "Iela 1"}, school={"name": "Skola", "class": "5.b"})
    await load_people(demo_store, tmp_path, record)
    dossier = await dossier_of(demo_store, record["code"])
    assert (dossier.level, dossier.opened, dossier.readers) == (1, None, [])
    assert (dossier.child.sort_name, dossier.child.tokens) == ("berzina anna", ["anna", "berzina"])
    assert dossier.municipality == "0038001"
    address = dossier.base["declared_address"]
    assert (address.value, address.source, address.as_of) == ("Iela 1", "population_register", date(2026, 11, 20))
    assert dossier.base["class"].source == "viis"
    [mother] = await demo_store.people.find().to_list()
    assert dossier.family_ids == [mother["_id"]]
    assert mother["children"] == [dossier.id]
    assert dossier.child.code
    assert await demo_store.secrets.open(dossier.child.code) == record["code"]
    assert await demo_store.secrets.open(mother["code"]) == record["relations"][0]["code"]
    entry = await demo_store.audit_entries.find_one({"act": "register.applied"})
    assert entry
    assert entry["children"] == [dossier.id]


async def test_parents_are_kept_once_and_their_contacts_follow_into_every_dossier(
    demo_store: Store, tmp_path: Path
) -> None:
    brother = child(1, date(2018, 4, 4), relations=family()["relations"])
    await load_people(demo_store, tmp_path, family(), brother)
    assert await demo_store.people.count_documents({}) == 1
    later = await load_people(demo_store, tmp_path, family("0000 0009", as_of="2026-11-21"))
    assert counts(later) == (1, 0, 1, 0, 0)
    for code in (family()["code"], brother["code"]):
        assert [r.phone for r in (await dossier_of(demo_store, code)).relationships] == ["0000 0009"]
    assert (await dossier_of(demo_store, brother["code"])).revision == 2
    assert await demo_store.outbox.count_documents({}) == 0


async def test_siblings_lead_to_each_others_dossiers_whichever_comes_first(demo_store: Store, tmp_path: Path) -> None:
    born = date(2012, 2, 2)
    await load_people(demo_store, tmp_path, child(1, relations=[adult("sister", "Zane", "Parauga", 1, born)]))
    await load_people(demo_store, tmp_path, child(1, born, given_name="Zane"))
    sister = await dossier_of(demo_store, invent(born, 1))
    [relationship] = (await dossier_of(demo_store, child(1)["code"])).relationships
    assert (relationship.dossier_id, relationship.person_id) == (sister.id, None)


async def test_an_older_extract_overwrites_nothing(demo_store: Store, tmp_path: Path) -> None:
    record = family(school={"name": "Skola", "class": "5.b"})
    await load_people(demo_store, tmp_path, record)
    before = await dump(demo_store)
    older = family("0000 0005", as_of="2026-11-01", given_name="Ana", school={"name": "Skola", "class": "4.b"})
    assert counts(await load_people(demo_store, tmp_path, older)) == (1, 0, 0, 1, 0)
    assert await dump(demo_store) == before


async def test_custody_that_ends_takes_the_parents_access_in_the_same_write(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, family())
    dossier = await dossier_of(demo_store, family()["code"])
    opened = dossier.model_copy(update={"opened": NOW, "level": 2})
    await demo_store.dossiers.replace_one({"_id": dossier.id}, to_bson(opened) | {"revision": 1})
    await load_people(demo_store, tmp_path, family("0000 0002", as_of="2026-11-21"))
    [reader] = (await dossier_of(demo_store, family()["code"])).readers
    assert reader.relation == "parent"
    ended = family(as_of="2026-11-22")
    ended["relations"][0]["legal_roles"] = [{"role": "custody_removed", "since": "2026-11-22"}]
    await load_people(demo_store, tmp_path, ended)
    assert (await dossier_of(demo_store, family()["code"])).readers == []


async def test_what_is_not_the_extracts_business_stays(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, family())
    dossier = await dossier_of(demo_store, family()["code"])
    work = Involvement(
        id="i", kind="treated", institution_id="x", institution_name="X", institution_type="provider", since=BORN
    )
    need = {"id": "n", "words": "as they were"}
    await demo_store.dossiers.update_one(
        {"_id": dossier.id}, {"$set": {"involvements": [to_bson(work)], "needs": [need], "archived": 3}}
    )
    await load_people(demo_store, tmp_path, family("0000 0003", as_of="2026-11-21"))
    row = await demo_store.dossiers.find_one({"_id": dossier.id})
    assert row
    assert (row["involvements"], row["needs"], row["archived"]) == ([to_bson(work)], [need], 3)


async def test_another_source_becomes_a_visible_mismatch(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, child(1, declared_address={"atvk": "0001000", "text": "Iela 1"}))
    await load_people(
        demo_store,
        tmp_path,
        child(1, source="sopa", given_name="Ana", declared_address={"atvk": "0002000", "text": "Iela 2"}),
    )
    dossier = await dossier_of(demo_store, child(1)["code"])
    address, name = dossier.base["declared_address"], dossier.base["name"]
    assert (address.value, dossier.municipality, dossier.child.given_name) == ("Iela 1", "0001000", "Anna")
    assert address.mismatch
    assert (address.mismatch.source, address.mismatch.value) == ("sopa", "Iela 2")
    assert name.mismatch
    assert (name.source, name.mismatch.value) == ("population_register", "Ana Bērziņa")


async def test_a_protected_address_is_sealed_and_leaves_no_open_copy(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, child(1, declared_address={"atvk": "0001000", "text": "Klusā iela 7"}))
    await load_people(demo_store, tmp_path, child(1, as_of="2026-11-21", address_protected=True))
    dossier = await dossier_of(demo_store, child(1)["code"])
    assert dossier.child.protected
    assert dossier.protected_address
    assert await demo_store.secrets.open(dossier.protected_address) == "Klusā iela 7"
    moved = child(1, as_of="2026-11-22", declared_address={"atvk": "0002000", "text": "Tālā iela 8"})
    await load_people(demo_store, tmp_path, moved)
    dossier = await dossier_of(demo_store, child(1)["code"])
    assert dossier.child.protected
    assert dossier.protected_address
    assert await demo_store.secrets.open(dossier.protected_address) == "Tālā iela 8"
    stored = bson.encode(await demo_store.dossiers.find_one({"_id": dossier.id}) or {})
    assert b"iela" not in stored
    assert dossier.municipality == "0001000"


async def test_a_child_gets_its_code_and_a_new_one_later_and_stays_the_same(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, child(1, code="", provisional_id="X-1"))
    [row] = await demo_store.dossiers.find().to_list()
    assert row["child"]["provisional"]
    await load_people(demo_store, tmp_path, child(1, provisional_id="X-1"))
    new_code = child(2, former_code=child(1)["code"])
    assert counts(await load_people(demo_store, tmp_path, new_code)) == (1, 0, 1, 0, 0)
    dossier = await dossier_of(demo_store, child(2)["code"])
    assert (dossier.id, dossier.child.provisional, len(dossier.child.former_code_hashes)) == (row["_id"], False, 1)
    # An extract that still has the old code finds the same child, and takes nothing back.
    assert counts(await load_people(demo_store, tmp_path, child(1))) == (1, 0, 0, 1, 0)


async def test_codes_of_two_dossiers_and_erased_ones_are_refused(demo_store: Store, tmp_path: Path) -> None:
    await load_people(demo_store, tmp_path, child(1), child(2, code="", provisional_id="X-1"), child(3))
    erased = await dossier_of(demo_store, child(3)["code"])
    await demo_store.dossiers.update_one({"_id": erased.id}, {"$set": {"erased": NOW}})
    before = await dump(demo_store)
    both = await load_people(demo_store, tmp_path, child(1, provisional_id="X-1"), child(3, as_of="2026-11-21"))
    assert counts(both) == (2, 0, 0, 0, 2)
    assert await dump(demo_store) == before


@pytest.mark.parametrize("name", ["children.jsonl", "children.csv"])
async def test_rejected_records_are_corrected_and_loaded_again(demo_store: Store, tmp_path: Path, name: str) -> None:
    wrong = family(birth_date="2015-02-31")
    good = child(2, given_name="Zane")
    found = Problems()
    path = tmp_path / name
    path.write_text(as_csv(wrong, good, good) if name.endswith("csv") else as_jsonl(wrong, good, good))
    summary = await load(demo_store, "people", path, watcher=found)
    assert counts(summary) == (3, 1, 0, 0, 2)
    rejects = tmp_path / f"children.rejects{path.suffix}"
    assert summary.rejects == rejects
    for file in (rejects, reasons_of(rejects)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = reasons_of(rejects).read_text() + "".join(p.value + p.reason for p in found.problems)
    for secret in (good["code"], wrong["code"], "Zane", "Parauga"):
        assert secret not in told
        assert shape_of(secret) != secret
    rejects.write_text(rejects.read_text().replace("2015-02-31", "2015-03-01"))
    again = await load(demo_store, "people", rejects)
    assert counts(again) == (2, 1, 0, 1, 0)
    assert (await dossier_of(demo_store, wrong["code"])).relationships[0].name == "Ilze Parauga"


async def test_a_rejects_file_somebody_corrects_is_never_overwritten(demo_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "children.jsonl"
    path.write_text(as_jsonl(child(1, sex="x"), child(2)))
    assert (await load(demo_store, "people", path)).rejects == tmp_path / "children.rejects.jsonl"
    assert (await load(demo_store, "people", path)).rejects == tmp_path / "children.rejects.jsonl"
    (tmp_path / "children.rejects.jsonl").write_text("half corrected")
    assert (await load(demo_store, "people", path)).rejects == tmp_path / "children.rejects-2.jsonl"
    assert (tmp_path / "children.rejects.jsonl").read_text() == "half corrected"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


async def test_garbage_leaves_nothing_behind(demo_store: Store, tmp_path: Path) -> None:
    before = await dump(demo_store)
    path = tmp_path / "garbage.jsonl"
    path.write_text("{garbage\n" * 5_000)
    with pytest.raises(LoadError, match="the first 1000 lines hold no right record, so nothing was loaded"):
        await load(demo_store, "people", path)
    assert await dump(demo_store) == before
    assert [p.name for p in tmp_path.iterdir()] == ["garbage.jsonl"]


async def test_one_record_the_database_refuses_spoils_no_other(demo_store: Store, tmp_path: Path) -> None:
    await demo_store.database.command("collMod", "names", validator={"name": {"$ne": "Nekā"}}, validationLevel="strict")
    path = tmp_path / "vardi_2025-07-01.csv"
    names = "".join(f"{name},S,5\n" for name in ("Anna", "Nekā", "Zane", "Ilze"))
    path.write_text("vards,dzimums,skaits_fpr\n" + names)
    assert counts(await load(demo_store, "names", path)) == (4, 3, 0, 0, 1)
    await demo_store.database.command("collMod", "names", validator={}, validationLevel="off")


class StopsAfter(Watcher):
    """Presses Ctrl-C once so many records are in."""

    def __init__(self, records: int) -> None:
        self.records = records

    def progress(self, position: int, summary: Summary) -> None:
        if summary.created >= self.records:
            os.kill(os.getpid(), signal.SIGINT)


async def test_ctrl_c_leaves_complete_batches_and_the_next_load_goes_on(demo_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vardi_2025-07-01.csv"
    letters = "abcdefghij"
    names = ["N" + "".join(letters[int(digit)] for digit in str(number)) for number in range(5_000)]
    path.write_text("vards,dzimums,skaits_fpr\n" + "".join(f"{name},S,5\n" for name in names))
    interrupt = Interrupt()
    with interrupt.listening():
        summary = await load(demo_store, "names", path, watcher=StopsAfter(2_000), interrupt=interrupt)
    assert summary.interrupted
    assert summary.created == await demo_store.database["names"].count_documents({}) == 2_000
    assert counts(await load(demo_store, "names", path)) == (5_000, 3_000, 0, 2_000, 0)


async def test_ctrl_c_ends_waiting_for_a_silent_pipe(demo_store: Store, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe_2026-01-11"
    os.mkfifo(pipe)
    interrupt = Interrupt()
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    with interrupt.listening(), pipe.open("r+b", buffering=0) as writer:
        writer.write(b"vards,dzimums,skaits_fpr\nAnna,S,5\n")
        timer.start()
        summary = await load(demo_store, "names", pipe, interrupt=interrupt)
    assert summary.interrupted


def endless_names(count: int) -> Iterator[str]:
    letters = "abcdefghij"
    yield "vards,dzimums,skaits_fpr\n"
    for number in range(count):
        yield f"N{''.join(letters[int(digit)] for digit in str(number))},S,{number}\n"


async def test_memory_does_not_grow_with_the_file(demo_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "vardi_2025-07-01.csv"
    with path.open("w") as file:
        file.writelines(endless_names(100_000))
    resident = Resident(10_000)
    summary = await load(demo_store, "names", path, watcher=resident)
    assert summary.created == 100_000
    assert resident.late < resident.early + 40


class Resident(Watcher):
    """The memory of this process (MB) after the first so many records, and at most after that."""

    def __init__(self, records: int) -> None:
        self.records, self.early, self.late = records, 0, 0

    def progress(self, position: int, summary: Summary) -> None:
        now = psutil.Process().memory_info().rss >> 20
        if summary.read <= self.records:
            self.early = max(self.early, now)
        else:
            self.late = max(self.late, now)
