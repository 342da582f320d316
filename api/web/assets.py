"""Scripts, style and pictures of the pages: held in memory, addressed by content, so browsers keep them for ever."""

import gzip
import mimetypes
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem
from api.route import public, router

_FOLDER = Path(__file__).parent / "static"
_SERVED = {".css", ".js", ".json", ".svg"}
_FOR_EVER = "public, max-age=31536000, immutable"

routes = router(tag="pages", prefix="/static")


class Asset(NamedTuple):
    """A file as it is sent."""

    version: str
    media_type: str
    plain: bytes
    zipped: bytes


def _load() -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.suffix not in _SERVED:
            continue
        plain = path.read_bytes()
        media_type = mimetypes.types_map.get(path.suffix, "application/octet-stream")
        version = blake2b(plain, digest_size=6).hexdigest()
        found[path.relative_to(_FOLDER).as_posix()] = Asset(version, media_type, plain, gzip.compress(plain, mtime=0))
    return found


_ASSETS = _load()


def asset_url(name: str) -> str:
    """Give the address of a file under `static`; it changes with the content."""
    return f"/static/{_ASSETS[name].version}/{name}"


@routes.get("/{version}/{name:path}", include_in_schema=False)
@public
async def read_asset(request: Request, version: str, name: str) -> Response:
    """A file of the pages, the same for everybody."""
    asset = _ASSETS.get(name)
    if asset is None or asset.version != version:
        raise Problem(404, "asset_unknown", f"There is no file {name} of this version: load the page again.")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.zipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.plain, headers=headers, media_type=asset.media_type)
