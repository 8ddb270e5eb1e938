"""The page of the life course: chips, picture, years – from what somebody sees and asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup

from auth.access import Opened
from auth.entries import Sight
from auth.permissions import Permission, Section
from auth.place import is_family, place_hidden
from documents.classifiers import classifiers
from documents.model import day_of
from portal.domains import DOMAINS
from portal.dossier.lines import SENSITIVE_ENTRY, EventLine, event_lines
from portal.dossier.seen import Seen
from portal.formats import age_text
from portal.pictures.timeline import LevelSince, Mark, YearRow, timeline, year_matrix
from portal.timeline.filters import SHOWN_AT_FIRST, Filters
from portal.timeline.rules import Found
from portal.translations import Language, gettext, language


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter to switch on or off."""

    key: str
    name: str
    icon: str
    count: int
    on: bool
    href: str


@dataclass(frozen=True, slots=True)
class Year:
    """The entries of a year; `more_href` unfolds those not shown yet."""

    year: int
    age: str
    count: int
    lines: tuple[EventLine, ...]
    open: bool
    more_href: str


@dataclass(frozen=True, slots=True)
class LifeCourse:
    """All the page shows."""

    address: str
    filters: Filters
    periods: tuple[tuple[str, str, bool], ...]
    chips: tuple[Chip, ...]
    institutions: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    picture: Markup
    matrix: tuple[YearRow, ...]
    years: tuple[Year, ...]
    total: int
    may_add: bool
    problems: dict[str, str]
    clear_href: str


def life_course(opened: Opened, seen: Sequence[Seen], found: Found, filters: Filters) -> LifeCourse:
    """Put the page together. `seen` is all the reader sees, `found` what passes the filters."""
    child, today = opened.dossier.child, day_of(opened.now)
    address = f"/dossiers/{opened.dossier.id}/timeline"
    marks = tuple(_mark(opened, one) for one in found.entries if one.event.withdrawn is None)
    return LifeCourse(
        address=address,
        filters=filters,
        periods=_periods(address, filters),
        chips=_chips(address, filters, found),
        institutions=() if place_hidden(opened.access, opened.dossier) else _institutions(seen),
        kinds=_kinds(seen),
        picture=_picture(marks, child.birth_date, today, _levels(opened), language()),
        matrix=tuple(year_matrix(marks, child.birth_date, today)),
        years=years_of(opened, found.entries, filters, address),
        total=len(found.entries),
        may_add=opened.can(Permission.EVENT_ADD),
        problems={name: gettext(problem.text) % problem.values for name, problem in filters.problems.items()},
        clear_href=address,
    )


def years_of(opened: Opened, entries: Sequence[Seen], filters: Filters, address: str) -> tuple[Year, ...]:
    """The entries by year, the newest first; not all of a long life at once."""
    born = opened.dossier.child.birth_date
    ages = bool(opened.access.scopes(Section.BASE))
    today = day_of(opened.now)
    groups = [(year, list(group)) for year, group in groupby(entries, key=lambda one: one.event.day.year)]
    budget = _budget([(year, len(group)) for year, group in groups], filters)
    years = []
    newest = groups[0][0] if groups else today.year
    for year, group in groups:
        unfolded = year in (newest, filters.year) or year >= today.year or filters.narrowed
        more = filters.query(year=year, shown=budget[year] + SHOWN_AT_FIRST) if budget[year] < len(group) else ""
        years.append(
            Year(
                year=year,
                age=_age_in(born, year, today) if ages else "",
                count=len(group),
                lines=tuple(event_lines(opened, group[: budget[year]])),
                open=unfolded and budget[year] > 0,
                more_href=f"{address}{more}#y{year}" if more else "",
            )
        )
    return tuple(years)


@lru_cache(maxsize=512)  # as many children as the readers of one worker have open in a day, some 20 kB each
def _picture(
    marks: tuple[Mark, ...], birth: date, today: date, levels: tuple[LevelSince, ...], lang: Language
) -> Markup:
    """The picture, drawn once for the same marks: they hold kinds and days, nothing anybody wrote."""
    return timeline(marks, birth, today, levels, lang)


def _budget(counts: Sequence[tuple[int, int]], filters: Filters) -> dict[int, int]:
    """How many entries of each year are shown: of the year asked for what was asked, of the others the newest."""
    left, budget = SHOWN_AT_FIRST, {}
    for year, count in counts:
        room = filters.shown if year == filters.year else left
        budget[year] = min(room, count)
        left -= budget[year] if year != filters.year else 0
    return budget


def _age_in(born: date, year: int, today: date) -> str:
    """How old the child turned in a year; empty in the year of birth and before."""
    if year <= born.year:
        return ""
    return age_text(born, today if year >= today.year else date(year, 12, 31))


def _periods(address: str, filters: Filters) -> tuple[tuple[str, str, bool], ...]:
    choices = (("all", gettext("Whole life")), ("2y", gettext("2 years")), ("12m", gettext("12 months")))
    return tuple(
        (name, address + filters.query(period=key, since=None, until=None, year=None), filters.period == key)
        for key, name in choices
    )


def _chips(address: str, filters: Filters, found: Found) -> tuple[Chip, ...]:
    chips = []
    for domain in DOMAINS:
        on = domain.key in filters.domains
        chosen = [key for key in filters.domains if key != domain.key] if on else [*filters.domains, domain.key]
        href = address + filters.query(domains=tuple(d.key for d in DOMAINS if d.key in chosen), year=None)
        chips.append(Chip(domain.key, gettext(domain.name), domain.icon, found.by_domain.get(domain.key, 0), on, href))
    href = address + filters.query(opinions=not filters.opinions, year=None)
    name = gettext("Assessments and opinions")
    return (*chips, Chip("opinions", name, "clipboard-check", found.opinions, filters.opinions, href))


def _institutions(seen: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    names = {one.event.institution_id: one.event.institution_name for one in reversed(seen)}
    return tuple(sorted(names.items(), key=lambda pair: pair[1]))


def _kinds(seen: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    kinds = {one.event.kind for one in seen if one.sight > Sight.PRESENCE}
    names = [(kind, classifiers().event_kinds[kind].label(language())) for kind in kinds]
    return tuple(sorted(names, key=lambda pair: pair[1]))


def _mark(opened: Opened, one: Seen) -> Mark:
    """Of a sensitive entry without right only the day and the domain: a dot like any other."""
    event, told = one.event, one.sight > Sight.PRESENCE
    kind = classifiers().event_kinds[event.kind]
    planned = event.day > day_of(opened.now)
    shape = event.shape if told else "event"
    return Mark(
        id=event.id,
        domain=event.domain,  # type: ignore[arg-type]
        shape="planned" if planned else shape,  # type: ignore[arg-type]
        start=event.day,
        end=event.to if told and shape == "span" else None,
        label=kind.short(language()) if told else gettext(SENSITIVE_ENTRY),
        important=told and bool(kind.triggers),
        href=f"/dossiers/{opened.dossier.id}/events/{event.id}",
    )


def _levels(opened: Opened) -> tuple[LevelSince, ...]:
    """The strip of levels: base data for professionals; a family reads of levels in its plan."""
    if not opened.access.scopes(Section.BASE) or is_family(opened.access):
        return ()
    return tuple(LevelSince(day_of(change.at), change.level) for change in opened.dossier.levels)
