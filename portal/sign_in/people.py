"""The demo's choice of people, in the product's own look."""

from typing import Any, cast

from litestar import Request, Response

from documents.classifiers import classifiers
from fixtures.story import cast as cast_of_the_story
from portal.page import Request as Asked
from portal.page import page
from portal.runtime import runtime
from portal.translations import gettext, language


def choose_person_page(request: Request[Any, Any, Any], context: dict[str, Any]) -> Response[Any]:
    """Show the cast of the demo story, grouped by where people work."""
    groups = [(_domain(key), people) for key, people in context["groups"]]
    return page(cast(Asked, request), "sign_in/people.html", **context | {"groups": groups})


async def people_with_password(request: Asked, back: str) -> Response[Any]:
    """Show the cast with the password all of them have in the demo's Keycloak, which asks for it next."""
    held = runtime(request)
    groups: dict[str, list[Any]] = {}
    for member in await cast_of_the_story(held.store):
        groups.setdefault(_domain(member.group), []).append(member)
    return page(request, "sign_in/password.html", groups=list(groups.items()), password=held.demo_password, back=back)


def _domain(key: str) -> str:
    """The name of a domain; whoever works in none is of a family."""
    domains = classifiers().domains
    return domains[key].label(language()) if key in domains else gettext("Families")
