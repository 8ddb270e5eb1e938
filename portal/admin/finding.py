"""Finding whom or which institution a steward means: by id, exact personal code, or the beginning of a name."""

import re

from documents.institution import Institution
from documents.personal_code import WrongCode, parse
from documents.store import Store

AT_MOST = 20


async def person_id_of(store: Store, text: str, *, invented: bool) -> str:
    """Return the id as typed, or that of whom the personal code belongs to ("-" for nobody)."""
    try:
        code = parse(text, accept_invented=invented)
    except WrongCode:
        return text
    row = await store.people.find_one({"code_hash": code.hash(store.code_key)}, {"_id": 1})
    return str(row["_id"]) if row else "-"


async def institutions_named(store: Store, text: str) -> list[Institution]:
    """Return the institutions with this id, or whose name begins so; at most twenty-one."""
    row = await store.institutions.find_one({"_id": text})
    if row:
        return [Institution.model_validate(row)]
    beginnings = {text, text[:1].upper() + text[1:]}
    branches = [{"name": {"$regex": f"^{re.escape(each)}"}} for each in sorted(beginnings)]
    rows = store.institutions.find({"$or": branches}).sort("name", 1).limit(AT_MOST + 1)
    return [Institution.model_validate(each) async for each in rows]
