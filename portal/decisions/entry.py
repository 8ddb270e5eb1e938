"""The entry of the life course that tells of an issued decision: what was decided, never the reasons."""

from datetime import datetime

from auth.who import Who
from documents.classifiers import classifiers
from documents.decision import CourtDecision
from documents.dossier import Dossier
from documents.event import Event, Withholding
from documents.model import day_of
from documents.store import Store
from portal.events.visibility import AUTOMATIC

_CONTACT = {
    "mother": "mother",
    "adoptive_mother": "mother",
    "father": "father",
    "adoptive_father": "father",
    "brother": "siblings",
    "sister": "siblings",
    "half_brother": "siblings",
    "half_sister": "siblings",
    "grandmother": "grandparents",
    "grandfather": "grandparents",
}


async def entry_of(store: Store, who: Who, dossier: Dossier, decision: CourtDecision, now: datetime) -> Event:
    """Return the entry, sealed, withheld from those who must not learn the place."""
    writer, known = who.as_professional(), classifiers()
    code = known.contact_rules[decision.contact].event_kind if decision.contact else ""
    kind = known.event_kinds[code or known.decision_kinds[decision.kind].event_kind]
    content = {"detail": "", "fields": _fields(dossier, decision)}
    withheld = [Withholding(audience=f"person:{each}", reason=AUTOMATIC) for each in decision.protect_from]
    if kind.families == "withheld":
        withheld.append(Withholding(audience="family", reason=AUTOMATIC))
    return Event(
        id=str(decision.event_id),
        kind=kind.code,
        domain=kind.domain,
        shape=kind.shape,
        day=day_of(now),
        summary=f"{known.decision_kinds[decision.kind].subject_lv}, Nr. {decision.called}",
        sealed=await store.secrets.seal(content, "sensitive", now.year),
        confidentiality="sensitive",
        addressed_to=decision.addressed_to,
        withheld=withheld,
        recorded_by=writer,
        institution_id=writer.institution_id,
        institution_name=writer.institution_name,
        recorded_at=now,
    )


def _fields(dossier: Dossier, decision: CourtDecision) -> dict[str, str]:
    kinds = [r.kind for r in dossier.relationships if r.id in decision.concerned]
    fields = {"decision_number": decision.called}
    if decision.kind in ("custody_suspended", "custody_renewed"):
        fields["parent_concerned"] = "both_parents" if len(kinds) > 1 else _CONTACT.get(kinds[0], "")
    elif decision.kind == "foster_placement":
        fields |= {"care_form": "foster", "childs_wishes_heard": "yes" if decision.heard else "no"}
    else:
        fields["contact_with"] = _CONTACT.get(kinds[0], "other_relatives")
        if decision.until and decision.contact in ("limited", "forbidden"):
            fields["valid_until"] = decision.until.isoformat()
    return fields
