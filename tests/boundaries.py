"""A made-up country: each municipality a square at its place in the tile map, its borders shared and finely ragged."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from documents.classifiers import Municipality, classifiers
from documents.model import day_of

WIDE, HIGH = 0.7, 0.3  # degrees of a square
PARTS = 20  # of a side
Feature = dict[str, Any]


def towns() -> list[Municipality]:
    """The present municipalities."""
    return classifiers().current_municipalities(day_of(datetime.now(UTC)))


def feature(row: Municipality) -> Feature:
    """The square of a municipality."""
    column, down = row.tile_col or 0, row.tile_row or 0
    corners = [(column, down), (column + 1, down), (column + 1, down + 1), (column, down + 1)]
    ring = [point for a, b in zip(corners, (*corners[1:], corners[0]), strict=True) for point in _side(a, b)]
    properties = {"atvk": row.code, "nosaukums": row.lv}
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def country() -> list[Feature]:
    """All of them."""
    return [feature(row) for row in towns()]


def written(folder: Path, features: Sequence[Any], name: str = "robezas.geojson") -> Path:
    """A file of features."""
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "bbox": [21, 55, 29, 59], "features": list(features)}))
    return path


def _side(a: tuple[int, int], b: tuple[int, int]) -> list[list[float]]:
    """The points of a side but its last: the same points whichever of its neighbours draws it."""
    told = []
    for n in range(PARTS):
        share = n / PARTS
        x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        ragged = 0.02 * ((round(x * PARTS) * 7 + round(y * PARTS) * 13) % 5 - 2) if n else 0.0
        across = a[1] == b[1]
        told.append([21 + (x + (0 if across else ragged)) * WIDE, 58.2 - (y + (ragged if across else 0)) * HIGH])
    return told
