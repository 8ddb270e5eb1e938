"""Questions of other systems about one child, and the description of the interface."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from pydantic import BaseModel

from auth.permissions import Permission
from documents.personal_code import parse
from portal.exchange.actions import child_data
from portal.exchange.answer import ChildData, Question
from portal.runtime import runtime

PREFIX = "/api/v1"


class Problem(BaseModel):
    """Why not, in a sentence that helps."""

    status: int
    detail: str


def _refusals(**words: str) -> dict[int, ResponseSpec]:
    return {
        int(status[1:]): ResponseSpec(Problem, description=text, generate_examples=False)
        for status, text in words.items()
    }


class ChildrenController(Controller):
    """`/api/v1`."""

    path = PREFIX

    @post(
        "/children/lookup",
        name="api.child",
        status_code=200,
        opt={"permission": Permission.TECHNICAL_READ},
        summary="Named fields of one child",
        responses=_refusals(
            s400="The body is not the question.",
            s401="No token, or none of the identity provider's for this interface.",
            s403="The client is not agreed.",
            s404="No child with this code for which the client has a ground.",
            s413="The body is too large.",
            s422="The text is no personal code.",
            s429="More questions than agreed.",
            s503="The register cannot answer now.",
        ),
    )
    async def child(self, data: JSONBody[Question], request: Request[Any, Any, Any]) -> ChildData:
        """What the client's agreement names, of today. Every question is recorded; the family sees it."""
        held, state = runtime(request), request.scope["state"]
        code = parse(data.personal_code, accept_invented=held.settings.demo)
        return await child_data(held.store, state["machine"], code, state["now"])

    @get("/openapi.json", name="api.description", opt={"permission": Permission.PUBLIC}, include_in_schema=False)
    async def description(self, request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
        """This interface in OpenAPI."""
        return Response(request.app.openapi_schema.to_schema())
