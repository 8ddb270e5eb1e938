"""The lines of the family tree: between a couple, and from parents down to their children."""

from markupsafe import Markup

from portal.pictures.family.layout import BAR
from portal.pictures.family.people import Union
from portal.pictures.family.plan import RADIUS, Plan, bracket_y
from portal.pictures.svg import num, tag


def couple_lines(made: Plan) -> list[Markup]:
    """Side by side a line from symbol to symbol; apart a line over the heads of those between."""
    drawn = []
    for couple in made.family.couples():
        (xa, y), (xb, _) = sorted((made.centre(couple.a), made.centre(couple.b)))
        level = made.brackets.get(frozenset((couple.a, couple.b)))
        look = "kin-line" if couple.kind == "married" else "kin-line dash"
        if level is None:
            path, height = f"M{num(xa)} {num(y)}H{num(xb)}", y
        else:
            height = bracket_y(made, couple.a, level)
            path = f"M{num(xa)} {num(y)}V{num(height)}H{num(xb)}V{num(y)}"
        drawn.append(tag("path", class_=look, d=path))
        if couple.ended:
            drawn.append(_slashes(_slash_x(couple, made), height))
    return drawn


def _slash_x(couple: Union, made: Plan) -> float:
    """The slashes stand a third along, so that the line to the children stays clear of them."""
    xa, xb = sorted((made.x[couple.a], made.x[couple.b]))
    return xa + RADIUS + (xb - xa - 2 * RADIUS) * 0.25


def _slashes(x: float, y: float) -> Markup:
    path = f"M{num(x - 9)} {num(y + 10)}l10-20M{num(x - 1)} {num(y + 10)}l10-20"
    return tag("path", class_="kin-line", d=path)


def descent_lines(made: Plan) -> list[Markup]:
    """From each pair (or single parent) down, along a bar of its own height, to every child."""
    drawn = []
    used: dict[str, int] = {}
    bars: dict[int, int] = {}
    groups = sorted(made.family.groups(), key=lambda group: min(made.x[parent] for parent in group[0]))
    for parents, kind, children in groups:
        generation = made.people[parents[0]].generation
        x, y = _start(made, parents)
        bar = made.rows[generation].bars + BAR * bars.get(generation, 0)
        bars[generation] = bars.get(generation, 0) + 1
        ends = []
        for child in children:
            cx, cy = made.centre(child)
            shift = (0.0, 10.0, -10.0)[used.get(child, 0) % 3]
            used[child] = used.get(child, 0) + 1
            ends.append((cx + shift, cy - RADIUS if made.people[child].is_child else cy - 28))
        path = f"M{num(x)} {num(y)}V{num(bar)}"
        reach = [x, *(end for end, _ in ends)]
        if max(reach) - min(reach) > 0.5:
            path += f"M{num(min(reach))} {num(bar)}H{num(max(reach))}"
        path += "".join(f"M{num(end)} {num(bar)}V{num(top)}" for end, top in ends)
        drawn.append(tag("path", class_="kin-line" if kind == "birth" else "kin-line dash", d=path))
    return drawn


def _start(made: Plan, parents: tuple[str, ...]) -> tuple[float, float]:
    """Where the line to the children begins: on the couple's line, or under a single parent's words."""
    if len(parents) == 1:
        box = made.label_box(parents[0])
        return made.x[parents[0]], box.bottom + 2
    one, two = sorted(parents, key=lambda parent: made.x[parent])
    level = made.brackets.get(frozenset(parents))
    if level is None:
        return (made.x[one] + made.x[two]) / 2, made.centre(one)[1]
    row = made.rows[made.people[two].generation].people
    before = row[row.index(two) - 1]
    gap = (made.label_box(before).right + made.label_box(two).left) / 2
    symbols = (made.symbol_box(before).right + made.symbol_box(two).left) / 2
    return (gap + symbols) / 2 - 6 * level, bracket_y(made, one, level)
