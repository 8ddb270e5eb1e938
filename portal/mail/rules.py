"""When a mail is tried again, when it is given up, and to which addresses one may write at all."""

import re
from datetime import timedelta

ATTEMPTS = 18  # with the pauses below some three days, as mail servers do themselves
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
AWAY_FIRST, AWAY_LONGEST = 2.0, 300.0  # seconds until a mail server that is away is asked again

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
)
_LONGEST_ADDRESS = 254  # RFC 5321


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts: twice as long each time, at most six hours."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


def pause_while_away(failures: int) -> float:
    """Seconds until a mail server is asked again that was away so many times in a row; at most five minutes."""
    return min(AWAY_FIRST * (1 << min(failures - 1, 20)), AWAY_LONGEST)


def is_address(text: str) -> bool:
    """Whether one may write there: a plain address and nothing beside it that a header or a server could obey."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None
