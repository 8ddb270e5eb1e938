"""What is sealed of an assessment, opened for somebody who may read of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from documents.assessment import Assessment, AssessmentContent
from documents.secrecy import Unreadable
from documents.store import Store


@dataclass(frozen=True)
class Content:
    """Summary and content; `readable` is false when the key is gone."""

    said: AssessmentContent = field(default_factory=lambda: AssessmentContent(conclusions=""))
    readable: bool = True


async def read_content(store: Store, assessment: Assessment | Mapping[str, Any]) -> Content:
    """Open an assessment, or an earlier version of one as it was kept."""
    sealed = assessment.sealed if isinstance(assessment, Assessment) else assessment["sealed"]
    try:
        return Content(AssessmentContent.model_validate(await store.secrets.open(sealed)))
    except Unreadable:
        return Content(readable=False)
