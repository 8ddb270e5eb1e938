"""The family map of a dossier: relationships become people, couples, descents and ties."""

from collections.abc import Sequence
from datetime import date

from documents.child import Child
from documents.classifiers import classifiers
from documents.family import Relationship
from portal.dossier.people import lives_together
from portal.family.rules import FULL_SIBLINGS, PARENT_KINDS, Shown, Visible
from portal.formats import age_text
from portal.pictures.family import Descent, Family, Household, Person, Tie, Union
from portal.pictures.family.people import Sex
from portal.translations import gettext, language

CHILD = "child"
HOME = "home"
SEXES: dict[str, Sex] = {"f": "female", "m": "male"}
CARE_KINDS = {"foster_carer", "guardian"}
OWN_CHILDREN = {"daughter", "son"}
PARTNERS = {"parents_partner", "parents_ex_partner"}
_GENERATION_YEARS = 22  # a guess for somebody of whom only the age is known


def family_of(child: Child, visible: Sequence[Visible], today: date, *, judged: bool) -> Family:
    """Return what is drawn. `judged`: with the words of professionals on who is close or tense."""
    people = {v.relationship.id: v for v in visible}
    relationships = [v.relationship for v in visible]
    return Family(
        people=(_child(child, today), *(_person(v, child, today) for v in visible)),
        unions=tuple(_union(r) for r in relationships if r.partner_of in people),
        descents=tuple(_descents(relationships, set(people))),
        ties=tuple(_ties(relationships, today, judged=judged)),
        households=(Household(HOME, gettext("Live together")),) if _share_a_home(visible, today) else (),
    )


def _child(child: Child, today: date) -> Person:
    age = age_text(child.birth_date, today)
    return Person(
        CHILD, child.initials, child.given_name, SEXES.get(child.sex, "unknown"), 0, age, is_child=True, household=HOME
    )


def _person(visible: Visible, child: Child, today: date) -> Person:
    relationship = visible.relationship
    kind = classifiers().relationship_kinds[relationship.kind]
    words = [kind.label(language())]
    if relationship.birth_date and visible.shown > Shown.NAME_AND_ROLE:
        words.append(age_text(relationship.birth_date, today))
    at_home = visible.shown > Shown.NAME_AND_ROLE and lives_together(relationship, today)
    sex = relationship.sex or kind.sex
    return Person(
        id=relationship.id,
        initials="".join(part[:1] for part in relationship.name.split()[:2]).upper() or "?",
        name=relationship.name or gettext("not known"),
        sex=SEXES.get(sex, "unknown"),
        generation=_generation(relationship, kind.generation, child),
        caption=", ".join(words),
        household=HOME if at_home else None,
    )


def _generation(relationship: Relationship, from_child: int | None, child: Child) -> int:
    """How many generations above the child; where the kind does not say, judged by age."""
    if from_child is not None:
        return -from_child
    if relationship.birth_date is None:
        return 1
    older = child.birth_date.year - relationship.birth_date.year
    return 0 if older < _GENERATION_YEARS // 2 else 1 if older < _GENERATION_YEARS * 2 else 2


def _union(relationship: Relationship) -> Union:
    """A couple; since when is said where the relationship began with it."""
    caption = ""
    if relationship.kind in PARTNERS and relationship.since and not relationship.partner_ended:
        caption = gettext("since %(year)s") % {"year": relationship.since.year}
    return Union(
        relationship.id,
        relationship.partner_of or "",
        kind="together" if relationship.kind in PARTNERS else "married",
        ended=relationship.partner_ended,
        caption=caption,
    )


def _descents(relationships: Sequence[Relationship], known: set[str]) -> list[Descent]:
    parents = tuple(r.id for r in relationships if r.kind in PARENT_KINDS)
    carers = tuple(r.id for r in relationships if r.kind in CARE_KINDS)
    found = [Descent(CHILD, parents)] if parents else []
    found += [Descent(CHILD, carers, "care")] if carers else []
    for relationship in relationships:
        above = tuple(parent for parent in relationship.parent_ids if parent in known)
        if above:
            found.append(Descent(relationship.id, above))
        elif relationship.kind in FULL_SIBLINGS and parents:
            found.append(Descent(relationship.id, parents))
        elif relationship.kind in OWN_CHILDREN:
            found.append(Descent(relationship.id, (CHILD,)))
    return found


def _ties(relationships: Sequence[Relationship], today: date, *, judged: bool) -> list[Tie]:
    words = {"close": gettext("very close"), "tense": gettext("tense")}
    ties = []
    for relationship in relationships:
        if judged and relationship.closeness in words:
            kind = relationship.closeness
            ties.append(Tie(relationship.id, CHILD, kind, words[kind]))  # type: ignore[arg-type]
        elif relationship.kind not in PARENT_KINDS | CARE_KINDS and _cares(relationship, today):
            ties.append(Tie(relationship.id, CHILD, "cares", gettext("takes care")))
    return ties


def _cares(relationship: Relationship, today: date) -> bool:
    roles = classifiers().legal_roles
    return any(
        (roles[r.role].gives_access or r.role == "actual_care") and r.covers(today) for r in relationship.legal_roles
    )


def _share_a_home(visible: Sequence[Visible], today: date) -> bool:
    return any(v.shown > Shown.NAME_AND_ROLE and lives_together(v.relationship, today) for v in visible)
