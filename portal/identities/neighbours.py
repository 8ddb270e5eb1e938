"""Who and what points at a dossier from elsewhere – people, siblings, reports, decisions – and is led to another."""

from collections.abc import Iterable, Mapping
from typing import Any

from documents.decision import CourtDecision
from documents.dossier import Dossier
from documents.model import to_bson
from documents.store import Transaction


async def lead_people(transaction: Transaction, dossier: Dossier, to: str) -> dict[str, list[str]]:
    """Lead the family's lists of children to `to`; returns the lists that changed, as they were."""
    led = {}
    for person_id in sorted({r.person_id for r in dossier.relationships if r.person_id}):
        person = await transaction.person(person_id)
        if person is None or dossier.id not in person.children:
            continue
        led[person_id] = list(person.children)
        await transaction.change_person(person, {"children": _led(person.children, dossier.id, to)})
    return led


async def lead_people_back(transaction: Transaction, led: Mapping[str, list[str]], true: Dossier, to: str) -> None:
    """Give the lists of children back; the true dossier stays in those of its own family."""
    family = {r.person_id for r in true.relationships}
    for person_id, before in led.items():
        person = await transaction.person(person_id)
        if person is None:
            continue
        if person.children == _led(before, to, true.id):
            children = before
        elif person_id in family:
            children = list(dict.fromkeys([*person.children, to]))
        else:
            children = _led(person.children, true.id, to)
        await transaction.change_person(person, {"children": children})


async def lead_siblings(transaction: Transaction, dossier: Dossier, to: str) -> dict[str, list[str]]:
    """Lead the relationships of siblings to `to`; returns which of which dossier."""
    led = {}
    for sibling_id in sorted({r.dossier_id for r in dossier.relationships if r.dossier_id}):
        sibling = await transaction.dossier(sibling_id)
        if sibling is None:
            continue
        ids = [r.id for r in sibling.relationships if r.dossier_id == dossier.id]
        if ids:
            await _lead(transaction, sibling, ids, to)
            led[sibling_id] = ids
    return led


async def lead_siblings_back(transaction: Transaction, led: Mapping[str, Iterable[str]], to: str) -> None:
    """Lead those relationships back."""
    for sibling_id, ids in led.items():
        sibling = await transaction.dossier(sibling_id)
        if sibling is not None:
            await _lead(transaction, sibling, ids, to)


async def lead_rows(
    transaction: Transaction, name: str, dossier_id: str, to: str, only: Iterable[str] | None = None
) -> list[str]:
    """Lead documents about the child (or `only` these) to another dossier; returns their ids.

    `name` is the collection, with ".siblings" where the child stands among others in that list.
    """
    collection, _, listed = name.partition(".")
    rows, field = transaction.store.database[collection], listed or "dossier_id"
    query: dict[str, Any] = {field: dossier_id} | ({} if only is None else {"_id": {"$in": list(only)}})
    ids = [row["_id"] async for row in rows.find(query, {"_id": 1}, session=transaction.session)]
    if ids:
        change = {"$set": {f"{field}.$" if listed else field: to}}
        await rows.update_many({"_id": {"$in": ids}, field: dossier_id}, change, session=transaction.session)
    return ids


async def lead_decisions(
    transaction: Transaction, dossier_id: str, to: str, same: Mapping[str, str], only: Iterable[str] | None = None
) -> list[str]:
    """Lead the court's decisions, drafts too, as `lead_rows`; whom they are about is named by the line there.

    `same`: relationships that are one person, by the id in this dossier the id in the other one.
    """
    led = await lead_rows(transaction, "decisions", dossier_id, to, only)
    decisions = transaction.store.decisions
    rows = await decisions.find({"_id": {"$in": led}}, session=transaction.session).to_list()
    for decision in map(CourtDecision.model_validate, rows if same else ()):
        decision.concerned = [same.get(each, each) for each in decision.concerned]
        for each in decision.undid:
            each.relationship_id = same.get(each.relationship_id, each.relationship_id)
        await decisions.replace_one({"_id": decision.id}, to_bson(decision), session=transaction.session)
    return led


def _led(children: list[str], dossier_id: str, to: str) -> list[str]:
    return list(dict.fromkeys(to if child == dossier_id else child for child in children))


async def _lead(transaction: Transaction, sibling: Dossier, ids: Iterable[str], to: str) -> None:
    changes = {
        f"relationships.{index}": to_bson(relationship.model_copy(update={"dossier_id": to}))
        for index, relationship in enumerate(sibling.relationships)
        if relationship.id in set(ids)
    }
    if changes:
        await transaction.change(sibling, {"$set": changes})
