"""The vocabulary of access: sections of a dossier and what may be done; every route names one permission."""

from enum import StrEnum


class Section(StrEnum):
    """The sections of a dossier that the policy tells apart (access.md, "Sections of a dossier")."""

    EXISTENCE = "existence"
    BASE = "base"
    FAMILY = "family"
    TIMELINE = "timeline"
    EVENT_DETAIL = "event_detail"
    ASSESSMENTS_OVERVIEW = "assessments_overview"
    ASSESSMENTS_SUMMARY = "assessments_summary"
    ASSESSMENTS_CONTENT = "assessments_content"
    PLAN = "plan"
    DECISIONS = "decisions"
    MESSAGES = "messages"
    ACCESS_LOG = "access_log"


class Permission(StrEnum):
    """What a route lets somebody do. PUBLIC and SIGNED_IN ask nothing of the child."""

    ACCESS_LOG_READ = "access_log.read"
    ACCOUNTS_MANAGE = "accounts.manage"
    AUDIT_SEARCH = "audit.search"
    BASE_READ = "base.read"
    BASE_WRITE = "base.write"
    CONTACTS_WRITE = "contacts.write"
    DESK_READ = "desk.read"
    DOCUMENTS_READ = "documents.read"
    EVENT_ADD = "event.add"
    EVENT_CHANGE = "event.change"
    EVENT_READ = "event.read"
    EXPLAIN = "access.explain"
    FAMILY_READ = "family.read"
    LEVEL_CHANGE = "level.change"
    NEED_IDENTIFY = "need.identify"
    PUBLIC = "public"
    ROLE_CHOOSE = "role.choose"
    SEARCH_NATION = "search.nation"
    SEARCH_RELATED = "search.related"
    SIGNED_IN = "signed_in"
    TIMELINE_READ = "timeline.read"
