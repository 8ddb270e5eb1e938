"""The most memory a process held is its own, whoever started it."""

import subprocess
import sys

from documents.memory import most_megabytes

ASK = "from documents.memory import most_megabytes; print(most_megabytes())"
LARGE = 300


def test_a_small_program_started_by_a_large_one_is_small() -> None:
    """A program begins as a copy of who starts it, and `getrusage` goes on counting what that one held."""
    large = b"x" * (LARGE << 20)
    answer = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert most_megabytes() > LARGE and len(large) > 0
    assert 1 < float(answer.stdout) < LARGE / 2


def test_of_a_process_that_is_gone_nothing_is_told() -> None:
    assert most_megabytes(2**31 - 1) == 0.0
