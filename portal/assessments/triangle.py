"""The needs triangle as a page shows it: two pictures, what needs attention, all factors, what nobody assessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from auth.access import Opened
from auth.matrix import Scope
from auth.permissions import Section
from documents.classifiers import classifiers
from documents.dossier import Dossier
from documents.model import day_of
from portal.assessments.combined import FactorState, Voice, factor_states, to_attend
from portal.assessments.seen import Seen
from portal.assessments.words import level_word, steps_by_factor, tool_name, trend_word
from portal.formats import date_text
from portal.pictures.risks import spark
from portal.pictures.triangle import Node, Texts, small_triangle, wide_triangle
from portal.translations import gettext, language

Steps = Mapping[str, Mapping[str, str]]  # by assessment and factor: what the tool itself said


class Word(NamedTuple):
    """What one tool said of a factor: on its own scale and as a common level, by whom, when."""

    href: str
    tool: str
    steps: str
    level: int
    word: str
    by: str
    institution: str
    day: date


class FactorRow(NamedTuple):
    """A factor in the table and in the list of what needs attention."""

    code: str
    number: int
    name: str
    level: int | None
    word: str
    trend: str
    said: Word | None
    others: tuple[Word, ...]
    last: Word | None
    spark: Markup
    need: str


@dataclass(frozen=True, slots=True)
class Triangle:
    """Everything the panel needs; `partly` where some assessments' levels are not for this reader."""

    wide: Markup
    small: Markup
    sides: tuple[tuple[str, tuple[FactorRow, ...]], ...]
    attend: tuple[FactorRow, ...]
    not_assessed: tuple[str, ...]
    partly: bool
    any: bool = field(default=True)


def triangle_of(opened: Opened, seen: Sequence[Seen]) -> Triangle:
    """Put the triangle together from the assessments whose levels the reader sees."""
    today, dossier = day_of(opened.now), opened.dossier
    states = factor_states((one.assessment for one in seen if one.told), today)
    needs = _needs(dossier) if Scope.ALL in opened.access.scopes(Section.BASE) else {}
    steps = {one.assessment.id: steps_by_factor(one.assessment) for one in seen if one.told}
    rows = {state.factor.code: _row(dossier.id, state, steps, needs) for state in states}
    known, lang = classifiers(), language()
    sides = sorted(known.factor_sides.values(), key=lambda side: side.order)
    order = [side.code for side in sides]
    nodes = tuple(_node(state, order.index(state.factor.side), rows[state.factor.code], lang) for state in states)
    left, right, bottom = (side.label(lang) for side in sides)
    named = opened.access.scopes(Section.BASE)
    texts = Texts(
        gettext("Needs triangle, %(date)s") % {"date": date_text(today)},
        _description(states, lang),
        dossier.child.given_name if named else dossier.child.initials,
        (left, right, bottom),
    )
    return Triangle(
        wide=wide_triangle(nodes, texts),
        small=small_triangle(nodes, texts),
        sides=tuple(
            (side.label(lang), tuple(rows[s.factor.code] for s in states if s.factor.side == side.code))
            for side in sides
        ),
        attend=tuple(rows[state.factor.code] for state in to_attend(states)),
        not_assessed=tuple(state.factor.label(lang) for state in states if state.level is None),
        partly=any(not one.told for one in seen),
        any=any(state.level is not None for state in states),
    )


def _node(state: FactorState, side: int, row: FactorRow, lang: str) -> Node:
    words = tuple(part for part in (row.word, row.trend if state.level else "") if part)
    return Node(state.factor.number, side, state.factor.lines(lang), state.level, words)


def _row(dossier_id: str, state: FactorState, steps: Steps, needs: Mapping[str, str]) -> FactorRow:
    factor, counts = state.factor, state.counts
    history = counts.history if counts else ()

    def word(voice: Voice) -> Word:
        return _word(dossier_id, voice, steps[voice.assessment.id].get(factor.code, ""))

    return FactorRow(
        code=factor.code,
        number=factor.number,
        name=factor.label(language()),
        level=state.level,
        word=level_word(state.level),
        trend=trend_word(counts.trend) if counts else "",
        said=word(counts) if counts else None,
        others=tuple([word(other) for other in state.others]),
        last=word(state.last) if state.last else None,
        spark=_spark(history) if state.level else _spark(()),
        need=needs.get(factor.code, ""),
    )


def _spark(history: tuple[int, ...]) -> Markup:
    return _spark_in(language(), history)


@lru_cache(1024)
def _spark_in(_language: str, history: tuple[int, ...]) -> Markup:
    words = ", ".join(level_word(level) for level in history)
    return spark(history, gettext("Trend: %(levels)s") % {"levels": words})


def _word(dossier_id: str, voice: Voice, steps: str) -> Word:
    assessment = voice.assessment
    return Word(
        href=f"/dossiers/{dossier_id}/assessments/{assessment.id}",
        tool=tool_name(assessment),
        steps=steps,
        level=voice.level,
        word=level_word(voice.level),
        by=assessment.recorded_by.name,
        institution=assessment.institution_name,
        day=assessment.day,
    )


def _needs(dossier: Dossier) -> dict[str, str]:
    """The open needs by the factor they belong to: risks and needs in one frame."""
    kinds, found = classifiers().need_kinds, dict[str, list[str]]()
    for need in dossier.needs:
        if need.met_at is None:
            found.setdefault(kinds[need.kind].factor, []).append(kinds[need.kind].label(language()))
    return {factor: ", ".join(names) for factor, names in found.items()}


def _description(states: Sequence[FactorState], lang: str) -> str:
    """The picture in words: factors by level, the highest first."""
    parts = []
    for level in (4, 3, 2, 1, 0, None):
        names = [state.factor.label(lang) for state in states if state.level == level]
        if names:
            parts.append(f"{level_word(level).capitalize()}: {', '.join(names)}.")
    return " ".join([*parts, gettext("The nearer to the middle, the higher the risk.")])
