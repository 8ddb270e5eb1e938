"""Interrupted proofs go on where they stood, on the same files only."""

from pathlib import Path

import pytest

from tests import resuming

pytest_plugins = ["pytester"]


def test_what_passed_is_left_out_until_everything_has(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = Path(str(pytester.path)) / "proved"
    monkeypatch.setattr(resuming, "_proved", lambda: noted)
    monkeypatch.delenv("CI", raising=False)
    pytester.makeini("[pytest]\nmarkers = prove: long\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest("from tests.resuming import resume\n\n\ndef pytest_configure(config):\n    resume(config)\n")
    pytester.makepyfile(
        """
        import pathlib, pytest
        pytestmark = pytest.mark.prove

        def test_first():
            pass

        def test_second():
            assert pathlib.Path("mended").exists()
        """
    )
    pytester.runpytest_inprocess("-m", "prove").assert_outcomes(passed=1, failed=1)
    pytester.runpytest_inprocess("-m", "prove", "--collect-only").assert_outcomes(deselected=1)
    assert noted.exists(), "to look is not to prove"
    pytester.path.joinpath("mended").touch()
    pytester.runpytest_inprocess("-m", "prove").assert_outcomes(passed=1, deselected=1)
    assert not noted.exists()
    pytester.runpytest_inprocess("-m", "prove").assert_outcomes(passed=2)


def test_other_files_prove_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "_git", lambda *words: b"one")
    before = resuming._proved()
    monkeypatch.setattr(resuming, "_git", lambda *words: b"other")
    assert before != resuming._proved()
