"""Before saving: who will read the assessment, and how much – by the very function that decides it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auth.access import Opened
from auth.assessments import Shown, shower
from auth.policy import access_now
from documents.assessment import Assessment
from documents.classifiers import classifiers
from documents.model import day_of
from portal.assessments.tool import Tool
from portal.events.rules import many, one
from portal.events.visibility import as_who, professionals_of
from portal.translations import gettext, language


@dataclass(frozen=True)
class Reader:
    """One person who will read the assessment, and how much of it."""

    name: str
    title: str
    institution_name: str
    domain: str
    shown: Shown

    @property
    def much(self) -> str:
        """How much, in a word or two."""
        if Shown.CONTENT in self.shown:
            return gettext("reads all of it")
        if Shown.SUMMARY in self.shown:
            return gettext("reads levels, conclusions and recommendations")
        return gettext("sees the levels") if Shown.LEVELS in self.shown else gettext("sees that it exists")


def provisional(opened: Opened, tool: Tool, values: Mapping[str, Sequence[str]]) -> Assessment:
    """The assessment as it would be saved now, as far as rights ask."""
    writer = opened.who.as_professional()
    return Assessment(
        id="",
        tool=tool.row.code,
        domain=tool.row.domain,
        day=day_of(opened.now),
        confidentiality=one(values, "confidentiality") or "standard",
        named_people=sorted({*many(values, "named_people"), writer.person_id}),
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=opened.now,
    )


def who_will_read(opened: Opened, assessment: Assessment) -> list[Reader]:
    """Return the professionals who will read it, most first, without whoever writes. No family reads any."""
    dossier, now, known, lang = opened.dossier, opened.now, classifiers(), language()
    readers: dict[str, Reader] = {}
    for person in professionals_of(dossier):
        if person.role_id == opened.who.as_professional().role_id or person.role_id in readers:
            continue
        who = as_who(person)
        shown = shower(who, access_now(who, dossier, now), dossier, day_of(now))(assessment)
        if shown:
            title = known.positions[person.title].label(lang) if person.title else ""
            domain = known.institution_types[person.institution_type].domain
            readers[person.role_id] = Reader(person.name, title, person.institution_name, domain, shown)
    return sorted(readers.values(), key=lambda reader: -reader.shown)
