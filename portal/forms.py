"""Reading a posted form: text as lists of strings, files apart; never operators, never objects."""

import re
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from litestar.datastructures import UploadFile

from documents.store import AlreadySo
from portal.events.rules import Cannot, Message
from portal.page import Request

Values = dict[str, list[str]]
_NAME = re.compile("[a-z_0-9]{1,60}")  # as our own forms name their fields
NEVER_KEPT = {"csrf", "role", "submission", "step"}


async def read_form(request: Request) -> tuple[Values, list[UploadFile]]:
    """Return the text fields and the files of a form."""
    values: Values = {}
    files: list[UploadFile] = []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(value)
        elif isinstance(value, str):
            values.setdefault(name, []).append(value)
    return values, files


async def refused_at(work: Coroutine[Any, Any, object], errors: Mapping[str, Message]) -> Mapping[str, Message]:
    """Do it unless the form is wrong; return what to put right. What stands already is done. Raises Changed."""
    if errors:
        work.close()
        return errors
    try:
        await work
    except AlreadySo:
        pass
    except Cannot as wrong:
        return {wrong.field: wrong.message}
    return {}


def kept(values: Values) -> Values:
    """What is worth keeping as a draft: what the person typed, not what the page carried."""
    return {name: given for name, given in values.items() if name not in NEVER_KEPT and _NAME.fullmatch(name)}


def page_number(text: str) -> int:
    """The number of a page in an address, from 1; the first for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 4 and int(text) else 1


def submission_of(values: Mapping[str, Sequence[str]]) -> str:
    """The id a form was given when it was shown: the same form sent twice is one record. Empty for nonsense."""
    text = (values.get("submission") or [""])[0]
    return text if len(text) == 13 and text.isalnum() and text.isascii() else ""
