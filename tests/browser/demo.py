"""The demo as a newcomer starts it: a process of its own on a free port, with a fresh data folder."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from documents.embedded import embedded
from documents.model import day_of
from fixtures.story import Story, build, dossier_id
from fixtures.story.ids import story_id

START_LINES = 20  # what it may say before it is ready
STOP_SECONDS = 60
_REQUEST = re.compile(r"/access-requests/([a-z]+):([a-z-]+)")
_REVIEW = re.compile(r"/dossiers/([a-z]+)/emergencies/review")
_ASSESSMENT = re.compile(r"/dossiers/([a-z]+)/assessments/(\d+)")
_LABEL = re.compile(r"/dossiers/([a-z]+)(?:/(events|family)/(\w+))?")


@dataclass
class Demo:
    """A running demo. Addresses are written with labels of the story: `/dossiers/marta/events/home_visit`."""

    base: str
    data: Path

    @cached_property
    def story(self) -> Story:
        """The same story as the demo told itself."""
        now = datetime.now(UTC)
        return build(day_of(now), now)

    def address(self, path: str) -> str:
        """Put the identifiers in: a child's label for its dossier, a kind for its newest entry or its relative."""

        def known(match: re.Match[str]) -> str:
            label, what, kind = match.groups()
            if label not in self.story.dossiers:
                return match.group()
            if kind is None or kind == "new":
                return match.group().replace(label, dossier_id(label))
            told = self.story.dossiers[label]
            found = next(e for e in reversed(told.events if what == "events" else told.relationships) if e.kind == kind)
            return f"/dossiers/{dossier_id(label)}/{what}/{found.id}"

        path = _REQUEST.sub(lambda m: f"/access-requests/{story_id(m[1], 'request', m[2])}", path)
        path = _ASSESSMENT.sub(lambda m: f"/dossiers/{m[1]}/assessments/{story_id(m[1], 'assessment', m[2])}", path)
        path = _REVIEW.sub(self._review, path)
        return self.base + _LABEL.sub(known, path)

    def _review(self, match: re.Match[str]) -> str:
        """The review of a child's newest emergency access."""
        newest = self.story.dossiers[match[1]].emergencies[-1]
        return f"/dossiers/{dossier_id(match[1])}/emergencies/{newest.id}/review"

    def code(self, label: str) -> str:
        """The personal code of a child."""
        return self.story.codes[dossier_id(label)]

    def end_sessions(self, person_id: str) -> int:
        """Let the pause of somebody's sessions run out, as half an hour of silence would. Returns how many."""
        with embedded(self.data) as store, MongoClient[dict[str, Any]](store.uri, tz_aware=True) as client:
            over = {"$set": {"idle_until": datetime.now(UTC) - timedelta(seconds=1)}}
            return client["atbalsts"]["sessions"].update_many({"person_id": person_id}, over).modified_count

    def let_pause_be_long(self, person_id: str, left: timedelta) -> int:
        """Leave somebody's sessions no more than `left` of their pause. Returns how many."""
        with embedded(self.data) as store, MongoClient[dict[str, Any]](store.uri, tz_aware=True) as client:
            now = datetime.now(UTC)
            nearly = {"$set": {"idle_until": now + left, "last_seen": now - timedelta(minutes=30) + left}}
            mine = {"person_id": person_id, "revoked": None}
            return client["atbalsts"]["sessions"].update_many(mine, nearly).modified_count


@contextmanager
def running_demo(data: Path, *options: str) -> Iterator[Demo]:
    """Start the demo, wait until it says it is ready, stop it cleanly at the end."""
    port = _free_port()
    command = [
        str(Path(sys.executable).with_name("atbalsts")),
        "demo",
        "--port",
        str(port),
        "--data",
        str(data),
        *options,
    ]
    surroundings = {name: value for name, value in os.environ.items() if name != "MONGODB_URI"}
    with (data / "errors.log").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=surroundings)
    assert process.stdout is not None
    try:
        said = [line for _, line in zip(range(START_LINES), iter(_until_ready(process)), strict=False)]
        assert process.poll() is None, f"the demo ended: {said} {(data / 'errors.log').read_text()[-2000:]}"
        yield Demo(f"http://127.0.0.1:{port}", data)
    finally:
        process.terminate()
        process.stdout.close()
        ended = process.wait(STOP_SECONDS)
    assert ended == 0, f"the demo did not stop cleanly: {ended}"


def _until_ready(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if line.startswith("Ready: "):
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
