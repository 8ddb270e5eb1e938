"""Tests of one file run in one process, whatever pytest-xdist makes of its groups."""

from pathlib import Path

import pytest

from tests.together import LONG, together

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[2]


def test_a_file_stays_together_and_so_does_what_shares_a_browser() -> None:
    assert together("tests/rules/test_a.py::test_x[1]") == together("tests/rules/test_a.py::test_y")
    assert together("tests/rules/test_a.py::test_x") != together("tests/rules/test_b.py::test_x")
    assert together("tests/browser/test_a.py::test_x") == together("tests/browser/test_b.py::test_x")
    for name in LONG:
        assert {together(f"{name}[{number}]") for number in range(20)} == {f"{name} 0", f"{name} 1"}


def test_two_processes_share_the_files(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest("from tests.conftest import pytest_xdist_make_scheduler")
    test = """
        import os, pathlib, pytest

        @pytest.mark.parametrize("number", range(9))
        def test_note(number):
            with pathlib.Path(f"{pathlib.Path(__file__).stem}.txt").open("a") as file:
                file.write(f"{os.environ['PYTEST_XDIST_WORKER']} ")
    """
    pytester.makepyfile(test_one=test, test_two=test, test_three=test)
    pytester.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider").assert_outcomes(passed=27)
    workers = [Path(pytester.path, f"test_{name}.txt").read_text().split() for name in ("one", "two", "three")]
    assert [len(set(each)) for each in workers] == [1, 1, 1]
    assert len({each[0] for each in workers}) == 2
