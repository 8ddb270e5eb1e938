"""Transactions need a replica set: the embedded database is one of a single member, its socket as the host."""

from __future__ import annotations

import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

_NOT_YET_INITIALIZED, _ALREADY_INITIALIZED = 94, 23
_ELECTION_SECONDS = 15.0


def become_primary(socket: str, uri: str) -> bool:
    """Make the mongod behind the socket writable: initiate it, or tell it its new socket. False if it is away.

    Several users may do this at the same moment: who comes second finds it done.
    """
    try:
        with MongoClient[dict[str, Any]](uri) as client:
            _configure(client, socket)
        # A client made before the initiation keeps its first idea of the server: take a new one.
        with MongoClient[dict[str, Any]](uri) as client:
            return _writable(client)
    except ConnectionFailure:
        return False


def _configure(client: MongoClient[dict[str, Any]], socket: str) -> None:
    member = {"_id": 0, "host": socket}
    try:
        config = client.admin.command("replSetGetConfig")["config"]
        if config["members"][0]["host"] == socket:
            return
        # The old socket is gone with the last run; only force is accepted by a member that is not in its set.
        client.admin.command("replSetReconfig", {**config, "members": [member]}, force=True)
    except OperationFailure as failure:
        if failure.code != _NOT_YET_INITIALIZED:
            return
        try:
            client.admin.command("replSetInitiate", {"_id": "atbalsts", "version": 1, "members": [member]})
        except OperationFailure as second:
            if second.code != _ALREADY_INITIALIZED:
                raise


def _writable(client: MongoClient[dict[str, Any]]) -> bool:
    deadline = time.monotonic() + _ELECTION_SECONDS
    while time.monotonic() < deadline:
        if client.admin.command("hello").get("isWritablePrimary"):
            return True
        time.sleep(0.02)
    return False
