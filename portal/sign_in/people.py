"""The demo's choice of people, in the product's own look."""

from typing import Any, cast

from litestar import Request, Response

from documents.classifiers import classifiers
from portal.page import Request as Asked
from portal.page import page
from portal.translations import gettext, language


def choose_person_page(request: Request[Any, Any, Any], context: dict[str, Any]) -> Response[Any]:
    """Show the cast of the demo story, grouped by where people work."""
    groups = [(_domain(key), people) for key, people in context["groups"]]
    return page(cast(Asked, request), "sign_in/people.html", **context | {"groups": groups})


def _domain(key: str) -> str:
    """The name of a domain; whoever works in none is of a family."""
    domains = classifiers().domains
    return domains[key].label(language()) if key in domains else gettext("Families")
