"""The browser assets fit the content policy, are named by their content, and build the same twice."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from portal.assets import FOLDER, asset_url, manifest
from portal.assets.build import build
from portal.assets.css import minify, screen_only


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("assets")
    return folder, build(folder)


def test_a_name_says_its_content_and_two_builds_agree(built: tuple[Path, dict[str, str]], tmp_path: Path):
    folder, names = built
    for name in names.values():
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert digest.startswith(name.split(".")[-2])
    assert build(tmp_path) == names


def test_text_is_also_kept_compressed(built: tuple[Path, dict[str, str]]):
    folder, names = built
    for name in names.values():
        if not name.endswith("woff2"):
            assert gzip.decompress((folder / f"{name}.gz").read_bytes()) == (folder / name).read_bytes()


def test_style_sheets_ask_only_for_files_that_are_there(built: tuple[Path, dict[str, str]]):
    folder, names = built
    for sheet in ("system.css", "site.css"):
        css = (folder / names[sheet]).read_text("utf-8")
        assert "data:" not in css
        assert "://" not in re.sub(r"url\([^)]*\)", "", css)
        asked = re.findall(r"url\(([^)]+)\)", css)
        assert asked
        assert all((folder / address).is_file() for address in asked)


def test_files_of_an_earlier_build_are_forgotten(tmp_path: Path):
    (tmp_path / "site.0000000000.css").write_text("old")
    build(tmp_path)
    assert not (tmp_path / "site.0000000000.css").exists()


def test_the_first_visit_is_light(built: tuple[Path, dict[str, str]]):
    folder, names = built
    size = sum(
        (folder / (name if name.endswith("woff2") else f"{name}.gz")).stat().st_size
        for name in (names[plain] for plain in ("system.css", "site.css", "htmx.js", "atbalsts.js", "icons.svg"))
    )
    assert size < 70_000


def test_the_set_up_has_built_what_pages_ask_for():
    assert asset_url("site.css").startswith("/assets/site.")
    assert all((FOLDER / name).is_file() for name in manifest().values())
    with pytest.raises(KeyError):
        asset_url("nothing.css")


def test_dark_colours_do_not_reach_paper():
    css = screen_only('@media (prefers-color-scheme: dark) {a{}}\n[data-color-scheme="dark"] {b:c}')
    assert css.count("@media screen") == 2


def test_minifying_keeps_calculations_and_texts():
    assert minify("a { width: calc(1px + 2px) ; /* x */ content: ': ' }") == "a{width: calc(1px + 2px);content: ': '}"
