"""The folder `schemas/` as the tests read it: schemas, examples, validators."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from streamer.events import TYPES

SCHEMAS = Path(__file__).parents[2] / "schemas"
EVENTS = SCHEMAS / "events"
EXAMPLES = SCHEMAS / "examples"
SUFFIX = ".schema.json"
SHARED = ("envelope", "event")
"""Schemas that are not one type's."""


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@cache
def registry() -> Registry[Any]:
    """Every schema under its file's name, as the references name them."""
    found = {path.name: Resource.from_contents(read(path)) for path in EVENTS.glob("*.json")}
    return Registry().with_resources(found.items())


def validator(name: str) -> Draft202012Validator:
    """A validator for the type, or for the shared schema, of that name."""
    return Draft202012Validator({"$ref": f"{name}{SUFFIX}"}, registry=registry())


def examples() -> list[Path]:
    """The events that are taken."""
    return sorted(path for path in EXAMPLES.glob("*/*.json") if path.parent.name in TYPES)


def refused() -> list[Path]:
    """The events that are not, with the field at fault and who refuses them."""
    return sorted(EXAMPLES.glob("refused/*.json"))


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"
