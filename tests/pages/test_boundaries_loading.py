"""Boundaries into the register: all municipalities or none, the same file twice changes nothing, tiles come back."""

import csv
import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from documents.boundaries import MUNICIPALITIES, Boundaries
from documents.store import Store
from fixtures.loaders import Interrupt, LoadError, Summary, Watcher
from fixtures.loaders.boundaries import load_boundaries, remove_boundaries
from fixtures.loaders.source import Source
from portal.cli import atbalsts
from portal.pictures.areas import Area, areas
from tests.boundaries import Feature, country, towns, written
from tests.pages.test_loading import NOW, SHARED, counts, dump

REAL = SHARED / "map" / "latvia_municipalities_42_current.geojson"


async def load(store: Store, path: Path) -> Summary:
    return await load_boundaries(store, Source(str(path)), NOW, Watcher(), Interrupt())


async def stored(store: Store) -> Boundaries:
    return Boundaries.model_validate(await store.boundaries.find_one({"_id": MUNICIPALITIES}))


async def test_all_are_loaded_once_changed_and_taken_away(demo_store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, country())
    assert counts(await load(demo_store, path)) == (42, 42, 0, 0, 0)
    before = await dump(demo_store)
    assert counts(await load(demo_store, path)) == (42, 0, 0, 42, 0)
    assert await dump(demo_store) == before
    moved = country()
    moved[0]["geometry"]["coordinates"][0][1][0] += 0.05
    changed = await load(demo_store, written(tmp_path, moved, "jaunas.geojson"))
    assert changed.changed >= 1 and changed.created == 0 and changed.changed + changed.unchanged == 42
    assert (await stored(demo_store)).revision == 2
    assert await remove_boundaries(demo_store, NOW)
    assert not await remove_boundaries(demo_store, NOW)
    acts = [row["act"] async for row in demo_store.audit_entries.find({"subject": "boundaries"})]
    assert sorted(acts) == ["register.applied", "register.applied", "register.removed"]


def _with(**more: Any) -> list[Feature]:
    first, *rest = country()
    return [first | more, *rest]


def _coordinates(*points: Any) -> list[Feature]:
    return _with(geometry={"type": "Polygon", "coordinates": [list(points)]})


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([], "holds 0 of the 42 municipalities"),
        (country()[1:], r"Missing: Rīga \(0001000\)"),
        (country() + country()[:1], "feature 43, atvk: 0001000 stands already in feature 1"),
        (_with(properties={"atvk": "9999999"}), "feature 1, atvk: 9999999 is no present municipality's code"),
        (_with(properties={"atvk": 1000}), "feature 1, atvk: 1000 is no present municipality's code"),
        (_with(properties={"atvk": "<script>\x1b[2J"}), r"feature 1, atvk: <script>\?\[2J is no present"),
        (_with(properties=None), "feature 1, atvk:  is missing"),
        (_with(geometry={"type": "LineString"}), "feature 1, geometry: LineString is neither"),
        (_with(geometry=None), "feature 1, geometry:  is neither"),
        (_coordinates([24.1, 56.9]), "is a ring of fewer than four points"),
        (_coordinates([24.1, float("nan")]), "is no pair of numbers"),
        (_coordinates([24.1, float("inf")]), "lies outside Latvia"),
        (_coordinates([56.9, 24.1]), "longitude first"),
        (_coordinates([506000, 312000]), "degrees of WGS84 are needed"),
        (_coordinates("24.1 56.9"), "is no list of coordinates"),
        (_coordinates(*[[24.1, 56.9]] * 9), "is too small to be seen"),
        ([1, None, "x", *country()], "feature 3, atvk:  is missing"),
    ],
)
async def test_what_is_wrong_is_told_feature_by_feature_and_nothing_is_loaded(
    demo_store: Store, tmp_path: Path, features: list[Any], said: str
) -> None:
    with pytest.raises(LoadError, match="nothing was loaded") as refused:
        await load(demo_store, written(tmp_path, features))
    reasons = [
        f"feature {row['line']}, {row['field']}: {row['value']} {row['reason']}"
        for path in tmp_path.glob("*.reasons.csv")
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    ]
    assert re.search(said, f"{refused.value}\n" + "\n".join(reasons)), reasons
    assert await demo_store.boundaries.count_documents({}) == 0


async def test_only_the_code_is_taken_from_a_file(demo_store: Store, tmp_path: Path) -> None:
    evil = [
        each | {"properties": each["properties"] | {"nosaukums": "<script>alert(1)</script>"}, "id": {"$where": "1"}}
        for each in country()
    ]
    await load(demo_store, written(tmp_path, evil))
    kept = str(await demo_store.boundaries.find_one({}))
    assert "script" not in kept and "$where" not in kept


async def test_the_real_boundaries_make_a_light_picture(demo_store: Store) -> None:
    if not REAL.is_file():
        pytest.skip(f"the real boundaries are not at {REAL}: set ATBALSTS_SHARED_DATA to the folder of real files")
    assert counts(await load(demo_store, REAL)) == (42, 42, 0, 0, 0)
    drawn = await stored(demo_store)
    assert 800 < drawn.width < 1000 and 450 < drawn.height < 650
    shapes = [
        Area(own.path, own.x, own.y, own.room, row.lv, "123", 3)
        for row in towns()
        for own in [drawn.outlines[row.code]]
    ]
    picture = areas(shapes, drawn.width, drawn.height, "Karte")
    assert picture.count("<title>") == 42
    assert len(picture) < 60_000 and len(gzip.compress(picture.encode())) < 15_000


def test_the_command_says_what_it_needs() -> None:
    for words in ([], ["x.geojson", "--remove"]):
        done = CliRunner().invoke(atbalsts, ["load", "boundaries", *words])
        assert done.exit_code != 0 and "Name the GeoJSON file" in str(done.exception)
    done = CliRunner().invoke(atbalsts, ["load", "boundaries", "/nowhere.geojson"])
    assert "is not there" in str(done.exception)
