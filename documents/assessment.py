"""A risk assessment (riska novērtējums): with which tool, by whom, when; facts kept apart from their evaluation.

Facts, reasoning and conclusions are sealed in one ciphertext; the steps chosen and the common levels stand open,
because every page of the dossier that shows the needs triangle reads them.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from documents.event import Earlier, Withdrawal
from documents.involvement import Professional
from documents.model import Day, Model, Sealed


class AssessmentContent(Model):
    """What is sealed: the summary (conclusions, strengths, recommendations) and the content (facts, reasoning)."""

    conclusions: str
    strengths: str = ""
    recommendations: str = ""
    facts: dict[str, str] = Field(default_factory=dict)  # code of the question → answer
    reasons: dict[str, str] = Field(default_factory=dict)  # code of the risk → why this step


class Assessment(Model):
    """One completed assessment. `steps` are on the tool's own scale, `levels` 0–4 per factor as read at completion."""

    SECRECY: ClassVar[str] = "assessment"  # the class of its data keys

    id: str
    tool: str  # classifier assessment_tools: the tool with its version
    domain: str
    day: Day
    steps: dict[str, str] = Field(default_factory=dict)  # code of the risk → code of the step
    levels: dict[str, int] = Field(default_factory=dict)  # code of the factor → the highest common level given it
    sealed: Sealed = b""  # AssessmentContent; empty only before it is written
    confidentiality: str = "standard"
    named_people: list[str] = Field(default_factory=list)  # person ids who may read a restricted one
    recorded_by: Professional
    institution_id: str
    institution_name: str
    recorded_at: datetime
    version: int = 1
    earlier: list[Earlier] = Field(default_factory=list)
    withdrawn: Withdrawal | None = None
