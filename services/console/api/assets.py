"""The script, the style and the icon: read once, named by their content, kept by browsers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Response

from shared.web.problems import http_problem

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEEP = "public, max-age=31536000, immutable"
"""A changed file has another address, so a copy is never wrong."""

DIGEST_CHARS = 12
"""48 bits: versions of one file do not collide by chance."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `address` changes with its content."""

    address: str
    content: bytes
    media_type: str


def load(folder: Path) -> dict[str, Asset]:
    """All files of `folder` by name (`console.css`)."""
    return {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}


def asset_routes(assets: Mapping[str, Asset]) -> APIRouter:
    """The files, for anybody: they hold nothing of this deployment."""
    router = APIRouter()
    by_address = {asset.address: asset for asset in assets.values()}

    @router.get("/assets/{name}", response_class=Response)
    async def read_asset(name: str) -> Response:
        """One file."""
        asset = by_address.get(f"/assets/{name}")
        if asset is None:
            raise http_problem(404)
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": KEEP})

    return router


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:DIGEST_CHARS]
    return Asset(f"/assets/{path.stem}-{digest}{path.suffix}", content, TYPES[path.suffix])
