"""The decision as a letter: the same words on the page and in the sealed file, written in Latvian.

It names people by name and what they are to the child, never by code, and no address; where the child's place is kept
from somebody, it names no foster family and no centre either, whoever reads it.
"""

from datetime import date
from typing import Final

from documents.classifiers import classifiers
from documents.decision import CourtDecision
from documents.dossier import Dossier
from documents.model import Model
from portal.decisions.effects import Named
from portal.formats import date_text
from portal.translations import N_, translations

CARERS: Final = ("foster_carer", "host_carer")
SECRET: Final = N_("The foster family is known to the court; its data are not disclosed.")


class Letter(Model):
    """What the letter says, part by part; kept sealed as it was issued."""

    court: str
    subject: str
    number: str
    day: str
    child: str
    parties: list[str]
    found: str
    basis: str
    orders: list[str]
    in_force: str
    replaces: str
    heard: str
    appeal: str
    signed: str


def letter_of(
    dossier: Dossier, decision: CourtDecision, named: Named, words: tuple[str, str], number: str, day: date, signed: str
) -> Letter:
    """Return the letter. `words` are what was found and how contact takes place; `number` is empty for a draft."""
    kind = classifiers().decision_kinds[decision.kind]
    found, terms = words
    return Letter(
        court=decision.court_name,
        subject=kind.subject_lv,
        number=number,
        day=date_text(day, "lv"),
        child=_lv(N_("%(name)s, born %(date)s"))
        % {"name": dossier.child.name, "date": date_text(dossier.child.birth_date, "lv")},
        parties=_parties(dossier, decision),
        found=found,
        basis=decision.legal_basis,
        orders=_orders(dossier, decision, named, terms),
        in_force=_lv(N_("The decision is in force from %(date)s and is carried out at once."))
        % {"date": date_text(decision.in_force_from, "lv")},
        replaces=_lv(N_("It takes the place of an earlier decision in this matter.")) if decision.replaces else "",
        heard=_lv(N_("The child's own opinion was heard.")) if decision.heard else "",
        appeal=_lv(N_("It may be appealed against to the Administrative District Court within one month.")),
        signed=signed,
    )


def _parties(dossier: Dossier, decision: CourtDecision) -> list[str]:
    """To whom it is issued; of a secret place the foster parent is told by the role alone, for a name leads there."""
    hidden = CARERS if place_is_secret(dossier, decision) else ()
    return [_kin(p.kind) if p.kind in hidden else f"{p.name}, {_kin(p.kind)}" for p in decision.parties]


def place_is_secret(dossier: Dossier, decision: CourtDecision) -> bool:
    """Whether the letter must not tell where the child lives."""
    return dossier.child.protected or bool(decision.protect_from)


def _orders(dossier: Dossier, decision: CourtDecision, named: Named, terms: str) -> list[str]:
    """The order with the people it is about, and what belongs to it."""
    kind = classifiers().decision_kinds[decision.kind]
    relatives = [f"{r.name}, {_kin(r.kind)}" for r in dossier.relationships if r.id in decision.concerned]
    if decision.kind == "foster_placement":
        secret = place_is_secret(dossier, decision)
        centre = named.centre.name if named.centre else ""
        carers = [carer.name for carer in named.carers]
        people = [_lv(SECRET)] if secret else [*carers, _lv(N_("Supported by: %(name)s")) % {"name": centre}]
        return [kind.order_lv, *people, *_protection(dossier, decision)]
    orders = [kind.order_lv, *relatives]
    if decision.contact:
        orders.append(classifiers().contact_rules[decision.contact].order_lv)
    if terms:
        orders.append(terms)
    if decision.until:
        orders.append(_lv(N_("It holds until %(date)s.")) % {"date": date_text(decision.until, "lv")})
    return [*orders, *_protection(dossier, decision)]


def _protection(dossier: Dossier, decision: CourtDecision) -> list[str]:
    names = [r.name for r in dossier.relationships if r.person_id in decision.protect_from]
    if not names:
        return []
    return [_lv(N_("The child's whereabouts are not disclosed to: %(names)s.")) % {"names": ", ".join(names)}]


def _kin(kind: str) -> str:
    return _lv(N_("the young person")) if kind == "self" else classifiers().relationship_kinds[kind].lv


def _lv(text: str) -> str:
    """In the language of the court, whoever reads."""
    return translations("lv").gettext(text)
