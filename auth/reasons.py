"""Why something is allowed or not: a code for the log, a sentence that says what to do, a basis in law.

The basis is a code of the classifier `legal_bases`; articles are named only where a source at hand names them.

The sentences are message ids of the catalogue `locale/lv/access.po`.
"""

from dataclasses import dataclass

N_ = str  # marks texts for the catalogue; they are translated where they are shown
LAW = "mk_157"  # the information system's own regulation


@dataclass(frozen=True)
class Reason:
    """One outcome of the policy; `advice` is what the page says to the person who may not."""

    code: str
    advice: str
    basis: str = LAW


ALLOWED = Reason("allowed", "")
NO_RELATION = Reason(
    "no_relation", N_("There is nothing here for you. You can look for the child from “Find a child”.")
)
NOT_YOUR_SECTION = Reason(
    "not_your_section",
    N_("The case team reads this section. Ask the case manager for access if your work needs it."),
)
NOT_YOUR_ENTRY = Reason("not_your_entry", N_("Only the institution that recorded this entry can change it."))
READ_ONLY = Reason("read_only", N_("You can read this section; the case manager and the team write in it."))
DENIED = Reason("denied", N_("Access to this dossier is denied to you. Call the case manager's institution."))
OWN_REQUEST = Reason("own_request", N_("Nobody decides the own request. Somebody else has to."))
DECIDES_HERE = Reason("decides_here", N_("You lead this case and read all of it: there is nothing to ask for."))
OWN_FAMILY = Reason("own_family", N_("This is a child of your own family. Somebody else has to do this work."))
NO_ROLE = Reason("no_role", N_("Choose the role you act in first."))
NO_GROUND = Reason("no_ground", N_("There is no ground to ask about this child."))
UNKNOWN_CLIENT = Reason("unknown_client", N_("This system has not been agreed as a client."))
ABOUT_ONESELF = Reason("about_oneself", N_("Nobody does this for oneself. Another steward has to do it."))
NOT_YOUR_POSITION = Reason("not_your_position", N_("Your position does not include this."))
