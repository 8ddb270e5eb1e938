"""Papers are made one after another, aside: pages go on meanwhile, and a worker holds the parts of one paper only."""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec

P = ParamSpec("P")

# A worker has one processor: two papers at once are ready no sooner than one after the other.
_ASIDE = ThreadPoolExecutor(1, "papers")


async def made_aside(make: Callable[P, bytes], *args: P.args, **given: P.kwargs) -> bytes:
    """Return the paper `make` makes, in the language of whoever waits for it; what it raises is raised."""
    work = partial(copy_context().run, _made, partial(make, *args, **given))
    return await asyncio.get_running_loop().run_in_executor(_ASIDE, work)


def _made(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    finally:
        gc.collect(1)  # the parts of a paper hold each other by the ten thousand; older things need no look
