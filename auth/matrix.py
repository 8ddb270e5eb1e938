"""What a role may do by relation: the table of access.md, readable beside it.

A cell says how far one reads – R everything; D entries domain-open, own or addressed; T only those addressed to the
own institution; O own; G goals and own tasks; L a line without narrative (dates, kinds, recorder); F what the family
may see; – nothing – and, after a plus, W write own entries, C write contacts only, and A authorise or deny others.
The last column says which `sensitive` entries reading covers.
"""

from dataclasses import dataclass
from enum import StrEnum

from auth.permissions import Section


class Scope(StrEnum):
    """How far reading goes in a section."""

    ALL = "R"
    OPEN_OWN_ADDRESSED = "D"
    ADDRESSED = "T"
    OWN = "O"
    GOALS = "G"
    LINE = "L"
    FAMILY = "F"
    NOTHING = "–"


class Sensitive(StrEnum):
    """Which sensitive entries a relation reaches."""

    ALL = "all"
    OWN_OR_NAMED = "own/named"
    OWN = "own"
    ADDRESSED = "addressed"
    FAMILY = "family"
    NONE = "–"


@dataclass(frozen=True)
class Right:
    """One cell: how far one reads, and whether one writes (own entries, or contacts only) or authorises others."""

    scope: Scope = Scope.NOTHING
    write: bool = False
    contacts: bool = False
    authorise: bool = False


_NO_RIGHT = Right()


@dataclass(frozen=True)
class RightsOfRelation:
    """One row: the right in each section and the reach into sensitive entries."""

    sections: dict[Section, Right]
    sensitive: Sensitive
    entries_of: str | None = None  # a grant on the entries of one institution only

    def right(self, section: Section) -> Right:
        """The right in a section; a missing rule is a denial."""
        return self.sections.get(section, _NO_RIGHT)


_TABLE = """
relation             base  family timeline event_detail assessments_overview assessments_summary assessments_content plan  decisions messages access_log sensitive
case_manager         R+W   R+W    R+W      R+W          R                    R                   R+W                 R+WA  R         R+W      R          all
family_case_manager  R+W   R+W    R+W      R+W          R                    R                   R+W                 R+W   R         R+W      R          all
team                 R+W   R+W    R+W      R+WA         R                    R                   R+WA                R+W   R         R+W      R          own/named
group                R     R      R        D            R                    R                   O                   R+W   D         R+W      –          –
responsible_1        R+C   R      R+W      D+W          R                    R                   O                   G+W   D         O+W      –          own
responsible_2        R     R      R        O+W          R                    R                   O                   O     –         O+W      –          own
supervises           –     –      L        –            L                    –                   –                   L     L         O+W      O          –
parent               F     F      F        F            –                    –                   –                   F+W   F         O+W      F          family
self                 F     F      F        F            –                    –                   –                   F+W   F         O+W      F          family
emergency            R     R      R        R            R                    R                   R                   R     R         –        R          all
recorded             –     –      O        O            O                    O                   O                   –     –         –        –          own
addressed            –     –      T        T            –                    –                   –                   –     T         –        –          addressed
"""  # noqa: E501 – a table is read as a table

# Authority for one function on one child (access.md: relation `assigned`, table "Positions"): no more than it needs.
_ASSIGNED = """
function                 base  family timeline event_detail assessments_overview assessments_summary assessments_content plan  decisions messages access_log sensitive
need_assessment          R     R      L        O            R                    R                   O+W                 –     –         O+W      –          own
case_audit               R     R      R        R            R                    R                   R                   R     R         –        R          –
crisis_support           R     R      R        D+W          R                    R                   O                   R     D         O+W      –          own
courts_supervision       –     –      L        –            L                    –                   –                   –     R         –        –          –
court_case               –     –      T        T            –                    –                   –                   –     T         –        –          addressed
prosecution_case         –     –      T        T            –                    –                   –                   –     T         –        –          addressed
adoption_register        R     R      –        –            –                    –                   –                   –     R         –        –          –
care_stay_supervision    R     –      –        –            –                    –                   –                   L     R         –        –          –
money_follows_client     R     –      –        –            –                    –                   –                   –     –         –        –          –
region_coordination      R     –      –        –            R                    –                   –                   L     –         O+W      –          –
"""  # noqa: E501 – a table is read as a table


def _cell(text: str) -> Right:
    scope, _, verbs = text.partition("+")
    if set(verbs) - {"W", "C", "A"}:
        raise ValueError(f"{text!r} is no cell of the access table")
    return Right(Scope(scope), write="W" in verbs, contacts="C" in verbs, authorise="A" in verbs)


def _read(table: str) -> dict[str, RightsOfRelation]:
    header, *lines = (line.split() for line in table.strip().splitlines())
    sections = [Section(name) for name in header[1:-1]]
    rows = {}
    for relation, *cells in lines:
        rights = {section: _cell(cell) for section, cell in zip(sections, cells[:-1], strict=True)}
        rights[Section.EXISTENCE] = Right(Scope.ALL)
        rows[relation] = RightsOfRelation(rights, Sensitive(cells[-1]))
    return rows


MATRIX = _read(_TABLE)
ASSIGNED = _read(_ASSIGNED)


def granted(sections: list[str], sensitive: bool, entries_of: str | None = None) -> RightsOfRelation:
    """The row of one consent grant: exactly what was granted, and sensitive entries only if it says so.

    `entries_of`: the only institution whose entries it opens; it then opens nothing but entries.
    """
    rights = {Section(name): Right(Scope.ALL) for name in sections}
    rights[Section.EXISTENCE] = Right(Scope.ALL)
    return RightsOfRelation(rights, Sensitive.ALL if sensitive else Sensitive.NONE, entries_of)
