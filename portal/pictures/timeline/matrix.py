"""The same life course counted by year and domain: the table that stands in for the picture on a phone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domains import DOMAINS
from portal.pictures.timeline.marks import Mark


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year, the age the child turns in it (None in the year of birth and before), counts in domain order."""

    year: int
    age: int | None
    counts: tuple[int, ...]


def year_matrix(marks: Iterable[Mark], birth: date, today: date) -> list[YearRow]:
    """Newest year first, each year from birth (or an earlier event) to today (or a later plan)."""
    counted = Counter((mark.start.year, mark.domain) for mark in marks)
    years = [birth.year, today.year, *(year for year, _ in counted)]
    return [
        YearRow(
            year,
            year - birth.year if year > birth.year else None,
            tuple(counted[year, domain.key] for domain in DOMAINS),
        )
        for year in range(max(years), min(years) - 1, -1)
    ]
