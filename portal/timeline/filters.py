"""What part of the life course somebody asked for: plain parameters of an address that can be bookmarked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal
from urllib.parse import urlencode

from documents.classifiers import classifiers
from portal.domains import BY_KEY
from portal.events.rules import Message, read_day

Period = Literal["all", "2y", "12m", "own"]
YEAR_BEFORE: Final = {"2y": 2, "12m": 1}
SEVERAL: Final = {"domain"}  # parameters that may be given several times
SHOWN_AT_FIRST: Final = 150
SHOWN_AT_MOST: Final = 5000


@dataclass(frozen=True)
class Filters:
    """The whole life unless narrowed. `since` and `until` count with both ends; `keyword` stands sealed in `k`."""

    period: Period = "all"
    since: date | None = None
    until: date | None = None
    domains: tuple[str, ...] = ()
    institution: str = ""
    kind: str = ""
    opinions: bool = False
    keyword: str = ""
    k: str = ""
    year: int | None = None  # unfolded beyond what is shown at first
    shown: int = SHOWN_AT_FIRST
    problems: Mapping[str, Message] = field(default_factory=dict)  # by parameter: what is no date, and why
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the whole life was asked for."""
        return self.period != "all" or bool(
            self.domains or self.institution or self.kind or self.opinions or self.keyword
        )

    def query(self, **changes: object) -> str:
        """The parameters of these filters with changes, as they stand in an address; empty for the whole life."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, str]] = []
        if changed.period in YEAR_BEFORE:
            pairs.append(("period", changed.period))
        if changed.period == "own":
            pairs += [(name, day.isoformat()) for name, day in (("from", changed.since), ("to", changed.until)) if day]
        pairs += [("domain", key) for key in changed.domains]
        pairs += [(n, v) for n, v in (("institution", changed.institution), ("kind", changed.kind)) if v]
        if changed.opinions:
            pairs.append(("only", "opinions"))
        if changed.k:
            pairs.append(("k", changed.k))
        if changed.year:
            pairs.append(("year", str(changed.year)))
        if changed.shown != SHOWN_AT_FIRST:
            pairs.append(("shown", str(changed.shown)))
        return f"?{urlencode(pairs)}" if pairs else ""


def read_filters(values: Mapping[str, Sequence[str]], today: date) -> Filters:
    """Read the parameters; what is unknown counts as not asked, for what is no date it is said why."""
    own: dict[str, date | None] = {}
    problems: dict[str, Message] = {}
    for name in ("from", "to"):
        read = read_day(_one(values, name))
        own[name] = None if isinstance(read, Message) else read
        if isinstance(read, Message):
            problems[name] = read
    period = _one(values, "period")
    kind = _one(values, "kind")
    narrowed = Filters(
        domains=tuple(key for key in BY_KEY if key in values.get("domain", ())),
        institution=_one(values, "institution")[:60],
        kind=kind if kind in classifiers().event_kinds else "",
        opinions=_one(values, "only") == "opinions",
        k=_one(values, "k")[:600],
        year=_number(_one(values, "year"), 1900, 2200),
        shown=_number(_one(values, "shown"), 1, SHOWN_AT_MOST) or SHOWN_AT_FIRST,
        problems=problems,
        typed={name: _one(values, name)[:20] for name in ("from", "to")},
    )
    if own["from"] or own["to"]:
        return replace(narrowed, period="own", since=own["from"], until=own["to"])
    if period in YEAR_BEFORE:
        return replace(narrowed, period=period, since=_years_before(today, YEAR_BEFORE[period]))  # type: ignore[arg-type]
    return narrowed


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 2, 28)


def _one(values: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(values.get(name, ())), "").strip()


def _number(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most else None
