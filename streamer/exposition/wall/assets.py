"""The files of the pages, read once: pages, styles, scripts, a font, and the facts.

Owns their types and the headers that let a browser keep them, and nothing else in. What is served
here holds no campaign's data.
"""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import PurePath
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from streamer.exposition.wall.facts import facts

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# Everything from this host, nothing inline, no frame around it.
_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
)
# The referrer stays at home: a wall screen's address holds its key.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Asset(NamedTuple):
    """One file."""

    body: bytes
    media_type: str
    etag: str

    def answer(self, request: Request) -> Response:
        """The file, or that it has not changed."""
        headers = {**HEADERS, "ETag": self.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


def read_assets() -> Mapping[str, Asset]:
    """By name, everything in the folder `static` and `facts.json`."""
    folder = files("streamer.exposition.wall") / "static"
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    found["facts.json"] = facts()
    return {
        name: _asset(body, _TYPES[suffix])
        for name, body in found.items()
        if (suffix := PurePath(name).suffix) in _TYPES
    }


def _asset(body: bytes, media_type: str) -> Asset:
    return Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
