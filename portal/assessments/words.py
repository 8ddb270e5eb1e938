"""Levels, trends and steps in words."""

from collections.abc import Mapping

from documents.assessment import Assessment
from documents.classifiers import classifiers
from portal.translations import N_, gettext, language

LEVELS: Mapping[int | None, str] = {
    0: N_("no risk"),
    1: N_("low risk"),
    2: N_("medium risk"),
    3: N_("high risk"),
    4: N_("very high risk"),
    None: N_("not assessed"),
}
TRENDS = {"": "", "worse": N_("getting worse"), "same": N_("unchanged"), "better": N_("getting better")}


def level_word(level: int | None) -> str:
    """The common level in a word."""
    return gettext(LEVELS[level])


def trend_word(trend: str) -> str:
    """The trend in a word; empty for a first assessment."""
    return gettext(TRENDS[trend]) if trend else ""


def tool_name(assessment: Assessment) -> str:
    """The name of the tool."""
    return classifiers().assessment_tools[assessment.tool].label(language())


def steps_by_factor(assessment: Assessment) -> dict[str, str]:
    """What the tool itself said of each factor, on its own scale: the original stands beside the common level."""
    known, lang, said = classifiers(), language(), dict[str, list[str]]()
    for code, step in assessment.steps.items():
        risk = known.tool_risks[code]
        said.setdefault(risk.factor, []).append(f"{risk.label(lang)}: {known.tool_steps[step].label(lang)}")
    return {factor: "; ".join(steps) for factor, steps in said.items()}
