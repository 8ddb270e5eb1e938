"""What one may be worried about, and which institutions a report of it goes to."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from documents.classifiers.cells import Codes, Domain, YesNo, words
from documents.classifiers.row import Row
from documents.model import day_of, start_of
from documents.working_days import after_working_days

_WITHIN = re.compile(r"([1-9]\d{0,2})([hd])")


@dataclass(frozen=True)
class Within:
    """A time to act in: hours by the clock, or whole working days."""

    count: int
    unit: str

    def after(self, moment: datetime) -> datetime:
        """The end of that time: so many hours later, or the midnight in Riga that ends the last working day."""
        if self.unit == "h":
            return moment + timedelta(hours=self.count)
        return start_of(after_working_days(day_of(moment), self.count) + timedelta(days=1))


def _within(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    found = _WITHIN.fullmatch(cell)
    if not found:
        raise ValueError("write hours or working days, like 2h or 3d")
    return Within(int(found[1]), found[2])


Time = Annotated[Within, BeforeValidator(_within)]
Places = Annotated[tuple[str, ...], BeforeValidator(words), Field(min_length=1)]


class ConcernKind(Row):
    """What somebody is worried about; `chosen`: people choose it in the form (the others come about by themselves)."""

    domain: Domain
    chosen: YesNo


class ReportRoute(Row):
    """Where reports of these kinds (none named: of all) and this danger (none: any) go; the first row that fits counts.

    The first type of `decides` that the place has an institution of decides; where it has none, one of
    `falls_back_to`. `tells` are told at once. `place`: where the child is declared, or where it is now – the other
    one where that is not known. `manager_decides`: an accepted case manager entitled to it decides instead.
    """

    references: ClassVar[dict[str, str]] = {
        "kinds": "concern_kinds",
        "decides": "institution_types",
        "tells": "institution_types",
        "falls_back_to": "institution_types",
    }

    kinds: Codes = ()
    danger: Literal["yes", "no", "unknown"] | None = None
    place: Literal["declared", "present"]
    decides: Places
    tells: Codes = ()
    manager_decides: YesNo
    falls_back_to: Places
    acknowledge_within: Time
    decide_within: Time

    @property
    def takes_everything(self) -> bool:
        """Whether no report passes it by."""
        return not self.kinds and self.danger is None and self.valid_from is None and self.valid_to is None
