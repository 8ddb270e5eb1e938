"""A register's nightly delta: children that exist already, each with something new, against a raw bulk write."""

import json
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pymongo import ReplaceOne, WriteConcern

from documents.model import day_of
from documents.personal_code import invent
from documents.store import DURABLE, Row, Store
from fixtures.loaders import load_into
from fixtures.loaders.source import Source
from portal.bench.report import Line, judged

CHILDREN = 5_000
BUDGET = 3.0
_SERIAL = 900  # the nation's own end before
_FIRST_BIRTH = date(2010, 1, 1)


async def measure_delta(store: Store, children: int = CHILDREN) -> Line:
    """Load an extract of new children, then one in which each has moved; time the second, and its bytes raw."""
    today = day_of(datetime.now(UTC))
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.jsonl", Path(folder) / "second.jsonl"
        _write(first, children, "Vecā iela 1, Cēsu novads", today - timedelta(days=2))
        _write(second, children, "Jaunā iela 2, Cēsu novads", today - timedelta(days=1))
        await load_into(store, "people", Source(str(first)), datetime.now(UTC))
        begun = datetime.now(UTC)
        start = time.perf_counter()
        summary = await load_into(store, "people", Source(str(second)), begun)
        mine = time.perf_counter() - start
    floor = await _raw(store, begun)
    notes = f"{summary.changed} of {summary.read} changed: {mine:.1f} / {floor:.1f} s"
    return judged("nightly register delta", mine / floor, BUDGET, "×", notes)


def _write(path: Path, children: int, address: str, as_of: date) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(children):
            born = _FIRST_BIRTH + timedelta(days=number // 90)
            file.write(json.dumps(_record(number, born, address, as_of), ensure_ascii=False) + "\n")


def _record(number: int, born: date, address: str, as_of: date) -> Row:
    mothers_birth = born.replace(year=born.year - 27, day=min(born.day, 28))
    return {
        "as_of": as_of.isoformat(),
        "code": invent(born, _SERIAL + number % 90),
        "given_name": "Anna",
        "family_name": "Parauga",
        "birth_date": born.isoformat(),
        "sex": "f",
        "declared_address": {"atvk": "0026000", "text": address},
        "relations": [
            {
                "kind": "mother",
                "given_name": "Ilze",
                "family_name": "Parauga",
                "birth_date": mothers_birth.isoformat(),
                "code": invent(mothers_birth, _SERIAL + number % 90),
                "legal_roles": [{"role": "custody", "since": born.isoformat()}],
            }
        ],
    }


async def _raw(store: Store, begun: datetime) -> float:
    """Return the seconds to read the same dossiers by their codes and write them and the audit with the raw driver."""
    dossiers = await store.dossiers.find({"child.sort_name": "parauga anna"}).to_list()
    entries = await store.audit_entries.find({"at": {"$gte": begun - timedelta(seconds=1)}}).to_list()
    again = [entry | {"_id": f"raw:{entry['_id']}", "writer": f"raw-{entry['writer']}"} for entry in entries]
    quick = store.dossiers.with_options(write_concern=WriteConcern(1))
    start = time.perf_counter()
    for begin in range(0, len(dossiers), 1000):
        part = dossiers[begin : begin + 1000]
        codes = [row["child"]["code_hash"] for row in part]
        await store.dossiers.find({"child.code_hash": {"$in": codes}}).to_list()
        await quick.bulk_write([ReplaceOne({"_id": row["_id"]}, row) for row in part], ordered=False)
    if again:
        await store.audit_entries.with_options(write_concern=DURABLE).insert_many(again, ordered=False)
    return time.perf_counter() - start
