"""What the law keeps from a family in the log of who looked, for how long, and on which ground."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from documents.acts import Act
from documents.classifiers.cells import Codes, words
from documents.classifiers.events import Clauses
from documents.classifiers.row import Row


def _acts(cell: object) -> object:
    listed = words(cell)
    if isinstance(listed, tuple) and (unknown := [act for act in listed if act not in set(Act)]):
        raise ValueError(f"{unknown[0]!r} is no act of the audit log")
    return listed


class LogException(Row):
    """Lines omitted, or shown without naming the institution; `lv` and `en` tell families which, and until when.

    Institution types, acts and purposes narrow it, none named = any. It also takes: `refused` – an attempt that was
    refused; `withheld_entry` – the institution keeps an entry the reader does not see; `protected_child` – the child's
    place is protected. With `days`, the law lets it end so many days after the act.
    """

    references: ClassVar[dict[str, str]] = {"institution_types": "institution_types", "purposes": "purposes"}

    institution_types: Codes = ()
    acts: Annotated[tuple[Act, ...], BeforeValidator(_acts)] = ()
    purposes: Codes = ()
    condition: Literal["always", "refused", "withheld_entry", "protected_child"]
    shown: Literal["omitted", "by_law"]
    days: Annotated[int, Field(ge=1)] | None = None
    legal_basis: Annotated[Clauses, Field(min_length=1)]

    @field_validator("condition")
    @classmethod
    def _keeps_back_something_in_particular(cls, condition: str, info: ValidationInfo) -> str:
        narrowed = any(info.data.get(name) for name in ("institution_types", "acts", "purposes"))
        if condition == "always" and not narrowed and "acts" in info.data:
            raise ValueError("keeps back everything; name institution types, acts or purposes, or another condition")
        return condition
