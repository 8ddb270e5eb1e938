"""The levels of the twenty factors put together from all assessments a reader sees (docs/decisions/0070).

Each tool speaks by the newest of its assessments that evaluated the factor, for a year; of the tools that speak the
highest level counts. No total is made. A trend compares a tool with itself only.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from documents.assessment import Assessment
from documents.classifiers import Factor, classifiers

SPEAKS_FOR = timedelta(days=365)
Trend = Literal["", "worse", "same", "better"]


class Voice(NamedTuple):
    """What one tool says of a factor: its newest assessment of it, and its levels over time, the newest last."""

    assessment: Assessment
    level: int
    history: tuple[int, ...]

    @property
    def trend(self) -> Trend:
        """Against the same tool's word before; none for a first word."""
        if len(self.history) < 2:
            return ""
        before, now = self.history[-2:]
        return "worse" if now > before else "better" if now < before else "same"


class FactorState(NamedTuple):
    """A factor now. `counts` is the voice whose level stands in the triangle; none where nobody speaks now.

    `others` are the further tools that speak, the highest first; `last` is the newest word where it is too old.
    """

    factor: Factor
    counts: Voice | None
    others: tuple[Voice, ...] = ()
    last: Voice | None = None

    @property
    def level(self) -> int | None:
        """The common level 0–4; none: not assessed."""
        return self.counts.level if self.counts else None


def factor_states(assessments: Iterable[Assessment], today: date) -> list[FactorState]:
    """Return the twenty factors in their order, from the assessments whose levels the reader sees; withdrawn ones
    say nothing."""
    told = sorted((a for a in assessments if a.withdrawn is None), key=lambda a: (a.day, a.recorded_at))
    by_factor: dict[str, dict[str, list[Assessment]]] = {}
    for assessment in told:
        tool = classifiers().assessment_tools[assessment.tool].tool
        for factor in assessment.levels:
            by_factor.setdefault(factor, {}).setdefault(tool, []).append(assessment)
    factors = sorted(classifiers().factors.values(), key=lambda factor: factor.number)
    return [_state(factor, list(by_factor.get(factor.code, {}).values()), today) for factor in factors]


def to_attend(states: Sequence[FactorState], least: int = 3) -> list[FactorState]:
    """Factors that need attention: high and very high ones, the highest first."""
    return sorted((s for s in states if (s.level or 0) >= least), key=lambda s: (-(s.level or 0), s.factor.number))


def _state(factor: Factor, series: list[list[Assessment]], today: date) -> FactorState:
    voices = [_voice(factor.code, told) for told in series]
    # The highest level; among equal ones the newest word.
    voices.sort(key=lambda voice: (voice.level, voice.assessment.day), reverse=True)
    speaking = [voice for voice in voices if today - voice.assessment.day <= SPEAKS_FOR]
    if speaking:
        return FactorState(factor, speaking[0], tuple(speaking[1:]))
    return FactorState(factor, None, last=max(voices, key=lambda voice: voice.assessment.day, default=None))


def _voice(factor: str, told: list[Assessment]) -> Voice:
    return Voice(told[-1], told[-1].levels[factor], tuple(each.levels[factor] for each in told))
