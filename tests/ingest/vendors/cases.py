"""What the contract suite needs to know of a vendor: how it proves itself, samples of what it says.

Each vendor's case is the constant `CASE` of a module `case_<vendor>.py` beside this one; its
samples are the examples of `schemas/examples/<vendor>/`, which also tell what must come of them.
"""

import importlib
import json
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from streamer.ingest.sources import Source, read_sources
from streamer.ingest.vendors import vendors
from tests.ingest.support import settings

EXAMPLES: Final = Path(__file__).parents[3] / "schemas" / "examples"
URL: Final = "https://hooks.example.fr"
"""STREAMER_PUBLIC_URL of every case: what vendors that sign their URL sign."""
FIRST, SECOND, WRONG = "first", "second", "wrong"
Which = Literal["first", "second", "wrong"]


class Request(NamedTuple):
    """One request of a vendor: `path` follows `/webhooks/it`, such as `/SECRET/KIND`."""

    body: bytes = b""
    headers: Mapping[str, str] = {}
    query: str = ""
    method: str = "POST"
    path: str = ""

    @property
    def url(self) -> str:
        """The URL as the vendor calls it."""
        return f"{URL}{self.target}"

    @property
    def target(self) -> str:
        """The URL without scheme and host."""
        return f"/webhooks/it{self.path}" + (f"?{self.query}" if self.query else "")


# An unsigned request, the secret to prove it with, the moment: the request as it is sent.
Sign = Callable[[Request, Which, float], Request]


@dataclass(frozen=True)
class Example:
    """One file of `schemas/examples/<vendor>/`: a request and what must come of it.

    `source` are further keys of the source's table. `events` are those that must come, in order,
    each with the fields to compare; `subject` is given as `{kind: address}`, or as the pseudonym
    that the passthrough holds, and `message` as true where it is a hash, so that there must be one.
    `ignored` is the number of items that prove nothing, `not_understood` that of the dead letters.
    """

    name: str
    request: Request
    source: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    ignored: int
    not_understood: int


@dataclass(frozen=True)
class Case:
    """One vendor under the contract.

    `secrets` are what the source's variables hold: two, while one is rotated. `sign` proves a
    request with one of them, or with a secret that is not configured.

    `covers`: what a proof covers: the `body`, its `value` (what the JSON says, not how it is
    spaced), its `fields` (every text of its object), only the `url`, or `nothing` (a shared
    secret). `in_body`: the proof is inside the body, or the body inside the proof, so that a broken
    body can't be authentic. `horizon` is
    the oldest a proof may be, None when it has no time. `keys` are further keys of the source that
    it needs. `pages` are what the gateway can fetch. `retries_as_is`: a retry is the same bytes,
    proof included. `personal` is what must never leave in the clear; it stands in every sample
    (nothing if the vendor names nobody).
    `one_event`, `batch` and `strange` name examples: one that gives a single event, one whose
    request gives several events (None if there is none), one that is not understood.
    """

    vendor: str
    secrets: tuple[str, ...]
    sign: Sign
    covers: Literal["body", "value", "fields", "url", "nothing"]
    one_event: str
    strange: str
    batch: str | None = None
    in_body: bool = False
    horizon: float | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[str, bytes] = field(default_factory=dict)
    retries_as_is: bool = False
    personal: tuple[str, ...] = ("prospect@example.fr",)

    @cached_property
    def examples(self) -> Mapping[str, Example]:
        """Its examples by name."""
        files = sorted((EXAMPLES / self.vendor).glob("*.json"))
        return {path.stem: read_example(path) for path in files}

    def sample(self, name: str) -> Request:
        """The unsigned request of an example."""
        return self.examples[name].request

    def sources(self, tmp_path: Path, **keys: Any) -> Mapping[str, Source]:
        """The source `it` of this vendor, with all its secrets, for the campaign `c`."""
        variables = {f"IT_KEY_{number}": each for number, each in enumerate(self.secrets)}
        table = {
            "vendor": self.vendor,
            "secrets": [f"env:{name}" for name in variables],
            "campaign": "c",
            **self.keys,
            **keys,
        }
        if not variables:
            del table["secrets"]
        lines = [f"{name} = {toml(each)}" for name, each in table.items() if each is not None]
        file = tmp_path / "sources.toml"
        file.write_text("\n".join(["[sources.it]", *lines, ""]), encoding="utf-8")
        return read_sources(settings(SOURCES=str(file), **variables))


def toml(value: object) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def read_example(path: Path) -> Example:
    """One example; see `Example` for what stands in it."""
    told = json.loads(path.read_bytes())
    request = told["request"]
    kind = request.get("kind")
    body, content_type = b"", ""
    if "json" in request:
        body, content_type = json.dumps(request["json"]).encode(), "application/json"
    elif "form" in request:
        body = urllib.parse.urlencode(request["form"]).encode()
        content_type = "application/x-www-form-urlencoded"
    elif "text" in request:
        body, content_type = request["text"].encode(), "text/plain; charset=UTF-8"
    headers = {"content-type": content_type} if content_type else {}
    return Example(
        path.stem,
        Request(
            body,
            headers | request.get("headers", {}),
            urllib.parse.urlencode(request.get("query", {})),
            request.get("method", "POST"),
            f"/{kind}" if kind else "",
        ),
        told.get("source", {}),
        told.get("events", []),
        told.get("ignored", 0),
        told.get("not_understood", 0),
    )


def now() -> float:
    """The moment at which the tests' vendors sign."""
    return time.time()


def _cases() -> tuple[Case, ...]:
    modules = sorted(Path(__file__).parent.glob("case_*.py"))
    found = [importlib.import_module(f"{__package__}.{module.stem}") for module in modules]
    return tuple(module.CASE for module in found)


CASES: Final = _cases()


def is_taken(case: Case, status: int) -> bool:
    """Whether it is the status by which the vendor knows that it is done."""
    return status == vendors()[case.vendor].retries.taken.status
