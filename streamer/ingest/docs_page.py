"""`/docs`: the OpenAPI document as one plain page, without scripts and without other hosts.

Owns the page. The document itself is handed in.
"""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.problems import MethodNotAllowed, NotFound, Receive, Scope, Send, answer

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_POLICY: Final = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'")
STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff }
h2 { margin-top: 2.5rem; border-top: 1px solid #999; padding-top: 1rem }
code, pre { font-family: ui-monospace, monospace; background: #f2f2f2; padding: 0 .25rem }
pre { padding: .75rem; overflow-x: auto }
table { border-collapse: collapse } td, th { text-align: left; padding: .2rem 1rem .2rem 0;
  vertical-align: top }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #161616 } code, pre { background: #2a2a2a } a { color: #9cf } }
"""


class DocsRoute:
    """The page at `/docs` and the document at `/docs/openapi.json`."""

    def __init__(self, openapi: bytes | None) -> None:
        self._document = openapi
        self._page = None if openapi is None else page(json.loads(openapi)).encode()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed("GET")
        if self._document is None or self._page is None:
            raise NotFound("This installation has no OpenAPI document.")
        if scope["path"].endswith(".json"):
            await answer(send, 200, self._document)
        else:
            await answer(send, 200, self._page, b"text/html; charset=utf-8", [_POLICY])


def page(document: Mapping[str, Any]) -> str:
    """The document as HTML."""
    about = document.get("info", {})
    title = html.escape(str(about.get("title", "API")))
    body = "\n".join(_operations(document))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>
<body><h1>{title}</h1>{_text(about.get("description"))}
<p>The same for machines: <a href="/docs/openapi.json">openapi.json</a></p>
{body}
</body></html>
"""


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                shared = item.get("parameters", [])
                yield from _operation(document, f"{method.upper()} {path}", item[method], shared)


def _operation(
    document: Mapping[str, Any], title: str, operation: Mapping[str, Any], shared: list[Any]
) -> Iterator[str]:
    yield f"<h2><code>{html.escape(title)}</code></h2>"
    yield _text(operation.get("summary")) + _text(operation.get("description"))
    parameters = [_resolve(document, each) for each in [*shared, *operation.get("parameters", [])]]
    if parameters:
        rows = ((p.get("name"), p.get("in"), p.get("description")) for p in parameters)
        yield "<h3>Parameters</h3>" + _table(rows)
    content = _resolve(document, operation.get("requestBody", {})).get("content", {})
    for media, body in content.items():
        yield f"<h3>Body: <code>{html.escape(media)}</code></h3>" + _example(body)
    answers = operation.get("responses", {}).items()
    rows = ((code, _resolve(document, each).get("description"), "") for code, each in answers)
    yield "<h3>Answers</h3>" + _table(rows)


def _resolve(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the document."""
    reference = value.get("$ref")
    if not isinstance(reference, str):
        return value
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _table(rows: Any) -> str:  # noqa: ANN401
    cells = (
        "<tr>" + "".join(f"<td>{html.escape(str(cell or ''))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _example(body: Mapping[str, Any]) -> str:
    named: Any = next(iter(body.get("examples", {}).values()), {})
    example = body.get("example", named.get("value"))
    if example is None:
        return ""
    text = json.dumps(example, indent=2, ensure_ascii=False)
    return f"<pre>{html.escape(text)}</pre>"


def _text(value: object) -> str:
    return f"<p>{html.escape(str(value))}</p>" if value else ""
