"""The words the system works with, kept as data: classifiers with names in two languages and dates in force."""

from documents.classifiers.access import ConfidentialityClass, LegalBasis, Purpose, Section, WithholdingAudience
from documents.classifiers.clients import TechnicalClient
from documents.classifiers.decisions import ContactRule, DecisionKind
from documents.classifiers.events import Clause, EventField, EventFieldOption, EventKind, FieldSpec
from documents.classifiers.family import Language, LegalRole, RelationshipKind
from documents.classifiers.institutions import InstitutionType, InvolvementKind, Position, Relation, SourceSystem
from documents.classifiers.needs import DomainName, Factor, FactorSide, LevelChangeReason, NeedKind, PreventionLevel
from documents.classifiers.places import Municipality, PlanningRegion
from documents.classifiers.reading import ClassifierError, Problem
from documents.classifiers.registry import SHIPPED, Classifiers, classifiers, load, use
from documents.classifiers.reports import ConcernKind, ReportRoute
from documents.classifiers.row import Row
from documents.classifiers.statistics import RegisteredTable, TableCategory
from documents.classifiers.table import Table, UnknownCode, UnknownTable
from documents.classifiers.tools import AssessmentTool, ToolPart, ToolQuestion, ToolRisk, ToolStep
from documents.classifiers.transparency import LogException

__all__ = [
    "SHIPPED",
    "AssessmentTool",
    "ClassifierError",
    "Classifiers",
    "Clause",
    "ConcernKind",
    "ConfidentialityClass",
    "ContactRule",
    "DecisionKind",
    "DomainName",
    "EventField",
    "EventFieldOption",
    "EventKind",
    "Factor",
    "FactorSide",
    "FieldSpec",
    "InstitutionType",
    "InvolvementKind",
    "Language",
    "LegalBasis",
    "LegalRole",
    "LevelChangeReason",
    "LogException",
    "Municipality",
    "NeedKind",
    "PlanningRegion",
    "Position",
    "PreventionLevel",
    "Problem",
    "Purpose",
    "RegisteredTable",
    "Relation",
    "RelationshipKind",
    "ReportRoute",
    "Row",
    "Section",
    "SourceSystem",
    "Table",
    "TableCategory",
    "TechnicalClient",
    "ToolPart",
    "ToolQuestion",
    "ToolRisk",
    "ToolStep",
    "UnknownCode",
    "UnknownTable",
    "WithholdingAudience",
    "classifiers",
    "load",
    "use",
]
