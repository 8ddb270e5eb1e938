"""One dossier per child (bērna profils): everything read together is kept together in one document."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import Field

from documents.assessment import Assessment
from documents.child import BaseField, Child
from documents.event import Event, RecentChange
from documents.family import Relationship
from documents.involvement import (
    Assignment,
    CaseManager,
    GroupSeat,
    Involvement,
    NamedManager,
    Professional,
    TeamMember,
)
from documents.joining import JoinNote
from documents.model import Day, Model, Sealed
from documents.plan import Meeting, Plan

# Beyond this many embedded events the oldest move to `dossier_archive` (quality.md: cap, ~500).
EVENTS_KEPT = 500
RECENT_KEPT = 20
# A dossier holds this many assessments; a further one is refused (docs/decisions/0070).
ASSESSMENTS_KEPT = 100


class LevelChange(Model):
    """A prevention level (prevencijas līmenis) set by a person with a reason; the history is kept."""

    level: int
    at: datetime
    by: Professional | None = None
    reason: str = ""  # classifier level_change_reasons
    words: str = ""
    legal_basis: str = ""


class Need(Model):
    """A need somebody identified: it opens the dossier."""

    id: str
    kind: str  # classifier need_kinds
    description: str
    level: int
    legal_basis: str
    identified_at: datetime
    by: Professional
    met_at: datetime | None = None


class Grant(Model):
    """Consent to read certain sections, for a purpose, until a moment."""

    id: str
    role_id: str
    person_id: str
    to: Professional | None = None  # who that is, for those who read the list
    sections: list[str]
    sensitive: bool = False
    entries_of: str | None = None  # the institution whose entries alone it opens
    purpose: str
    legal_basis: str
    since: datetime
    until: datetime
    revoked_at: datetime | None = None
    revoked_by: Professional | None = None
    decided_by: Professional
    request_id: str | None = None


class Denial(Model):
    """Somebody who may not see this dossier, whatever else gives access."""

    id: str
    person_id: str
    name: str = ""
    reason: str
    since: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: Professional | None = None
    decided_by: Professional
    call: str = ""  # whom to call instead
    reviewed_at: datetime | None = None
    reviewed_by: Professional | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it holds now: begun, not lifted, not over."""
        return self.since <= now and self.lifted_at is None and (self.until is None or self.until > now)


class Review(Model):
    """What the case manager, or the head above, says of an emergency access."""

    at: datetime
    by: Professional
    as_head: bool
    justified: bool
    words: str


class Emergency(Model):
    """Emergency access: 24 h, with ground and reason, told at once, reviewed; the first review ends it."""

    id: str
    role_id: str
    person_id: str
    by: Professional | None = None
    ground: str = ""  # classifier purposes
    legal_basis: str = ""
    reason: str
    since: datetime
    until: datetime
    event_id: str | None = None  # the entry that says what was done
    reviews: list[Review] = Field(default_factory=list)
    reviewed_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it gives access now."""
        return self.since <= now < self.until and (self.reviewed_at is None or now < self.reviewed_at)

    def reviewed_as(self, *, head: bool) -> bool:
        """Whether that side has reviewed it: the head, or the case manager; one told as reviewed counts as both."""
        return any(review.as_head is head for review in self.reviews) or (
            self.reviewed_at is not None and not self.reviews
        )


class Reader(Model):
    """One key that reaches this dossier, with its relation and window; derived, never edited by hand."""

    key: str
    relation: str
    since: datetime
    until: datetime


class Summary(Model):
    """„Kas notiek”: what matters now in a few sentences, by whom and when."""

    text: str
    strengths: str = ""
    at: datetime
    by: Professional
    version: int = 1


class Dossier(Model):
    """The dossier. A child of level 1 has base data only and `opened` is absent: nobody can open it."""

    id: str = Field(alias="_id")
    child: Child
    municipality: str = ""  # ATVK code of the declared residence
    base: dict[str, BaseField] = Field(default_factory=dict)
    protected_address: Sealed | None = None
    protected_residence: Sealed | None = None  # where a protected child really lives, as people who work with it say
    protected_from: list[str] = Field(default_factory=list)  # person ids
    relationships: list[Relationship] = Field(default_factory=list)
    involvements: list[Involvement] = Field(default_factory=list)
    case_manager: CaseManager | None = None
    next_manager: NamedManager | None = None  # named by a head, takes over by accepting
    family_case_manager: CaseManager | None = None
    team: list[TeamMember] = Field(default_factory=list)
    group: list[GroupSeat] = Field(default_factory=list)
    assignments: list[Assignment] = Field(default_factory=list)
    opened: datetime | None = None
    level: int = 1
    levels: list[LevelChange] = Field(default_factory=list)
    needs: list[Need] = Field(default_factory=list)
    summary: Summary | None = None
    plans: list[Plan] = Field(default_factory=list)  # versions of the support plan, the oldest first
    meeting: Meeting | None = None  # the next one about the plan
    meetings_set: int = 0  # how often one was set or called off: the version its form carries
    doers: list[str] = Field(default_factory=list)  # keys of those with an open task in force
    events: list[Event] = Field(default_factory=list)
    assessments: list[Assessment] = Field(default_factory=list)
    writers: list[str] = Field(default_factory=list)  # role ids that ever recorded an entry
    addressees: list[str] = Field(default_factory=list)  # institution ids an entry was ever sent to
    archived: int = 0  # events that overflowed to the archive
    recent: list[RecentChange] = Field(default_factory=list)
    grants: list[Grant] = Field(default_factory=list)
    denials: list[Denial] = Field(default_factory=list)
    emergencies: list[Emergency] = Field(default_factory=list)
    readers: list[Reader] = Field(default_factory=list)
    family_ids: list[str] = Field(default_factory=list)  # parents, carers, relatives: the own-family rule
    answering: list[str] = Field(default_factory=list)  # keys of who answers for the case, and of the heads above
    unanswered: list[str] = Field(default_factory=list)  # institutions at work that named nobody responsible for good
    touched: datetime | None = None  # when somebody at work last recorded something
    due: Day | None = None  # the first day an open task of the plan in force is due
    as_of: Day | None = None  # date of the newest population extract applied
    joins: list[JoinNote] = Field(default_factory=list)  # history of joins, the newest last
    joined_into: str | None = None  # a tombstone: what stood here is in that dossier now
    revision: int = 1
    erased: datetime | None = None

    @property
    def joined_ids(self) -> list[str]:
        """The provisional dossiers whose content is in this one now."""
        return [n.other for n in self.joins if n.undone_at is None and n.other not in (self.id, self.joined_into)]

    @property
    def short_id(self) -> str:
        """What people call the dossier by in titles and letters: never the name."""
        return self.id[-5:].upper()


class DossierDocument(Document, Dossier):
    """The dossier as Beanie stores it."""

    id: str  # type: ignore[assignment]

    class Settings:
        """Collection."""

        name = "dossiers"
        keep_nulls = False


class ArchiveBucket(Model):
    """The oldest events of an outlier dossier, up to 500 a bucket, read through the same functions."""

    SIZE: ClassVar[int] = 500

    id: str = Field(alias="_id")  # "<dossier id>:<number>"
    dossier_id: str
    number: int
    newest: Day
    oldest: Day
    events: list[dict[str, Any]] = Field(default_factory=list)
