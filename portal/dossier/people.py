"""„Kas iesaistīts”: the people round the child and how to reach them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Section
from auth.place import place_hidden
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.family import Relationship
from documents.involvement import Professional
from documents.model import day_of
from portal.domains import DOMAINS
from portal.translations import gettext, language

FAMILY_SHOWN = 4


@dataclass(frozen=True, slots=True)
class InvolvedPerson:
    """A line in the list of people; `color` and `icon` are those of the domain, or of the family."""

    name: str
    role: str
    color: str | None
    icon: str
    phone: str | None = None
    email: str | None = None
    note: str = ""


def involved_people(opened: Opened) -> list[InvolvedPerson]:
    """Return carers and trusted people first, then who works for the child, as far as the reader may see them."""
    today, people = day_of(opened.now), []
    if Scope.ALL in opened.access.scopes(Section.FAMILY):
        people += [_relative(r, today) for r in close_family(opened.dossier, today)[:FAMILY_SHOWN]]
    if opened.access.scopes(Section.BASE) and not place_hidden(opened.access, opened.dossier):
        people += _professionals(opened.dossier, today, without=opened.who.person_id)
    return people


def close_family(dossier: Dossier, today: date) -> list[Relationship]:
    """Who cares for the child now or is trusted by it: holders of a legal role, the household's adults."""
    roles = classifiers().legal_roles
    found = []
    for relationship in dossier.relationships:
        cares = any(roles[r.role].gives_access and r.covers(today) for r in relationship.legal_roles)
        adult = relationship.birth_date is None or today.year - relationship.birth_date.year >= 18
        if cares or relationship.kind == "trusted_person" or (adult and lives_together(relationship, today)):
            found.append((not cares, relationship))
    return [relationship for _, relationship in sorted(found, key=lambda pair: pair[0])]


def lives_together(relationship: Relationship, today: date) -> bool:
    """Whether the person lives in the child's household now."""
    return any(period.covers(today) for period in relationship.household)


def domain_of(institution_type: str) -> tuple[str | None, str]:
    """The colour and icon of an institution's domain; a building where it has none of the five."""
    key = classifiers().institution_types[institution_type].domain
    domain = next((domain for domain in DOMAINS if domain.key == key), None)
    return (domain.key, domain.icon) if domain else (None, "building-community")


def title_of(person: Professional) -> str:
    """The name of the position held."""
    return classifiers().positions[person.title].label(language()) if person.title else ""


def _relative(relationship: Relationship, today: date) -> InvolvedPerson:
    words = [classifiers().relationship_kinds[relationship.kind].label(language())]
    if lives_together(relationship, today):
        words.append(gettext("lives together"))
    return InvolvedPerson(
        relationship.name, ", ".join(words), None, "heart", relationship.phone or None, relationship.email or None
    )


def _professionals(dossier: Dossier, today: date, *, without: str) -> list[InvolvedPerson]:
    """Each person once, in the part that says most: team, responsible. The manager stands in the head of the page."""
    seen: dict[str, InvolvedPerson] = {}
    manager = dossier.case_manager.person_id if dossier.case_manager else ""
    for person, function in _in_order(dossier, today):
        if person.role_id not in seen and person.person_id not in (without, manager):
            color, icon = domain_of(person.institution_type)
            words = ", ".join(part for part in (title_of(person), person.institution_name) if part)
            seen[person.role_id] = InvolvedPerson(
                person.name, words, color, icon, person.phone or None, person.email or None, function
            )
    return list(seen.values())


def _in_order(dossier: Dossier, today: date) -> Iterator[tuple[Professional, str]]:
    if dossier.family_case_manager:
        yield dossier.family_case_manager, gettext("Family's case manager")
    for member in dossier.team:
        if member.since <= today and (member.to is None or today <= member.to):
            yield member, member.function
    for involvement in dossier.involvements:
        if involvement.since <= today and (involvement.to is None or today <= involvement.to):
            kind = classifiers().involvement_kinds[involvement.kind].label(language())
            for person in involvement.responsible:
                if person.since <= today and (person.to is None or today <= person.to):
                    yield person, gettext("stands in") if person.substitute_for else kind
