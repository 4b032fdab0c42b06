"""`/docs/NAME.md`: the pages of the documentation as the gateway serves them, for links of alerts.

Owns how Markdown becomes a page. Whoever reaches the gateway may read them: they tell of no
campaign.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from streamer.ingest.docs_page import STYLE

_FOLDER: Final = Path(__file__).parents[1] / "docs"
_COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
_STYLE: Final = (
    STYLE
    + """
:target { background: #fe8 }
table { display: block; overflow-x: auto }
@media (prefers-color-scheme: dark) { :target { background: #540 } }
"""
)


def routes() -> list[Route]:
    """A route for each page."""
    return [Route(f"/docs/{path.name}", _serve) for path in sorted(_FOLDER.glob("*.md"))]


async def _serve(request: Request) -> HTMLResponse:
    page = _page(request.url.path.rpartition("/")[2])
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


@cache
def _page(name: str) -> str:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>
<body>{render(text)}</body></html>
"""


def render(text: str) -> str:
    """Markdown as HTML, each heading with the anchor that its links expect."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(_COMMENT.sub("", text))
    for opening, heading in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(heading.content))
    for link in _links(tokens):
        # What lies beside the program is not served.
        if str(link.attrGet("href")).startswith("../"):
            link.attrSet("href", "#")
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return html


def anchor(heading: str) -> str:
    """The anchor of a heading, as those who show Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _links(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                yield child
