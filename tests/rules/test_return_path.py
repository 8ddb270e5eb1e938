"""After signing in one lands on a page of ours, whatever the address said."""

import pytest

from auth.return_path import safe_return_path

OWN = ["/", "/desk", "/dossiers/3f2a?from=2024-01-01&to=2024-12-31", "/search#results", "/a/b..c", "/d?q=a%20b"]
FOREIGN = [
    None,
    "",
    "desk",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%255cevil.example",
    "/%2f%2fevil.example",
    "/%2Fevil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/\n/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\x00",
    "/ /evil.example",
    "https://evil.example/",
    "http:/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    "/../evil",
    "/..",
    "/a/%2e%2e/%2e%2e/b",
    "/ā",
    "/" + "a" * 2000,
    "/\u2028/evil.example",
    "/／evil.example",
    " /desk",
]


@pytest.mark.parametrize("path", OWN)
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert safe_return_path(path) == path


@pytest.mark.parametrize("path", FOREIGN)
def test_anything_else_leads_to_the_start(path: str | None) -> None:
    assert safe_return_path(path) == "/"
    assert safe_return_path(path, "/desk") == "/desk"
