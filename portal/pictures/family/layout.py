"""Where everybody stands: order, then places across, then rows down, then lines, households and ties."""

from portal.pictures.family.connectors import BAR
from portal.pictures.family.geometry import Box
from portal.pictures.family.order import Rows, ordered_rows
from portal.pictures.family.outlines import outlines, rows_with_home_label
from portal.pictures.family.people import Family
from portal.pictures.family.plan import BRACKET, RADIUS, Plan, Row, bracket_y
from portal.pictures.family.spread import places_across
from portal.pictures.family.texts import WORD_SIZE, Label, label_of
from portal.pictures.family.ties import tie_routes
from portal.pictures.widths import text_width


def plan(family: Family) -> Plan:
    """The geometry of any family; nobody's symbol or words cover another's."""
    order = ordered_rows(family)
    people = {person.id: person for person in family.people}
    labels = {person.id: label_of(person) for person in family.people}
    x = places_across(family, order, people, labels)
    brackets = _brackets(family, order)
    labelled = rows_with_home_label(family, order, people, labels, x)
    made = Plan(family, people, labels, _down(family, order, labels, brackets, labelled), x, brackets)
    made.homes = outlines(made)
    made.words += _couple_words(made)
    tie_routes(made)
    return made


def _brackets(family: Family, order: Rows) -> dict[frozenset[str], int]:
    """Couples with somebody standing between them are joined above the row; each such line has its own height."""
    found: dict[frozenset[str], int] = {}
    for row in order.values():
        level = 0
        for couple in family.couples():
            if couple.a in row and abs(row.index(couple.a) - row.index(couple.b)) > 1:
                found[frozenset((couple.a, couple.b))] = level
                level += 1
    return found


def _down(
    family: Family,
    order: Rows,
    labels: dict[str, Label],
    brackets: dict[frozenset[str], int],
    labelled: set[int],
) -> dict[int, Row]:
    """Heights: room for lines over a couple, symbols, words, a household's label, the lines to the children."""
    rows: dict[int, Row] = {}
    y = 0.0
    groups = family.groups()
    for generation, people in order.items():
        above = sum(BRACKET for pair in brackets if pair <= set(people))
        centre = y + 20 + above + RADIUS
        bottom = centre + RADIUS + 3 + max(labels[person].height for person in people)
        home_bottom = bottom + (34 if generation in labelled else 12)
        below = sum(BAR for parents, _, _ in groups if parents[0] in people)
        rows[generation] = Row(people, centre - RADIUS - 16, centre, bottom, home_bottom, home_bottom + 16)
        y = home_bottom + 22 + below
    return rows


def _couple_words(made: Plan) -> list[tuple[Box, str, str]]:
    """What is said on the line between a couple."""
    words = []
    for couple in made.family.couples():
        if not couple.caption:
            continue
        (xa, y), (xb, _) = made.centre(couple.a), made.centre(couple.b)
        middle, width = (xa + xb) / 2, text_width(couple.caption, WORD_SIZE)
        level = made.brackets.get(frozenset((couple.a, couple.b)))
        base = y - 14 if level is None else bracket_y(made, couple.a, level) - 5
        words.append((Box(middle - width / 2, base - 14, middle + width / 2, base + 3), couple.caption, "couple"))
    return words
