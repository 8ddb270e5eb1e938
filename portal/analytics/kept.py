"""The true figures of a release as they are kept: sealed, for the protection of the releases after it only."""

import gzip
import json
from typing import Any

from documents.release import SECRECY
from documents.store import Store
from portal.analytics.suppression import Cell, Figures, Release, Sum


async def seal(store: Store, release: Release, year: int) -> bytes:
    """Seal figures and what of them is hidden."""
    return await store.secrets.seal(_packed(release), SECRECY, year)


async def earlier_releases(store: Store) -> list[Release]:
    """All releases there are, the oldest first."""
    rows = await store.releases.find({}, {"sealed": 1}).sort("_id", 1).to_list()
    return [_unpacked(await store.secrets.open(row["sealed"])) for row in rows]


def _packed(release: Release) -> bytes:
    figures = release.figures
    number = {cell: n for n, cell in enumerate(figures.counts)}
    kept = {
        "cells": list(figures.counts),
        "counts": list(figures.counts.values()),
        "sums": [[number[each.total], *(number[part] for part in each.parts)] for each in figures.sums],
        "empty": sorted(number[cell] for cell in figures.empty),
        "internal": sorted(number[cell] for cell in figures.internal),
        "hidden": sorted(number[cell] for cell in release.hidden),
    }
    return gzip.compress(json.dumps(kept, separators=(",", ":")).encode(), 6)


def _unpacked(packed: bytes) -> Release:
    kept: dict[str, Any] = json.loads(gzip.decompress(packed))
    cells: list[Cell] = [tuple(cell) for cell in kept["cells"]]
    sums = [Sum(cells[total], tuple(cells[part] for part in parts)) for total, *parts in kept["sums"]]
    empty, internal, hidden = (frozenset(cells[n] for n in kept[name]) for name in ("empty", "internal", "hidden"))
    return Release(Figures(dict(zip(cells, kept["counts"], strict=True)), sums, empty, internal), hidden)
