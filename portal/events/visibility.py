"""Before saving: who will be able to read the entry – by the very function that decides it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auth.entries import Sight, sight
from auth.policy import access_now
from auth.who import FAMILY_ROLE, Who
from documents.classifiers import EventKind, classifiers
from documents.dossier import Dossier
from documents.event import Event, Withholding
from documents.involvement import Professional
from documents.model import LONG_AGO, day_of
from documents.person import Person, Role
from portal.events.rules import EventDraft
from portal.translations import gettext, language

AUTOMATIC = "kind_may_endanger"
OTHER_CHILDREN = "names_other_children"


@dataclass(frozen=True)
class WillRead:
    """One person who will read the entry, and how much of it."""

    name: str
    title: str
    institution_name: str
    domain: str
    sight: Sight

    @property
    def much(self) -> str:
        """How much, in a word or two."""
        if self.sight is Sight.FULL:
            return gettext("reads all of it")
        return (
            gettext("sees the line, not the details") if self.sight >= Sight.RECORD else gettext("sees that it exists")
        )


def start_withheld_kind(kind: EventKind | None, asked: bool, reason: str) -> str:
    """The reason an entry starts withheld from the whole family, by its kind or the writer's wish; empty if not."""
    if kind is not None and kind.families == "withheld":
        return AUTOMATIC
    return (reason or "asked") if asked else ""


def start_withheld(draft: EventDraft, dossier: Dossier, all_dossiers: list[Dossier]) -> list[Withholding]:
    """From whom the entry starts withheld in this dossier (access.md, "Visibility to families").

    The kind may demand it; the writer may ask for it, for all the children or one; and an entry for children
    who do not share all legal representatives starts withheld from the adults until the writer confirms that
    the text names no other child.
    """
    kind = classifiers().event_kinds[draft.kind]
    reason = start_withheld_kind(kind, draft.withheld or dossier.id in draft.withheld_for, draft.withheld_reason)
    withheld = [Withholding(audience="family", reason=reason)] if reason else []
    representatives = {frozenset(representatives_of(each)) for each in all_dossiers}
    if len(representatives) > 1 and not draft.names_no_other and not withheld:
        withheld += [Withholding(audience=adult, reason=OTHER_CHILDREN) for adult in ("mother", "father", "carer")]
    return withheld


def as_correction(entry: Event, again: Event, started: Sequence[Withholding]) -> Event:
    """The entry as written `again`: still of who recorded it and for whom it was sent to.

    A correction may add a withholding (`started`); lifting one is an act of its own, never a side effect.
    """
    kept = list(entry.withheld)
    for withholding in started:
        if all(w.audience != withholding.audience or w.lifted_at for w in kept):
            kept.append(withholding)
    stays = ("recorded_by", "recorded_at", "institution_id", "institution_name", "addressed_to")
    return again.model_copy(update={name: getattr(entry, name) for name in stays} | {"withheld": kept})


def representatives_of(dossier: Dossier) -> set[str]:
    """The people who represent the child by law, whenever that was."""
    roles = classifiers().legal_roles
    return {
        r.person_id or r.id for r in dossier.relationships if any(roles[lr.role].represents for lr in r.legal_roles)
    }


def who_will_read(dossier: Dossier, event: Event, now: datetime, *, but: str) -> tuple[list[WillRead], list[WillRead]]:
    """Return the professionals and the family members who will read `event`, most first.

    `but` is the role that writes or corrects it: they know.
    """
    professionals: dict[str, WillRead] = {}
    for person in professionals_of(dossier):
        if person.role_id == but:
            continue
        who = as_who(person)
        seen = _sight(who, dossier, event, now)
        if seen > Sight.NOTHING and person.role_id not in professionals:
            title = classifiers().positions[person.title].label(language()) if person.title else ""
            domain = classifiers().institution_types[person.institution_type].domain
            professionals[person.role_id] = WillRead(person.name, title, person.institution_name, domain, seen)
    family = []
    for key, name, kind in _family(dossier):
        who = Who(Person(id=key, given_name=name, family_name="", children=[dossier.id]), None, in_family_role=True)
        seen = _sight(who, dossier, event, now)
        if seen > Sight.NOTHING:
            family.append(WillRead(name, _kin(kind), "", FAMILY_ROLE, seen))
    return sorted(professionals.values(), key=lambda w: -w.sight), family


def _kin(kind: str) -> str:
    return gettext("the young person") if kind == "self" else classifiers().relationship_kinds[kind].label(language())


def _sight(who: Who, dossier: Dossier, event: Event, now: datetime) -> Sight:
    return sight(who, access_now(who, dossier, now), dossier, event, day_of(now))


def professionals_of(dossier: Dossier) -> list[Professional]:
    """Everybody who works for the child; who no longer does has no right left, so nothing is shown to them."""
    people: list[Professional] = [m for m in (dossier.case_manager, dossier.family_case_manager) if m]
    people += dossier.team
    people += [person for involvement in dossier.involvements for person in involvement.responsible]
    return people


def as_who(person: Professional) -> Who:
    """That professional in their role, as the policy asks for them."""
    level = classifiers().positions[person.title].level if person.title else 2
    role = Role(
        id=person.role_id,
        institution_id=person.institution_id,
        institution_type=person.institution_type,
        institution_name=person.institution_name,
        unit_id=person.unit_id,
        position=person.title,
        level=level,
        since=LONG_AGO.date(),
    )
    return Who(Person(id=person.person_id, given_name=person.name, family_name=""), role)


def _family(dossier: Dossier) -> list[tuple[str, str, str]]:
    family = [(r.person_id, r.name, r.kind) for r in dossier.relationships if r.person_id]
    if dossier.child.person_id:
        family.append((dossier.child.person_id, dossier.child.given_name, "self"))
    return family
