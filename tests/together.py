"""Which tests run in one process after the other: those of one file, and all that share a browser or a server.

A file's fixtures are made once that way, and its tests may go on from where the last one left. Written here because
the groups of pytest-xdist 3.8 are not seen under pytest 9.2, without a word.
"""

from zlib import crc32

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARED = ("tests/browser/", "tests/keycloak/")
LONG = (
    "tests/browser/test_all_roles.py",
    "tests/pages/test_hostile.py::test_no_value_of_the_whole_corpus_breaks_a_form",
)


def together(nodeid: str) -> str:
    """The name of the pile a test lies on; the long proofs of all roles and of all forms are dealt out on two each."""
    if long := next((name for name in LONG if nodeid.startswith(name)), None):
        return f"{long} {crc32(nodeid.encode()) % 2}"
    file = nodeid.split("::")[0]
    return next((folder for folder in SHARED if file.startswith(folder)), file)


class Together(LoadScopeScheduling):
    """Deals out piles, in the order they were found: the browser's, the longest, comes first."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
