"""Institutions at work for a child and, in them, the named people responsible."""

from datetime import datetime

from pydantic import Field

from documents.model import Day, Model


class Professional(Model):
    """A named person in one role, with the contact others need; copied from `people` for the one read."""

    role_id: str
    person_id: str
    name: str
    title: str = ""  # position code
    institution_id: str
    institution_name: str
    institution_type: str
    unit_id: str | None = None
    phone: str = ""
    email: str = ""


class Responsible(Professional):
    """The responsible specialist of an involvement, or a substitute with dates."""

    since: Day
    to: Day | None = None
    substitute_for: str | None = None  # role_id of whom this person stands in for


class Involvement(Model):
    """An institution at work for the child: it may name who is responsible, and gives nobody else anything."""

    id: str
    kind: str  # classifier involvement_kinds
    institution_id: str
    institution_name: str
    institution_type: str
    since: Day
    to: Day | None = None
    responsible: list[Responsible] = Field(default_factory=list)
    source: str = "atbalsts"
    as_of: Day | None = None
    version: int = 1


class CaseManager(Professional):
    """The one case manager of the child (or the family's), from the moment of acceptance."""

    since: datetime
    accepted: bool = True


class NamedManager(Professional):
    """Who was asked to lead the case and has not answered yet: until then nothing changes for anybody."""

    named_at: datetime
    named_by: Professional


class TeamMember(Professional):
    """A specialist on the case team, with a function."""

    function: str
    since: Day
    to: Day | None = None
    sees_sensitive: bool = False  # named by the case manager for sensitive entries
    why: str = ""  # what for, in words the family reads too


class GroupSeat(Professional):
    """A member of the cooperation group invited to a meeting with the child on its agenda; until 30 days after it."""

    meeting_id: str
    since: datetime
    until: datetime


class Assignment(Professional):
    """Authority for one function on this child: an expert's assessment, a court case, an audit."""

    id: str
    function: str  # classifier assigned_functions
    since: datetime
    until: datetime
    done_at: datetime | None = None
    assigned_by: Professional | None = None
    reference: str = ""  # the number of the matter it is for
