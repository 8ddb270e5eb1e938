"""The README's pictures are small, shown where they belong, and not older than the pages they show."""

import json

import pytest

from tests.browser.walk import FOLDER, LARGEST, MADE_OF, ROOT, WALK, made_of


def test_every_picture_is_small_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {path.stem for path in FOLDER.glob("*.png")} == {picture.name for picture in WALK}
    for picture in WALK:
        assert picture.file.stat().st_size <= LARGEST
        assert f"(docs/walk/{picture.name}.png)" in readme, picture.name


@pytest.mark.prove
def test_no_picture_is_older_than_the_templates_it_shows() -> None:
    kept = json.loads(MADE_OF.read_text())
    assert kept == {picture.name: made_of(picture) for picture in WALK}, "run `make screenshots`"
