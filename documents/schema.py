"""Indexes and validators of every collection: each query has its index, each document its second lock.

Applied by the migrations in `documents/migrations`, never at each start.
"""

from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

Keys = list[tuple[str, int]]


def _index(*fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], **options)


def _present(field: str) -> dict[str, Any]:
    """Index only documents that hold the field: base profiles far outnumber open dossiers.

    By `$exists`, which every equality implies; of a `$type` the planner cannot tell, and would scan everything.
    """
    return {"partialFilterExpression": {field: {"$exists": True}}}


INDEXES: dict[str, list[IndexModel]] = {
    "dossiers": [
        # The rights side: one flat array of reader keys with their windows.
        _index(*("readers.key", "readers.relation", "readers.until", "readers.since", "child.sort_name"), name="reach"),
        _index("child.code_hash", unique=True, name="code", **_present("child.code_hash")),
        _index("child.former_code_hashes", name="former_codes", **_present("child.former_code_hashes")),
        _index("child.sort_name", "child.birth_date", name="name_and_birth"),
        _index("doers", name="doers", **_present("doers")),
        # A head's list: by the keys of who answers, in the order of silence, of due days, of who leads.
        _index("answering", "touched", "_id", name="silent", **_present("answering")),
        _index("answering", "due", "_id", name="due", **_present("answering")),
        _index("answering", "case_manager.role_id", "touched", "_id", name="unled", **_present("answering")),
        _index("unanswered", "opened", name="unanswered", **_present("unanswered")),
    ],
    "dossier_archive": [_index("dossier_id", "number", unique=True, name="bucket")],
    "joins": [],
    "people": [
        _index("code_hash", unique=True, name="code", **_present("code_hash")),
        _index("roles.id", name="roles", **_present("roles.id")),
        _index("roles.email", name="work_email", **_present("roles.email")),
        _index("roles.institution_id", "family_name", name="staff", **_present("roles.institution_id")),
        # A head's lists: the staff of units, whose role ended, whose account was closed.
        _index("roles.institution_id", "roles.unit_id", name="staff_units", **_present("roles.institution_id")),
        _index("roles.institution_id", "roles.to", name="staff_ended", **_present("roles.institution_id")),
        _index("roles.institution_id", name="staff_closed", partialFilterExpression={"deactivated": True}),
        _index(
            "identities.issuer", "identities.subject", unique=True, name="identity", **_present("identities.subject")
        ),
        _index("demo_note", name="cast", **_present("demo_note")),
    ],
    "institutions": [
        _index("source", "source_key", unique=True, name="source_key", **_present("source_key")),
        _index("type", "municipality", name="type_and_place"),
        _index("name", name="name"),
        _index("units.id", name="units", **_present("units.id")),
    ],
    "audit": [
        _index("writer", "n", unique=True, name="writer_number"),
        _index("dossier_id", "at", name="dossier", **_present("dossier_id")),
        _index("children", "at", name="children", **_present("children")),
        _index("person_id", "act", "dossier_id", "at", name="person", **_present("person_id")),
        _index("at", "writer", name="time"),
        # Stewards search by person, institution, act or refusal: each in the order of time.
        _index("person_id", "at", name="person_time", **_present("person_id")),
        _index("institution_id", "at", name="institution_time", **_present("institution_id")),
        _index("act", "at", name="act_time"),
        _index("outcome", "at", name="outcome_time", **_present("outcome")),
    ],
    "steward_proposals": [_index("state", "at", name="state"), _index("person_id", name="person")],
    "invitations": [_index("redeemed_at", "expires", name="open"), _index("person_id", name="person")],
    "audit_searches": [_index("person_id", "at", name="person")],
    "audit_seals": [],
    "outbox": [
        _index("state", "at", name="state"),
        _index("kind", "due", name="due", **_present("due")),
        _index("to_role", "at", name="to_role", **_present("to_role")),
        _index("to_key", "at", name="to_key", **_present("to_key")),
        _index("expires", name="expires", expireAfterSeconds=0),
    ],
    "access_requests": [
        _index("dossier_id", "state", "due", name="dossier", **_present("dossier_id")),
        _index("by.role_id", "at", name="asked"),
        _index("routed_to", "state", name="routed", **_present("routed_to")),
        _index("state", "due", "dossier_id", name="late"),
    ],
    "decisions": [
        _index("dossier_id", "at", name="dossier"),
        _index("court_id", "year", "number", unique=True, name="number", **_present("number")),
        _index("code_hash", unique=True, name="code", **_present("code_hash")),
        _index("file.sha256", unique=True, name="file", **_present("file.sha256")),
    ],
    "court_counters": [],
    "reports": [
        _index("dossier_id", "at", name="dossier"),
        _index("decides.institution_id", "state", "due", name="decides", **_present("decides.institution_id")),
        _index("told.institution_id", "at", name="told", **_present("told.institution_id")),
        _index("by.person_id", "at", name="reporter"),
        _index("siblings", "at", name="siblings", **_present("siblings")),
    ],
    "threads": [_index("dossier_id", "last_at", name="dossier")],
    "releases": [],
    "release_rows": [
        _index("rows", "table", "place", unique=True, name="row"),
        _index("made_at", name="made_at"),
    ],
    # Found by their own keys alone: "<generation>|<key>", "<generation>|<collection>|<id>".
    "counters": [],
    "counted": [],
    "sessions": [
        _index("person_id", name="person"),
        _index("sid", name="sid", **_present("sid")),
        _index("sub", name="sub", **_present("sub")),
        _index("expires", name="expires", expireAfterSeconds=0),
    ],
    "logout_tokens": [_index("expires", name="expires", expireAfterSeconds=0)],
    "drafts": [_index("expires", name="expires", expireAfterSeconds=0)],
    "rates": [_index("expires", name="expires", expireAfterSeconds=0)],
    "files": [
        _index("state", "expires", name="pending"),
        _index("owner", "state", name="owner"),
    ],
    # As GridFS wants them, so that every tool for it finds its way.
    "fs.files": [_index("filename", "uploadDate")],
    "fs.chunks": [_index("files_id", "n", unique=True)],
    "keys": [_index("keyAltNames", unique=True, name="names", **_present("keyAltNames"))],
    "caught_mail": [_index("at", name="at"), _index("expires", name="expires", expireAfterSeconds=0)],
    "statistics": [_index("kind", "territory", "period", name="figure")],
    "territories": [_index("parent", name="parent", **_present("parent"))],
    "names": [_index("folded", name="folded")],
    "boundaries": [],
    "settings": [],
}

VALIDATORS: dict[str, dict[str, Any]] = {
    "dossiers": {
        "$jsonSchema": {
            "required": ["child"],
            "properties": {
                "child": {
                    "required": ["given_name", "family_name", "birth_date"],
                    "properties": {"birth_date": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}},
                },
                "level": {"enum": [1, 2, 3, 4]},
                "events": {
                    "bsonType": "array",
                    "items": {
                        "required": ["id", "kind", "day", "summary", "recorded_at", "institution_id"],
                        # A restricted entry never keeps its narrative in the open.
                        "anyOf": [
                            {"properties": {"confidentiality": {"enum": ["standard"]}}},
                            {"properties": {"detail": {"enum": [""]}, "fields": {"enum": [{}]}}},
                        ],
                    },
                },
            },
        }
    },
    "access_requests": {
        "$jsonSchema": {
            "required": ["by", "at", "due", "sections", "purpose", "legal_basis", "until", "sealed", "state"],
            "properties": {"state": {"enum": ["waiting", "granted", "narrower", "refused"]}},
        }
    },
    "decisions": {
        "$jsonSchema": {
            "required": ["dossier_id", "court_id", "kind", "state", "by", "at", "in_force_from", "sealed"],
            "properties": {
                "state": {"enum": ["draft", "issued", "replaced"]},
                "number": {"bsonType": ["int", "long"], "minimum": 1},
            },
            # Issued is only what has its number, its code and its sealed file.
            "anyOf": [
                {"properties": {"state": {"enum": ["draft"]}}},
                {"required": ["year", "number", "issued_at", "file", "code_hash", "certificate"]},
            ],
        }
    },
    "reports": {
        "$jsonSchema": {
            "required": ["by", "at", "kind", "sealed", "due", "state"],
            "properties": {"state": {"enum": ["received", "acknowledged", "opened", "taken_up", "closed"]}},
        }
    },
    "threads": {
        "$jsonSchema": {
            "required": ["dossier_id", "kind", "begun_at", "last_at", "messages"],
            "properties": {
                "kind": {"enum": ["question", "family"]},
                "messages": {
                    "bsonType": "array",
                    "minItems": 1,
                    "items": {"required": ["id", "at", "person_id", "name", "sealed"]},
                },
            },
        }
    },
    "releases": {
        "$jsonSchema": {
            "required": ["day", "made_at", "rows", "sealed"],
            "properties": {"_id": {"bsonType": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}},
        }
    },
    "counters": {"$jsonSchema": {"required": ["n"], "properties": {"n": {"bsonType": ["int", "long"], "minimum": 0}}}},
    "counted": {
        "$jsonSchema": {
            "required": ["keys"],
            "properties": {"keys": {"bsonType": "array", "minItems": 1, "items": {"bsonType": "string"}}},
        }
    },
    "audit": {
        "$jsonSchema": {
            "required": ["act", "at", "writer", "n"],
            "properties": {
                "_id": {"bsonType": "string"},
                "act": {"bsonType": "string"},
                "at": {"bsonType": "date"},
                "writer": {"bsonType": "string"},
                "n": {"bsonType": ["int", "long"], "minimum": 1},
            },
        }
    },
}


async def build(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Create collections, validators and indexes that are not there yet."""
    present = set(await database.list_collection_names())
    for name, indexes in INDEXES.items():
        if name not in present:
            await database.create_collection(name)
        if name in VALIDATORS:
            await database.command("collMod", name, validator=VALIDATORS[name], validationLevel="strict")
        if indexes:
            await database[name].create_indexes(indexes)


async def remove(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Take indexes and validators away; documents stay."""
    for name in INDEXES:
        await database[name].drop_indexes()
        if name in VALIDATORS:
            await database.command("collMod", name, validator={}, validationLevel="off")
