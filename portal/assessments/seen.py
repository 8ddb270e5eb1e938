"""The assessments as one person sees them: worked out once a page."""

from typing import NamedTuple

from auth.access import Opened
from auth.assessments import OVERVIEW, Shown, shower
from documents.assessment import Assessment
from documents.model import day_of


class Seen(NamedTuple):
    """An assessment and what of it the person sees: never nothing."""

    assessment: Assessment
    shown: Shown

    @property
    def told(self) -> bool:
        """Whether its levels are shown, so that it speaks in the triangle."""
        return OVERVIEW in self.shown


def seen_assessments(opened: Opened) -> list[Seen]:
    """Return the assessments the person sees, the newest first. What they do not see is simply not there."""
    if not opened.dossier.assessments:
        return []
    show = shower(opened.who, opened.access, opened.dossier, day_of(opened.now))
    seen = [Seen(each, shown) for each in opened.dossier.assessments if (shown := show(each))]
    return sorted(seen, key=lambda one: (one.assessment.day, one.assessment.recorded_at), reverse=True)
