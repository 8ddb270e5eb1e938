"""The sign of a person: square, circle or diamond with initials; the child ringed in the sun's colour."""

from markupsafe import Markup

from portal.pictures.family.people import Person
from portal.pictures.svg import join, points, tag


def person_symbol(person: Person) -> Markup:
    """Somebody's sign alone, for lists."""
    return tag(
        "svg",
        shape(person, 33, 33),
        class_="kin-symbol",
        viewBox="0 0 66 66",
        aria_hidden="true",
        focusable="false",
    )


def shape(person: Person, x: float, y: float) -> Markup:
    """The sign with its centre at a place; at most 33 from the centre."""
    look = "kin-shape child" if person.is_child else "kin-shape"
    ring: list[Markup] = []
    if person.sex == "female":
        shape = tag("circle", class_=look, cx=x, cy=y, r=28)
        ring = [tag("circle", class_="kin-ring", cx=x, cy=y, r=33)]
    elif person.sex == "male":
        shape = tag("rect", class_=look, x=x - 27, y=y - 27, width=54, height=54, rx=7)
        ring = [tag("rect", class_="kin-ring", x=x - 32, y=y - 32, width=64, height=64, rx=11)]
    else:
        shape = tag("polygon", class_=look, points=points([(x, y - 30), (x + 30, y), (x, y + 30), (x - 30, y)]))
        ring = [tag("circle", class_="kin-ring", cx=x, cy=y, r=33)]
    initials = tag(
        "text",
        person.initials,
        class_="kin-initials child" if person.is_child else "kin-initials",
        x=x,
        y=y + 5.5,
        text_anchor="middle",
    )
    return join([*(ring if person.is_child else []), shape, initials])
