"""The words under a person, broken into short centred lines."""

import re
from dataclasses import dataclass
from typing import Final

from portal.pictures.family.people import Person
from portal.pictures.widths import fitted, text_width

NAME_SIZE: Final = 15.5
CAPTION_SIZE: Final = 14.0
WORD_SIZE: Final = 13.5
HOME_SIZE: Final = 14.5
NAME_LINE: Final = 18.0
CAPTION_LINE: Final = 17.0
_NUMBER: Final = re.compile(r"(\d) (?=\w)")  # a number stays with its unit
_ROOM: Final = 158.0


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of the name and of the caption."""

    name: tuple[str, ...]
    caption: tuple[str, ...]

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max(
            [
                *(text_width(line, NAME_SIZE, bold=True) for line in self.name),
                *(text_width(line, CAPTION_SIZE) for line in self.caption),
                0.0,
            ]
        )

    @property
    def height(self) -> float:
        """Height of all lines."""
        return NAME_LINE * len(self.name) + CAPTION_LINE * len(self.caption)


def label_of(person: Person) -> Label:
    """At most two lines of name and three of caption."""
    return Label(_lines(person.name, NAME_SIZE, 2, bold=True), _lines(person.caption, CAPTION_SIZE, 3, bold=False))


def _lines(text: str, size: float, most: int, *, bold: bool) -> tuple[str, ...]:
    lines: list[str] = []
    for word in _NUMBER.sub("\\1\u00a0", text).split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(joined, size, bold=bold) <= _ROOM or len(lines) == most):
            lines[-1] = joined
        else:
            lines.append(word)
    return tuple(fitted(line, _ROOM, size, bold=bold) for line in lines)
