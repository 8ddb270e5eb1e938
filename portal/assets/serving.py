"""Serves our own browser assets: named by content, so kept by browsers for a year."""

from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from auth.permissions import Permission
from portal.page import Request

FOLDER: Final = Path(__file__).resolve().parents[2] / ".cache" / "assets"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@get("/assets/{path:path}", name="asset", opt={"permission": Permission.PUBLIC})
async def assets(request: Request, path: FromPath[Path]) -> Response[bytes]:
    """Return one asset; only files that the build put there."""
    try:
        wanted = (FOLDER / str(path).lstrip("/")).resolve()
        found = FOLDER.resolve() in wanted.parents and wanted.suffix in TYPES and wanted.is_file()
    except (OSError, ValueError):  # longer than names are, or with a NUL in it
        found = False
    if not found:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    packed = wanted.with_name(wanted.name + ".gz")
    if packed.is_file() and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        wanted = packed
    kind = TYPES[Path(str(path)).suffix]
    return Response(wanted.read_bytes(), media_type=kind, headers=headers)
