"""Every act of the audit log in words, also those that concern no dossier."""

from documents.acts import Act
from portal.access_log.view import ACTS
from portal.translations import N_

ACT_WORDS: dict[str, str] = ACTS | {
    Act.ACCOUNT_CLOSED: N_("closed an account"),
    Act.ACCOUNT_CONTACTS: N_("changed how somebody is reached"),
    Act.ACCOUNT_MADE: N_("made an account"),
    Act.ACCOUNT_READ: N_("looked at an account"),
    Act.ACCOUNT_REOPENED: N_("opened an account again"),
    Act.ACCOUNTS_SEARCHED: N_("searched for accounts"),
    Act.ANALYTICS_READ: N_("read figures for governance"),
    Act.ANALYTICS_TAKEN: N_("took a table of figures"),
    Act.AUDIT_EXPORTED: N_("took a table from the audit log"),
    Act.AUDIT_READ: N_("read the audit log"),
    Act.DECISION_VERIFIED: N_("checked whether a decision is genuine"),
    Act.SIGN_IN_REFUSED: N_("was refused at sign-in"),
    Act.IDENTITY_LINKED: N_("linked a way of signing in with a person"),
    Act.IDENTITY_JOINED: N_("joined a provisional dossier with the true one"),
    Act.IDENTITY_PARTED: N_("took joined dossiers apart"),
    Act.NATION_LOADED: N_("loaded an invented nation"),
    Act.NOTICES_MARKED: N_("marked notices as read"),
    Act.PERSON_COPIED: N_("brought contacts in a dossier up to date"),
    Act.REGISTER_APPLIED: N_("applied an extract of a register"),
    Act.REGISTER_REMOVED: N_("took away what was loaded from a file"),
    Act.RELEASE_MADE: N_("released the figures of a month"),
    Act.ROLE_CHOSEN: N_("chose a role"),
    Act.ROLE_ENDED: N_("ended a role"),
    Act.ROLE_GIVEN: N_("gave a role"),
    Act.ROUTE_REFUSED: N_("tried a page that is not for this position"),
    Act.SESSION_ENDED: N_("signed out"),
    Act.SESSION_STARTED: N_("signed in"),
    Act.SESSION_STEPPED_UP: N_("confirmed anew who they are"),
    Act.STEWARD_CONFIRMED: N_("confirmed a new steward"),
    Act.STEWARD_INVITED: N_("invited a steward"),
    Act.STEWARD_PROPOSED: N_("proposed a new steward"),
    Act.STEWARD_REDEEMED: N_("became a steward by invitation"),
    Act.STEWARD_REJECTED: N_("rejected a new steward"),
    Act.STORY_LOADED: N_("loaded the demo story"),
}
