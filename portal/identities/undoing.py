"""Taking a join apart again: what came with it goes back, what stood before comes back, what was done since stays.

Parts are as stored in the database: plain lists and mappings, compared as they are.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

Part = Any
Key = Callable[[dict[str, Any]], object]

# How the lines of a list are told apart.
KEYS: dict[str, Key] = {
    **dict.fromkeys(
        ("relationships", "involvements", "needs", "assessments", "grants", "denials", "emergencies", "assignments"),
        lambda line: line["id"],
    ),
    "team": lambda line: (line["role_id"], line["since"]),
    "group": lambda line: (line["role_id"], line["meeting_id"]),
    "levels": lambda line: (line["at"], line["level"]),
    "recent": lambda line: (line["event_id"], line["at"], line.get("change")),
}
_LINKS = ("parent_ids", "partner_of")  # of a relationship to others of the same dossier
# Who works for the child: kept where somebody has written since in a dossier that was not open before.
AT_WORK = frozenset({"opened", "level", "levels", "involvements", "case_manager", "family_case_manager", "team"})


@dataclass
class Apart:
    """What to write: parts of the true dossier (none: gone), and lines that go back otherwise than they came."""

    true: dict[str, Part] = field(default_factory=dict)
    back: dict[str, dict[object, dict[str, Any]]] = field(default_factory=dict)


def taken_apart(
    now: dict[str, Part], before: dict[str, Part], after: dict[str, Part], parts: Collection[str], keep: Collection[str]
) -> Apart:
    """Return how `now` is taken apart; `keep` are parts that stay as they are."""
    apart = Apart()
    for part in parts:
        stands, stood, made = now.get(part), before.get(part), after.get(part)
        if part in KEYS:
            apart.back[part] = _came(part, stands or [], stood or [], made or [])
        if part in keep:
            continue
        if stands == made:
            apart.true[part] = stood
        elif part in KEYS:
            apart.true[part] = _lines(part, stands or [], stood or [], made or [])
        elif part == "base":
            apart.true[part] = _fields(stands or {}, stood or {}, made or {})
    return apart


def given_back(part: str, lines: list[dict[str, Any]], back: dict[object, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of the provisional dossier with what was changed in them since; their links stay its own."""
    given = []
    for line in lines:
        fresh = back.get(KEYS[part](line), line)
        own = {name: line[name] for name in _LINKS if name in line}
        given.append({**{name: value for name, value in fresh.items() if name not in _LINKS}, **own})
    return given


def _came(part: str, stands: list[Any], stood: list[Any], made: list[Any]) -> dict[object, dict[str, Any]]:
    key = KEYS[part]
    had = {key(line) for line in stood}
    came = {key(line): line for line in made if key(line) not in had}
    return {key(line): line for line in stands if key(line) in came and line != came[key(line)]}


def _lines(part: str, stands: list[Any], stood: list[Any], made: list[Any]) -> list[Any]:
    key = KEYS[part]
    before, after = {key(line): line for line in stood}, {key(line): line for line in made}
    kept = []
    for line in stands:
        which = key(line)
        if which in after and which not in before:
            continue
        kept.append(before[which] if which in before and after.get(which) == line else line)
    return kept


def _fields(stands: dict[str, Any], stood: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in stands.items():
        unchanged = made.get(name) == value
        if unchanged and name not in stood:
            continue
        kept[name] = stood[name] if unchanged else value
    return kept
