"""Households as dashed boxes: one outline over several generations where it holds nobody else."""

from portal.pictures.family.geometry import Box, Point
from portal.pictures.family.plan import Outline, Plan, runs
from portal.pictures.family.texts import HOME_SIZE
from portal.pictures.widths import text_width

_PADDING = 16.0
_TOUCH = 60.0  # boxes of two rows are one where they share at least this much


def outlines(made: Plan) -> list[Outline]:
    """One outline per piece of a household of two or more; rows that lie under each other are joined."""
    found: list[Outline] = []
    labels = {home.id: home.label for home in made.family.households}
    for home, label in labels.items():
        if sum(person.household == home for person in made.people.values()) < 2:
            continue
        pieces: list[list[Box]] = []
        last: dict[int, list[Box]] = {}
        for generation, row in made.rows.items():
            boxes = [
                _row_box(made, generation, run)
                for run in runs(row.people, made.people)
                if made.people[run[0]].household == home
            ]
            above = last.get(generation + 1, [])
            if len(boxes) == 1 and len(above) == 1 and _shared(boxes[0], above[0]) >= _TOUCH:
                pieces[-1].append(boxes[0])
            else:
                pieces += [[box] for box in boxes]
            last = {generation: boxes}
        found += [_outline(home, label, piece) for piece in pieces]
    return found


def _row_box(made: Plan, generation: int, run: list[str]) -> Box:
    row = made.rows[generation]
    needed = max(made.labels[person].width for person in run)
    left = min(min(made.label_box(p).left, made.symbol_box(p).left) for p in run)
    right = max(max(made.label_box(p).right, made.symbol_box(p).right) for p in run)
    label = next(h.label for h in made.family.households if h.id == made.people[run[0]].household)
    missing = max(0.0, text_width(label, HOME_SIZE, bold=True) - max(right - left, needed)) / 2
    return Box(left - _PADDING - missing, row.top, right + _PADDING + missing, row.home_bottom)


def _shared(one: Box, two: Box) -> float:
    return min(one.right, two.right) - max(one.left, two.left)


def _outline(home: str, label: str, boxes: list[Box]) -> Outline:
    """Down the right side and up the left, with a step where a lower row begins."""
    right: list[Point] = []
    left: list[Point] = []
    for index, box in enumerate(boxes):
        end = boxes[index + 1].top if index + 1 < len(boxes) else box.bottom
        right += [(box.right, box.top), (box.right, end)]
        left += [(box.left, box.top), (box.left, end)]
    last = boxes[-1]
    width = text_width(label, HOME_SIZE, bold=True)
    edge = last.right - 14
    return Outline(
        home,
        tuple(right + left[::-1]),
        label,
        Box(edge - width, last.bottom - 25, edge, last.bottom - 7),
    )
