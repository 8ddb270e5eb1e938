"""Every act of the audit log in words, also those that concern no dossier."""

from documents.acts import Act
from portal.access_log.view import ACTS
from portal.translations import N_

ACT_WORDS: dict[str, str] = ACTS | {
    Act.AUDIT_EXPORTED: N_("took a table from the audit log"),
    Act.AUDIT_READ: N_("read the audit log"),
    Act.IDENTITY_JOINED: N_("joined a provisional dossier with the true one"),
    Act.IDENTITY_PARTED: N_("took joined dossiers apart"),
    Act.NATION_LOADED: N_("loaded an invented nation"),
    Act.PERSON_COPIED: N_("brought contacts in a dossier up to date"),
    Act.REGISTER_APPLIED: N_("applied an extract of a register"),
    Act.ROLE_CHOSEN: N_("chose a role"),
    Act.ROUTE_REFUSED: N_("tried a page that is not for this position"),
    Act.SESSION_ENDED: N_("signed out"),
    Act.SESSION_STARTED: N_("signed in"),
    Act.SESSION_STEPPED_UP: N_("confirmed anew who they are"),
    Act.STORY_LOADED: N_("loaded the demo story"),
}
