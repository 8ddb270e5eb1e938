"""A new register: its replica set, and the database users that keep to what they need.

The portal's user may add audit entries and seals and read them, never change or remove one: whoever takes over a
portal still cannot rewrite what it did.
"""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from documents.schema import INDEXES

APPEND_ONLY = ("audit", "audit_seals", "audit_searches")
PORTAL_ROLE = "register_portal"
_NOT_YET_INITIALIZED, _ALREADY_THERE = 94, (51002, 51003)  # a role, a user of this name
_ELECTION_MS = 60_000


async def prepare(root_uri: str, portal_uri: str, keeper_uri: str, database: str) -> None:
    """Make the replica set of root's hosts, the portal's user and the keeper's (who migrates).

    The addresses carry user and password of each. Raises ServerSelectionTimeoutError where no member becomes
    primary within a minute.
    """
    await _initiate(root_uri)
    async with AsyncMongoClient[dict[str, Any]](root_uri, serverSelectionTimeoutMS=_ELECTION_MS) as client:
        await _put(client, "Role", PORTAL_ROLE, {"privileges": _portal_privileges(database), "roles": []})
        for uri, roles in ((portal_uri, [PORTAL_ROLE]), (keeper_uri, _keeper_roles(database))):
            user = parse_uri(uri)
            await _put(client, "User", user["username"], {"pwd": user["password"], "roles": roles})


def _portal_privileges(database: str) -> list[dict[str, Any]]:
    everything = sorted({*INDEXES, "migrations_log"})
    return [
        {
            "resource": {"db": database, "collection": name},
            "actions": ["find", "insert"] if name in APPEND_ONLY else ["find", "insert", "update", "remove"],
        }
        for name in everything
    ] + [
        # The stream of changes is the database's: MongoDB gives it to whoever may read all of its collections.
        {"resource": {"db": database, "collection": ""}, "actions": ["listCollections", "changeStream", "find"]}
    ]


def _keeper_roles(database: str) -> list[Any]:
    return [{"role": role, "db": database} for role in ("readWrite", "dbAdmin")]


async def _initiate(root_uri: str) -> None:
    """Make the replica set at its first member, which alone may already hold root's user."""
    root = parse_uri(root_uri)
    members = [{"_id": n, "host": f"{host}:{port}"} for n, (host, port) in enumerate(root["nodelist"])]
    name = root["options"]["replicaSet"]
    async with AsyncMongoClient[dict[str, Any]](
        *root["nodelist"][0],
        username=root["username"],
        password=root["password"],
        authSource="admin",
        directConnection=True,
    ) as first:
        try:
            await first.admin.command("replSetGetStatus")
        except OperationFailure as failure:
            if failure.code != _NOT_YET_INITIALIZED:
                raise
            await first.admin.command("replSetInitiate", {"_id": name, "members": members})


async def _put(client: AsyncMongoClient[dict[str, Any]], kind: str, name: str, what: dict[str, Any]) -> None:
    """Create a role or user, or bring the one that is there to this form."""
    try:
        await client.admin.command(f"create{kind}", name, **what)
    except OperationFailure as failure:
        if failure.code not in _ALREADY_THERE:
            raise
        await client.admin.command(f"update{kind}", name, **what)
