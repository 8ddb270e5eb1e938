"""Boundaries of municipalities: a file is read feature by feature, and neighbours keep one border between them."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.boundaries import Outline
from fixtures.loaders.boundaries.features import MOST, features
from fixtures.loaders.boundaries.geometry import (
    Point,
    Ring,
    corners,
    path_of,
    place_for_figure,
    rings_of,
    simplified,
)
from fixtures.loaders.errors import LoadError
from fixtures.loaders.source import Source


def source(folder: Path, content: str | bytes) -> Source:
    path = folder / "robezas.geojson"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(str(path))


def test_features_are_read_wherever_they_stand_and_however_long_they_are(tmp_path: Path) -> None:
    told = [{"n": n, "text": 'ā\\"]}' * 40_000} for n in range(9)]
    whole = {"name": "x", "features": told, "crs": {"features": [1]}, "type": "FeatureCollection", "n": 12}
    for text in (json.dumps(whole), json.dumps(whole, indent=2, ensure_ascii=False), "\ufeff" + json.dumps(whole)):
        assert list(features(source(tmp_path, text))) == told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "no GeoJSON FeatureCollection"),
        ("atvk,nosaukums\n0001000,Rīga\n", "no GeoJSON FeatureCollection"),
        ('{"type":"Topology","objects":{}}', "no GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection"}', "no GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection","features":[]} and more', "no GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection","features":{}}', "no GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection","features":[{"type":', "feature 1: no JSON, or broken off"),
        ('{"type":"FeatureCollection","features":[1,2', "feature 3: no JSON, or broken off"),
        ('{"features":[' + "[" * 100_000, "nested too deep"),
        (f'{{"features":[{"1," * MOST}1]}}', f"more than {MOST} features"),
        ('{"features":["Rīga"]}'.encode("cp1257"), "not UTF-8"),
        ('{"features":[]}'.encode("utf-16"), "not UTF-8"),
        ('{"features":[' + "9" * 5000 + "]}", "feature 1: no JSON"),
    ],
)
def test_what_is_no_such_file_is_said_so(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        list(features(source(tmp_path, content)))


def test_of_a_feature_without_end_no_more_is_read_than_a_page_could_ever_use(tmp_path: Path) -> None:
    huge = source(tmp_path, '{"features":["' + "Latvija " * 6_000_000)
    with pytest.raises(LoadError, match="longer than 8 MB"):
        list(features(huge))
    assert huge.size is not None
    assert huge.position < huge.size / 2


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(4, 60))
def test_a_border_comes_out_alike_on_both_its_sides(seed: int, size: int) -> None:
    chance = random.Random(seed)
    border: Ring = [(50 + chance.randint(-2, 2), 10 * n) for n in range(size)]
    left: Ring = [(0, 0), *border, (0, 10 * size)]
    right: Ring = [(100, 10 * size), *reversed(border), (100, 0)]
    kept = corners([left, right])
    assert kept == {border[0], border[-1]}
    middle = set(border)
    one, other = simplified(left, kept), simplified(right, kept)
    assert [point for point in one if point in middle] == [point for point in other if point in middle][::-1]
    assert len(one) >= 3


def test_an_enclave_fills_its_hole() -> None:
    ring: Ring = [(10, 10), (15, 11), (20, 10), (21, 20), (15, 20), (10, 20), (10, 15)]
    outer: Ring = [(0, 0), (30, 0), (30, 30), (0, 30)]
    kept = corners([outer, ring, ring[::-1]])
    assert kept == set()
    assert set(simplified(ring, kept)) == set(simplified(ring[::-1], kept))
    x, y, room = place_for_figure([outer, ring])
    assert room >= 4
    assert not (10 <= x <= 21 and 10 <= y <= 20)


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 600)), min_size=3, max_size=30, unique=True))
def test_a_path_is_of_whole_numbers_that_lead_back_to_its_points(ring: list[Point]) -> None:
    outline = Outline(path=path_of([ring], 0, 0), x=0, y=0, room=0)
    start, _, rest = outline.path.removeprefix("M").removesuffix("z").partition("l")
    numbers = [int(word) for word in rest.replace("-", " -").split()]
    assert start == f"{ring[0][0]} {ring[0][1]}"
    steps = list(zip(numbers[::2], numbers[1::2], strict=True))
    assert steps == [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(ring)]


def test_every_part_of_a_municipality_is_drawn() -> None:
    square = [[24.0, 57.0], [25.0, 57.0], [25.0, 56.5], [24.0, 56.5], [24.0, 57.0]]
    island = [[22.0, 57.0], [22.1, 57.0], [22.1, 56.9], [22.0, 57.0]]
    speck = [[22.0, 57.0], [22.0, 57.0], [22.0, 57.0], [22.0, 57.0]]
    assert len(rings_of({"type": "MultiPolygon", "coordinates": [[square], [island], [speck]]})) == 2
