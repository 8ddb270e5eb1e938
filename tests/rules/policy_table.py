"""Reads `policy_table.txt`: what is expected of the policy, written by hand from the access rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auth.permissions import Permission as P

TEXT = Path(__file__).with_name("policy_table.txt").read_text()
# The columns of the first table, in its order.
ACTIONS = (
    *(P.BASE_READ, P.FAMILY_READ, P.TIMELINE_READ, P.EVENT_READ, P.DOCUMENTS_READ, P.ACCESS_LOG_READ),
    *(P.BASE_WRITE, P.CONTACTS_WRITE, P.EVENT_ADD, P.EVENT_CHANGE, P.LEVEL_CHANGE),
    *(P.ACCESS_GRANT, P.ACCESS_GRANT_OWN, P.ACCESS_DENY, P.ACCESS_DENY_FAMILY, P.ACCESS_LIST_READ, P.ACCESS_REVIEW),
    *(P.EMERGENCY_EXPLAIN, P.EMERGENCY_REVIEW, P.PEOPLE_NAME),
    *(P.ASSESSMENTS_READ, P.ASSESSMENT_ADD, P.ASSESSMENT_CHANGE),
    *(P.DECISIONS_READ, P.DECISION_DRAFT),
    P.REPORTS_OF_CHILD,
    *(P.PLAN_READ, P.PLAN_WRITE, P.PLAN_TASK, P.PLAN_ANSWER),
    *(P.MESSAGES_READ, P.MESSAGE_WRITE, P.QUESTION_ASK),
    P.TEAM_EDIT,
)
WAYS = {
    "R": "responsible",
    "T": "team",
    "G": "group",
    "K": "consented",
    "M": "case_manager",
    "F": "family_case_manager",
    "E": "emergency",
    "A": "assigned",
    "S": "supervises",
    "W": "recorded",
    "I": "addressed",
}


@dataclass(frozen=True)
class Expected:
    """A row of the second table: the levels of a position, its ways to a child, what it may in general."""

    level: int
    second: str  # "+4", or nothing
    ways: frozenset[str]
    may: frozenset[str]


# The columns of the last table, and its words for how far one reads.
SECTIONS = (
    *("base", "family", "timeline", "event_detail"),
    *("assessments_overview", "assessments_summary", "assessments_content"),
    *("plan", "decisions", "messages", "access_log"),
)
HOW_FAR = {"R": "R", "own": "O", "addressed": "T", "open": "D", "dates": "L", "family": "F", "goals": "G", "-": "–"}


def _below(header: str) -> Iterator[str]:
    """The lines of the table whose header begins so, up to the next empty line."""
    after = TEXT.split(f"\n{header}", 1)[1]
    yield from after.split("\n\n", 1)[0].splitlines()[1:]


def by_relation() -> dict[str, dict[P, str]]:
    """Relation → action → y, `.`, or the right of the position it also needs."""
    rows = {}
    for line in _below("relation                      base"):
        words = line.split()
        cells = words[-len(ACTIONS) :]
        rows[" ".join(words[: -len(ACTIONS)])] = dict(zip(ACTIONS, cells, strict=True))
    return rows


def by_position() -> dict[str, Expected]:
    """Position → what its row says."""
    rows = {}
    for line in _below("level  ways"):
        levels, ways, may, *positions = line.split()
        level, plus, second = levels.partition("+")
        row = Expected(
            int(level), plus + second, frozenset(WAYS[way] for way in ways if way != "-"), frozenset(may) - {"."}
        )
        rows.update(dict.fromkeys(positions, row))
    return rows


def without_a_dossier() -> dict[P, tuple[frozenset[str], str]]:
    """Action → the levels that may (`+4`: as the second, `fam`: in the family role) and what the position needs."""
    rows = {}
    for line in _below("action  "):
        action, *levels, further = line.split()
        rows[P(action)] = (frozenset(levels), further)
    return rows


def how_far() -> dict[str, tuple[dict[str, tuple[str, str]], str]]:
    """Relation → section → how far one reads and what else one does; and which sensitive entries it reaches."""
    rows = {}
    for line in _below("relation                        base"):
        *words, sensitive = line.split()
        cells = [word.partition("+") for word in words[-len(SECTIONS) :]]
        sections = {name: (HOW_FAR[far], verbs) for name, (far, _, verbs) in zip(SECTIONS, cells, strict=True)}
        rows[" ".join(words[: -len(SECTIONS)])] = (sections, sensitive.replace("-", "–"))
    return rows
