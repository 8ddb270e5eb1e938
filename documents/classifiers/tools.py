"""Assessment tools (novērtēšanas instrumenti) as data: parts, questions about facts, named risks, scales, crosswalk.

A version that was used stays in the files with its last day, so that an old assessment reads as it was made.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from documents.classifiers.cells import Codes, Domain, Text, YesNo
from documents.classifiers.row import Row

Order = Annotated[int, Field(ge=1)]


class AssessmentTool(Row):
    """One version of a tool: whose it is, what it is for, and the source its items come from."""

    references: ClassVar[dict[str, str]] = {"domain": "domains", "institution_types": "institution_types"}

    tool: str
    version: Order
    domain: Domain
    institution_types: Codes
    about_lv: Text
    about_en: Text
    source_lv: Text
    source_en: Text

    def about(self, language: str) -> str:
        """What to know before filling it in."""
        return self.about_en if language == "en" else self.about_lv

    def source(self, language: str) -> str:
        """Where its items come from."""
        return self.source_en if language == "en" else self.source_lv


class _Hinted(Row):
    hint_lv: Text = ""
    hint_en: Text = ""

    def hint(self, language: str) -> str:
        """The hint that stands under the name."""
        return self.hint_en if language == "en" else self.hint_lv


class ToolPart(_Hinted):
    """A part of a tool's form: a stage, a category."""

    references: ClassVar[dict[str, str]] = {"tool": "assessment_tools"}

    tool: str
    order: Order


class ToolStep(Row):
    """A step of a tool's own scale, and the common level 0–4 it is read as (crosswalk)."""

    scale: str
    order: Order
    level: Annotated[int, Field(ge=0, le=4)]


class ToolRisk(Row):
    """A named risk that facts are evaluated against, on a scale; the factor of the triangle it speaks about."""

    references: ClassVar[dict[str, str]] = {"part": "tool_parts", "factor": "factors"}

    part: str
    order: Order
    factor: str
    scale: str
    required: YesNo


class ToolQuestion(_Hinted):
    """A question about facts; `nature`: whether they can change. `risk` is the one they are evaluated against."""

    references: ClassVar[dict[str, str]] = {"part": "tool_parts", "risk": "tool_risks"}

    part: str
    risk: str | None = None
    order: Order
    type: Literal["long_text", "number", "yes_no"]
    nature: Literal["static", "dynamic"]
    required: YesNo
