"""What the head of every dossier page shows: who the child is, who manages the case, what is urgent."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from portal.translations import N_, gettext

Sex = Literal["female", "male", "unknown"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A professional and the ways to reach them; None where not known or not to be shown."""

    name: str
    initials: str
    institution: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something nobody who opens the dossier may miss: a short statement, details, where to act."""

    kind: Literal["danger", "warning"]
    title: str
    detail: str = ""
    href: str | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A section of the dossier; `count` stands beside its name."""

    key: str
    name: str
    href: str
    icon: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChildHeader:
    """The child's band. `age` is text ("12 gadi"), `school` a clause ("mācās 6.b klasē …") or None.

    Who may know of the existence only sees initials and the birth year: no `age`, no `birth_date`.
    `number` is the short number shown in titles instead of the name; `level` is None before a need is identified.
    """

    id: str
    number: str
    name: str
    initials: str
    sex: Sex
    age: str
    birth_year: int
    birth_date: date | None
    approximate: bool = False  # the birth date is not known exactly
    school: str | None = None
    level: Literal[1, 2, 3, 4] | None = None
    level_since: date | None = None
    case_manager: Contact | None = None
    alerts: tuple[Alert, ...] = ()
    tabs: tuple[Tab, ...] = field(default=())


# Key (also the last part of the address), name, icon.
_TABS: Final = (
    ("overview", N_("Overview"), "layout-dashboard"),
    ("timeline", N_("Life course"), "timeline-event"),
    ("assessments", N_("Risks and needs"), "triangle"),
    ("plan", N_("Plan and tasks"), "flag"),
    ("family", N_("Family and contacts"), "users"),
    ("documents", N_("Documents"), "file-text"),
    ("decisions", N_("Decisions"), "gavel"),
    ("team", N_("Team"), "users"),
    ("messages", N_("Messages"), "message-circle"),
    ("access-log", N_("Who looked"), "eye"),
    ("naming", N_("Who is responsible"), "users"),
)


def dossier_tabs(dossier_id: str, counts: dict[str, int], visible: set[str] | None = None) -> tuple[Tab, ...]:
    """The sections a reader may open (all when `visible` is None), named in the language spoken now."""
    return tuple(
        Tab(key, gettext(name), _address(dossier_id, key), icon, counts.get(key))
        for key, name, icon in _TABS
        if visible is None or key in visible
    )


def _address(dossier_id: str, key: str) -> str:
    return f"/dossiers/{dossier_id}" if key == "overview" else f"/dossiers/{dossier_id}/{key}"
