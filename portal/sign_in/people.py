"""The demo's choice of people, in the product's own look."""

from typing import Any, cast

from litestar import Request, Response

from portal.page import Request as Asked
from portal.page import page


def choose_person_page(request: Request[Any, Any, Any], context: dict[str, Any]) -> Response[Any]:
    """Show the cast of the demo story, grouped by where people work."""
    return page(cast(Asked, request), "sign_in/people.html", **context)
