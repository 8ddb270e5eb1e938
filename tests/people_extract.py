"""Writes people extracts in both formats of docs/people-extract.md, for tests of what reads them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

from documents.personal_code import invent
from fixtures.loaders.people.csv_form import PLACES, SHAPE

Record = dict[str, Any]
COLUMNS = (*SHAPE.columns, *SHAPE.optional)


def child(serial: int = 1, born: date = date(2015, 3, 1), **more: Any) -> Record:
    """A girl of nobody's: invented code, the fields a register gives."""
    return {
        "as_of": "2026-11-20",
        "code": invent(born, serial),
        "given_name": "Anna",
        "family_name": "Bērziņa",
        "birth_date": born.isoformat(),
        "sex": "f",
        **more,
    }


def adult(kind: str, given: str, family: str, serial: int, born: date = date(1988, 5, 6), **more: Any) -> Record:
    """A relation with an invented code."""
    return {
        "kind": kind,
        "given_name": given,
        "family_name": family,
        "birth_date": born.isoformat(),
        "code": invent(born, serial),
        **more,
    }


def as_jsonl(*records: Record) -> str:
    """One object a line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def as_csv(*records: Record) -> str:
    """The flat table: child, then relations (one line a legal role), then household."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, record in enumerate(records, 1):
        for line in _lines(record):
            writer.writerow({"child": str(number), **line})
    return text.getvalue()


def _lines(record: Record) -> list[dict[str, str]]:
    lines = [{"record_type": "child", **_cells(record, "")}]
    for relation in record.get("relations", []):
        for role in relation.get("legal_roles") or [{}]:
            line = {"record_type": "relation", **_cells(relation, "relations.")}
            lines.append(line | _cells(role, "relations.legal_roles."))
    for member in record.get("household", []):
        lines.append({"record_type": "household", **_cells(member, "household.")})
    return lines


def _cells(part: Record, prefix: str) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in part.items():
        if isinstance(value, dict):
            cells |= _cells(value, f"{prefix}{name}.")
        elif name == "languages":
            cells["languages"] = " ".join(value)
        elif not isinstance(value, list):
            cells[PLACES[prefix + name]] = {True: "yes", False: "no"}.get(value, value)
    return cells
