"""The demo's decisions about Kate: a contact order, the one that replaced it, and a draft; by the true actions."""

from dataclasses import replace
from datetime import datetime, timedelta

from auth.who import Who, who_is
from documents.decision import Party
from documents.dossier import Dossier
from documents.model import day_of
from documents.person import Person
from documents.store import Row
from fixtures.story import dossier_id
from fixtures.story.ids import story_id
from portal.decisions.actions import draft_decision
from portal.decisions.issuing import issue_decision
from portal.decisions.rules import DecisionDraft
from portal.runtime import Runtime

_CHILD, _MEMBER, _MOTHER, _CARER = "kate", "santa-mezule", "santa-zvaigzne", "gunta-silina"
_FIRST = (
    "Māte kopš vasaras nelieto alkoholu un katru nedēļu zvana Katei. Audžuģimene atbalsta tikšanos. Kate mammu gaida, "
    "bet pirmajās reizēs vajag klāt pazīstamu cilvēku.",
    "Reizi nedēļā divas stundas atbalsta centra telpās.",
)
_SECOND = (
    "Sešas tikšanās noritējušas mierīgi. Kate pati lūdz iet ar mammu uz rotaļu laukumu. Atbalsta centrs iesaka "
    "ilgākas tikšanās bez speciālista.",
    "Katru sestdienu no plkst. 10.00 līdz 16.00, mamma paņem un atved Kati.",
)
_THIRD = ("Māte ārstējas un strādā, dzīvesvieta sagatavota. Vēl jāsaņem sociālā dienesta atzinums.", "")


async def tell_decisions(held: Runtime) -> None:
    """Tell them once, at moments of the past months; where they are told already, nothing changes."""
    store, now = held.store, held.now()
    if held.seal is None or await store.decisions.find_one({"_id": _id("first")}, {"_id": 1}):
        return
    first, second, third = now - timedelta(days=61), now - timedelta(days=12), now - timedelta(days=2)
    await _tell(held, "first", first, "contact_order", _FIRST, "supervised")
    await _tell(held, "second", second, "contact_order", _SECOND, "arranged", replaces=_id("first"))
    await _tell(held, "third", third, "custody_renewed", _THIRD, "", issued=False)


async def _tell(
    held: Runtime,
    name: str,
    at: datetime,
    kind: str,
    words: tuple[str, str],
    contact: str,
    *,
    replaces: str | None = None,
    issued: bool = True,
) -> None:
    then, child = replace(held, clock=lambda: at), dossier_id(_CHILD)
    dossier = Dossier.model_validate(await held.store.dossiers.find_one({"_id": child}))
    mother = next(r for r in dossier.relationships if r.person_id == _MOTHER)
    carer = next(r for r in dossier.relationships if r.person_id == _CARER)
    who = await _member(held, at)
    draft = DecisionDraft(
        kind=kind,
        concerned=(mother.id,),
        carer_codes=(),
        centre_id=None,
        contact=contact,
        terms=words[1],
        until=None,
        heard=False,
        protect_from=(),
        parties=(Party(person_id=_CARER, name=carer.name, kind=carer.kind),),
        addressed_to=("valmieras-socialais-dienests", "ligzda"),
        legal_basis="Civillikums, 181. pants" if contact else "Civillikums, 203. pants",
        in_force_from=day_of(at if issued else held.now() + timedelta(days=14)),
        reasons=words[0],
        replaces=replaces,
    )
    await draft_decision(held.store, who, child, draft, (), at, _id(name))
    if issued:
        await issue_decision(then, who, child, _id(name), 1)


async def _member(held: Runtime, at: datetime) -> Who:
    row: Row = await held.store.people.find_one({"_id": _MEMBER}) or {}
    person = Person.model_validate(row)
    return who_is(person, person.roles[0].id, None, at)


def _id(name: str) -> str:
    return story_id(_CHILD, "decision", name)
