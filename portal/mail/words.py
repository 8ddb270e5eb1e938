"""What a mail may say: for professionals the sort of notice in general words; for families only that there is one."""

from dataclasses import dataclass
from enum import StrEnum

from portal.translations import N_, Language, translations


class Sort(StrEnum):
    """How a notice is spoken of outside: words that would be the same for any child, and for none."""

    WAITS = N_("Something waits for you to read, answer or decide.")
    ANSWERED = N_("You have an answer.")
    NEWS = N_("There is news in your work.")
    FAMILY = N_("There is something new for you.")


SUBJECT = N_("Something new in Atbalsts")
GREETING = N_("Hello!")
SIGN_IN = N_("Sign in to read it:")
NO_MORE = N_(
    "More is not said here on purpose: mail can be read by others. Please do not answer this mail; nobody reads it."
)

WAITING = frozenset(
    (
        *("report_to_decide", "report_told", "access_asked", "access_denied", "emergency_opened"),
        *("manager_named", "plan_proposed", "task_given", "question_asked", "message_from_family"),
    )
)
ANSWERS = frozenset(
    (
        *("report_acknowledged", "report_decided", "report_passed_on", "access_decided"),
        *("manager_accepted", "manager_declined"),
        *("plan_answered", "task_reported", "emergency_reviewed", "question_answered"),
    )
)


@dataclass(frozen=True)
class Text:
    """Subject and text of a mail."""

    subject: str
    body: str


def sort_of(change: str, *, family: bool) -> Sort:
    """The sort of a notice. What a family gets may be read by whoever shares the mailbox: it is one sort."""
    if family:
        return Sort.FAMILY
    if change in WAITING:
        return Sort.WAITS
    return Sort.ANSWERED if change in ANSWERS else Sort.NEWS


def languages_for(language: str) -> tuple[Language, ...]:
    """The receiver's language where we speak it; Latvian where none is known; both for a third one."""
    if language == "en":
        return ("en",)
    return ("lv",) if language in ("", "lv") else ("lv", "en")


def text_of(sort: Sort, language: str, address: str) -> Text:
    """Subject and text for a receiver of this language; `address` is where the notices are read."""
    spoken = [translations(each).gettext for each in languages_for(language)]
    parts = [f"{say(GREETING)}\n\n{say(sort.value)}\n\n{say(SIGN_IN)}\n{address}\n\n{say(NO_MORE)}\n" for say in spoken]
    return Text(" / ".join(say(SUBJECT) for say in spoken), "\n--\n\n".join(parts))
