"""Is the portal alive, and can it answer?"""

from litestar import Response, get
from pymongo.errors import PyMongoError

from auth.permissions import Permission
from portal.page import Request
from portal.runtime import runtime


@get("/healthz", name="healthz", opt={"permission": Permission.PUBLIC})
async def healthz() -> Response[dict[str, str]]:
    """The process answers."""
    return Response({"status": "ok"})


@get("/readyz", name="readyz", opt={"permission": Permission.PUBLIC})
async def readyz(request: Request) -> Response[dict[str, str]]:
    """The store answers too; otherwise 503, so that the proxy asks another portal."""
    try:
        await runtime(request).store.database.command("ping")
    except PyMongoError:
        return Response({"status": "store unavailable"}, status_code=503)
    return Response({"status": "ready"})
