"""Do the classifiers fit together: every code that a row names exists where it should."""

from collections.abc import Iterator, Mapping

from documents.classifiers.events import EventKind
from documents.classifiers.reading import Problem
from documents.classifiers.reports import ReportRoute
from documents.classifiers.row import Row
from documents.classifiers.statistics import RegisteredTable, TableCategory
from documents.classifiers.table import Table
from documents.classifiers.tools import AssessmentTool, ToolQuestion, ToolRisk, ToolStep
from documents.classifiers.transparency import LogException

Tables = Mapping[str, Table[Row]]


def dangling(tables: Tables) -> list[Problem]:
    """Every reference that leads nowhere, every circle, and every choice without its names."""
    rows = [
        problem
        for table in tables.values()
        for row in table.values()
        for problem in (
            *_references(row, table, tables),
            *_circles(row, table),
            *_event_words(row, table, tables),
            *_tool_words(row, table, tables),
        )
    ]
    return [*rows, *_routes(tables), *_registered(tables)]


def _references(row: Row, table: Table[Row], tables: Tables) -> Iterator[Problem]:
    for field, target in row.references.items():
        value = getattr(row, field)
        for code in value if isinstance(value, tuple) else (value,):
            if code is not None and code not in tables[target]:
                yield _unknown(table, row, field, code, target)


def _circles(row: Row, table: Table[Row]) -> Iterator[Problem]:
    for field in ("successor", "part_of"):
        if row.references.get(field) != table.name:
            continue
        seen, code = [row.code], getattr(row, field)
        while code in table and code not in seen:
            seen.append(code)
            code = getattr(table[code], field)
        if code == row.code:
            yield _problem(table, row, field, f"leads back to {row.code!r} ({' > '.join(seen)}); break the circle")


def _event_words(row: Row, table: Table[Row], tables: Tables) -> Iterator[Problem]:
    if isinstance(row, EventKind | LogException):
        for basis in row.legal_basis:
            if basis.legal_basis not in tables["legal_bases"]:
                yield _unknown(table, row, "legal_basis", basis.legal_basis, "legal_bases")
    if not isinstance(row, EventKind):
        return
    for spec in row.fields:
        if spec.name not in tables["event_fields"]:
            yield _unknown(table, row, "fields", spec.name, "event_fields")
        for option in spec.options:
            if option not in tables["event_field_options"]:
                yield _unknown(table, row, "fields", option, "event_field_options")
    if row.confidentiality != "standard" and not (row.reason_asked_lv and row.reason_asked_en):
        yield _problem(table, row, "reason_asked_lv", "say in both languages why something so sensitive is asked")


def _tool_words(row: Row, table: Table[Row], tables: Tables) -> Iterator[Problem]:
    """A tool's code names its version, a risk has a scale, a fact stands in the part of the risk it speaks to."""
    if isinstance(row, AssessmentTool) and row.code != f"{row.tool}_{row.version}":
        yield _problem(table, row, "code", f"is not the tool and its version; write {row.tool}_{row.version}")
    steps = [step for step in tables["tool_steps"].values() if isinstance(step, ToolStep)]
    if isinstance(row, ToolRisk) and row.scale not in {step.scale for step in steps}:
        yield _problem(table, row, "scale", f"{row.scale!r} has no step in tool_steps.csv; add its steps there")
    if isinstance(row, ToolQuestion) and row.risk in tables["tool_risks"]:
        risk = tables["tool_risks"][row.risk or ""]
        if isinstance(risk, ToolRisk) and risk.part != row.part:
            yield _problem(table, row, "part", f"is not the part of {row.risk!r}; write {risk.part}")


def _routes(tables: Tables) -> Iterator[Problem]:
    """Every report finds a route, and whoever a route names has people who decide."""
    table = tables["report_routes"]
    deciding = {getattr(p, "institution_type", "") for p in tables["positions"].values() if _decides(p)}
    for row in table.values():
        for field in ("decides", "tells", "falls_back_to"):
            for kind in getattr(row, field):
                if kind in tables["institution_types"] and kind not in deciding:
                    yield _problem(table, row, field, f"nobody in {kind!r} decides reports; see positions.csv")
    everything = [row for row in table.values() if isinstance(row, ReportRoute) and row.takes_everything]
    last = list(table.values())[-1] if table else None
    if last is None or last not in everything:
        line = table.lines[last.code] if last else 1
        advice = "the last route must take every report: leave kinds, danger and its days empty"
        yield Problem(f"{table.name}.csv", line, "kinds", advice)
    for row in everything[:-1]:
        yield _problem(table, row, "kinds", "takes every report, so the rows below are never used; move it to the end")


def _registered(tables: Tables) -> Iterator[Problem]:
    """Registered tables count by known dimensions and name figures that another one has."""
    table = tables["registered_tables"]
    rows = [row for row in table.values() if isinstance(row, RegisteredTable)]
    known = {
        name for row in tables["table_categories"].values() if isinstance(row, TableCategory) for name in row.dimensions
    }
    known |= {"need", "factor"}
    sizes = {row.measure: len(row.dimensions) + 1 for row in rows}
    for row in rows:
        for name in row.dimensions:
            if name not in known:
                yield _problem(
                    table, row, "dimensions", f"{name!r} is no dimension; known are {', '.join(sorted(known))}"
                )
        for field in ("total_of", "at_most", "population"):
            words = getattr(row, field)
            if words and sizes.get(words[0]) != len(words):
                advice = f"write a measure and one value for each of its dimensions, not {' '.join(words)!r}"
                yield _problem(table, row, field, advice)


def _decides(row: Row) -> bool:
    return bool(getattr(row, "decides_reports", False))


def _unknown(table: Table[Row], row: Row, field: str, code: str, target: str) -> Problem:
    return _problem(table, row, field, f"{code!r} is not a code of {target}.csv; correct it or add it there")


def _problem(table: Table[Row], row: Row, field: str, advice: str) -> Problem:
    return Problem(f"{table.name}.csv", table.lines[row.code], field, advice)
