"""What stands in the life-course picture."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from portal.domains import DomainKey

Shape = Literal["event", "span", "assessment", "decision", "incident", "planned"]

# Icon inside a disc; the other shapes have none.
GLYPHS: Final[dict[Shape, str]] = {
    "assessment": "clipboard-check",
    "decision": "gavel",
    "incident": "alert-triangle",
    "planned": "calendar-event",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: `label` is a few words, `important` keeps its label when there is little room.

    A span without an end goes on. `href` leads to the record or its line in the list; None draws no link.
    """

    id: str
    domain: DomainKey
    shape: Shape
    start: date
    end: date | None = None
    label: str = ""
    important: bool = False
    href: str | None = None

    @property
    def matters(self) -> bool:
        """Whether it is labelled where only what matters is."""
        return self.important or self.shape in ("span", "assessment", "decision", "incident", "planned")

    @property
    def radius(self) -> float:
        """Half the size of its point."""
        return 9 if self.shape in GLYPHS else 5


@dataclass(frozen=True, slots=True)
class LevelSince:
    """A prevention level from a day on, until the next one."""

    since: date
    level: int
