"""The vocabulary of the audit log: everything that can be recorded, and nothing else."""

from enum import StrEnum


class Act(StrEnum):
    """What was done. An entry keeps the word itself, so that an older log stays readable."""

    ACCESS_EXPLAINED = "access.explained"
    BASE_CHANGED = "base.changed"
    CONCERN_REPORTED = "concern.reported"
    CONTACTS_CHANGED = "contacts.changed"
    DESK_READ = "desk.read"
    DOSSIER_READ = "dossier.read"
    EVENT_ADDED = "event.added"
    EVENT_CORRECTED = "event.corrected"
    EVENT_WITHDRAWN = "event.withdrawn"
    FILE_READ = "file.read"
    IDENTITY_JOINED = "identity.joined"
    IDENTITY_PARTED = "identity.parted"
    LEVEL_CHANGED = "level.changed"
    NEED_IDENTIFIED = "need.identified"
    NATION_LOADED = "nation.load"
    PERSON_COPIED = "person.copied"
    REGISTER_APPLIED = "register.applied"
    ROLE_CHOSEN = "role.chosen"
    ROUTE_REFUSED = "route.refused"
    SEARCH_ANSWERED = "search.answered"
    SEARCH_NATION = "search.nation"
    SESSION_ENDED = "session.ended"
    SESSION_STARTED = "session.started"
    STORY_LOADED = "story.load"
