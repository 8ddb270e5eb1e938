"""Papers are made one after another, in the language of whoever waits, and what goes wrong reaches them."""

import asyncio
import threading
import time

import pytest

from portal.pdf.making import made_aside
from portal.translations import language, set_language


async def test_never_two_at_once_and_not_where_pages_are_made() -> None:
    working, most, threads = 0, 0, set[str]()

    def make(number: int) -> bytes:
        nonlocal working, most
        working += 1
        most = max(most, working)
        threads.add(threading.current_thread().name)
        time.sleep(0.02)
        working -= 1
        return str(number).encode()

    assert await asyncio.gather(*(made_aside(make, number) for number in range(5))) == [b"0", b"1", b"2", b"3", b"4"]
    assert most == 1 and threading.main_thread().name not in threads


@pytest.mark.parametrize("lang", ["lv", "en"])
async def test_it_speaks_the_language_of_whoever_waits(lang: str) -> None:
    set_language(lang)
    assert await made_aside(lambda: language().encode()) == lang.encode()


async def test_what_goes_wrong_is_raised_and_the_next_is_made() -> None:
    def fails() -> bytes:
        raise ValueError("no paper")

    with pytest.raises(ValueError, match="no paper"):
        await made_aside(fails)
    assert await made_aside(lambda: b"%PDF") == b"%PDF"
