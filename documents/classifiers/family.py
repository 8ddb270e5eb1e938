"""How people are related to a child, and what the law makes of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from documents.classifiers.cells import Codes, YesNo
from documents.classifiers.row import Row


class RelationshipKind(Row):
    """What a person is to the child; `generation` counts from the child: -1 its parents, 1 its own children.

    `family`: the own-family rule holds, nobody acts professionally for such a child. `inverse_f` and
    `inverse_m`: what the child, a girl or a boy, is to that person. `legal_roles`: what the person may hold.
    """

    references: ClassVar[dict[str, str]] = {
        "legal_roles": "legal_roles",
        "inverse_f": "relationship_kinds",
        "inverse_m": "relationship_kinds",
    }

    sex: Literal["f", "m", "any"]
    generation: Annotated[int, Field(ge=-3, le=3)] | None = None
    family: YesNo
    legal_roles: Codes = ()
    inverse_f: str | None = None
    inverse_m: str | None = None


class LegalRole(Row):
    """A legal role towards the child.

    `represents`: is the legal representative. `gives_access`: gives the relation `parent`, which foster
    parents have too though they do not represent. `ends_access`: while it lasts, no other role gives it.
    """

    represents: YesNo
    gives_access: YesNo
    ends_access: YesNo


class Language(Row):
    """A language of communication, by its ISO 639 code."""
