"""From whom a decision keeps the child's place, and what is lifted when the decision that brought it is gone."""

from collections.abc import Sequence
from datetime import date

from documents.decision import CourtDecision
from documents.dossier import Dossier


def lift(
    dossier: Dossier,
    decision: CourtDecision,
    left: Sequence[CourtDecision],
    standing: Sequence[CourtDecision],
    today: date,
) -> None:
    """Lift what a placement that ends, or a decision taken back, kept secret itself, and no other one keeps so.

    Secrecy has no days: until the day has come the place is the earlier one, so it stays secret, and what is to be
    lifted passes to the new decision.
    """
    if decision.in_force_from > today:
        decision.hid = any(each.hid for each in left)
        decision.hid_from = sorted({person for each in left for person in each.hid_from})
        return
    kept = {person for each in standing for person in each.protect_from}
    own = {person for each in left for person in each.hid_from} - kept
    dossier.protected_from = [person for person in dossier.protected_from if person not in own]
    if any(each.hid for each in left) and not kept:
        dossier.child.protected = False


def protect(dossier: Dossier, decision: CourtDecision) -> None:
    """Keep the child's place from whom the decision names, and note what was open before: only that is lifted."""
    if not decision.protect_from:
        return
    decision.hid = decision.hid or not dossier.child.protected
    new = set(decision.protect_from) - set(dossier.protected_from)
    decision.hid_from = sorted(new | set(decision.hid_from))
    dossier.child.protected = True
    dossier.protected_from = sorted({*dossier.protected_from, *decision.protect_from})
