"""All classifiers together: loaded and checked once, then asked by name."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import get_args, get_type_hints

from documents.classifiers import (
    access,
    clients,
    decisions,
    events,
    family,
    institutions,
    needs,
    places,
    reports,
    statistics,
    tools,
    transparency,
)
from documents.classifiers.checks import dangling
from documents.classifiers.reading import ClassifierError, Problem, read
from documents.classifiers.row import Row
from documents.classifiers.table import Table, UnknownCode, UnknownTable

SHIPPED = Path(__file__).resolve().parents[2] / "fixtures" / "classifiers"
"""The folder of the classifiers that come with the product."""

_folder = SHIPPED


@dataclass(frozen=True, eq=False)
class Classifiers:
    """One table per file of the folder, under the file's name."""

    domains: Table[needs.DomainName]
    planning_regions: Table[places.PlanningRegion]
    municipalities: Table[places.Municipality]
    source_systems: Table[institutions.SourceSystem]
    institution_types: Table[institutions.InstitutionType]
    positions: Table[institutions.Position]
    relations: Table[institutions.Relation]
    assigned_functions: Table[institutions.AssignedFunction]
    involvement_kinds: Table[institutions.InvolvementKind]
    prevention_levels: Table[needs.PreventionLevel]
    level_change_reasons: Table[needs.LevelChangeReason]
    factor_sides: Table[needs.FactorSide]
    factors: Table[needs.Factor]
    need_kinds: Table[needs.NeedKind]
    assessment_tools: Table[tools.AssessmentTool]
    tool_parts: Table[tools.ToolPart]
    tool_steps: Table[tools.ToolStep]
    tool_risks: Table[tools.ToolRisk]
    tool_questions: Table[tools.ToolQuestion]
    concern_kinds: Table[reports.ConcernKind]
    report_routes: Table[reports.ReportRoute]
    event_kinds: Table[events.EventKind]
    event_fields: Table[events.EventField]
    event_field_options: Table[events.EventFieldOption]
    decision_kinds: Table[decisions.DecisionKind]
    contact_rules: Table[decisions.ContactRule]
    relationship_kinds: Table[family.RelationshipKind]
    legal_roles: Table[family.LegalRole]
    languages: Table[family.Language]
    sections: Table[access.Section]
    purposes: Table[access.Purpose]
    legal_bases: Table[access.LegalBasis]
    confidentiality_classes: Table[access.ConfidentialityClass]
    withholding_audiences: Table[access.WithholdingAudience]
    assurance_levels: Table[access.AssuranceLevel]
    log_exceptions: Table[transparency.LogException]
    technical_clients: Table[clients.TechnicalClient]
    registered_tables: Table[statistics.RegisteredTable]
    table_categories: Table[statistics.TableCategory]

    @property
    def tables(self) -> Mapping[str, Table[Row]]:
        """Every table by its name."""
        return MappingProxyType({field.name: getattr(self, field.name) for field in fields(self)})

    def name(self, table: str, code: str, language: str) -> str:
        """The name of `code`; raises UnknownTable or UnknownCode."""
        if table not in self.tables:
            raise UnknownTable(table)
        return self.tables[table][code].label(language)

    def event_kind(self, code: str) -> events.EventKind:
        """The kind of event `code`."""
        return self.event_kinds[code]

    def prevention_level(self, level: int) -> needs.PreventionLevel:
        """The prevention level 1-4."""
        for row in self.prevention_levels.values():
            if row.level == level:
                return row
        raise UnknownCode("prevention_levels", level)

    def municipality(self, code: str, on: date | None = None) -> places.Municipality:
        """The municipality `code`, or with `on` the one that holds its territory on that day."""
        row = self.municipalities[code]
        while on and row.valid_to and row.valid_to < on and row.successor:
            row = self.municipalities[row.successor]
        if on and not row.in_force(on):
            raise UnknownCode(f"municipalities on {on}", code)
        return row

    def current_municipalities(self, on: date) -> list[places.Municipality]:
        """The municipalities of the day `on`."""
        return self.municipalities.in_force(on)

    def is_type(self, institution_type: str, wider: str) -> bool:
        """Whether an institution type is `wider` or a part of it (a preschool is an education institution)."""
        row: institutions.InstitutionType | None = self.institution_types[institution_type]
        while row is not None:
            if row.code == wider:
                return True
            row = self.institution_types[row.part_of] if row.part_of else None
        return False

    def positions_of(self, institution_type: str, on: date) -> list[institutions.Position]:
        """The positions people may hold in an institution of that type on the day `on`."""
        return [row for row in self.positions.in_force(on) if self.is_type(institution_type, row.institution_type)]

    def cite(self, clause: events.Clause, language: str) -> str:
        """A clause of a law as people write it."""
        return self.legal_bases[clause.legal_basis].cite(clause.clause, language)


def load(folder: Path) -> Classifiers:
    """Read and check every classifier in `folder`; raises ClassifierError naming each wrong cell."""
    problems: list[Problem] = []
    models: dict[str, type[Row]] = {
        name: get_args(hint)[0] for name, hint in get_type_hints(Classifiers).items() if name in _names()
    }
    tables = {name: read(folder / f"{name}.csv", model, problems) for name, model in models.items()}
    if not problems:
        problems += dangling(tables)
    if problems:
        raise ClassifierError(problems)
    return Classifiers(**tables)  # type: ignore[arg-type]


def _names() -> list[str]:
    return [field.name for field in fields(Classifiers)]


def use(folder: Path) -> None:
    """Take the classifiers from `folder` from now on."""
    global _folder
    _folder = folder
    classifiers.cache_clear()


@cache
def classifiers() -> Classifiers:
    """The classifiers in use, read at the first call."""
    return load(_folder)
