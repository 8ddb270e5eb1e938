"""What a cell of a classifier file may hold: labels, codes, lists of codes, yes or no."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints

Domain = Literal["education", "health", "welfare", "interior", "justice", "governance"]


def words(cell: object) -> object:
    """A cell of words separated by spaces, as a tuple."""
    return tuple(cell.split()) if isinstance(cell, str) else cell


def _truth(cell: object) -> object:
    answers = {"yes": True, "no": False}
    if isinstance(cell, str):
        if cell not in answers:
            raise ValueError("write yes or no")
        return answers[cell]
    return cell


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=60)]
Codes = Annotated[tuple[str, ...], BeforeValidator(words)]
"""Codes of another classifier, separated by spaces."""
Label = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, max_length=160)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]
ShortLabel = Annotated[str, StringConstraints(min_length=1, max_length=22)]
"""A name short enough to stand beside its mark in the timeline picture."""
YesNo = Annotated[bool, BeforeValidator(_truth)]
