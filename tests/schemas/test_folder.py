"""The folder is policed: nothing orphaned, nothing missing, names that say what is inside."""

import re

import pytest
from jsonschema import Draft202012Validator

from streamer.events import TYPES
from streamer.ingest.vendors import vendors
from tests.schemas.folder import EVENTS, EXAMPLES, SCHEMAS, SHARED, SUFFIX, read, refused, validator

# A file's name is read by people and quoted in shells.
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.json")
DOCUMENTS = {"asyncapi.yaml", "openapi.json"}


def test_there_is_no_file_that_nothing_reads() -> None:
    top = {path.name for path in SCHEMAS.iterdir()}
    assert top == DOCUMENTS | {"events", "examples"}
    strangers = [
        path for path in EXAMPLES.rglob("*") if path.is_file() and not NAME.fullmatch(path.name)
    ]
    assert strangers == []
    folders = {path.name for path in EXAMPLES.iterdir()}
    assert folders == set(TYPES) | {"refused"} | set(vendors())


def test_every_type_has_a_schema_and_nothing_else_has() -> None:
    names = {path.name for path in EVENTS.iterdir()}
    assert names == {f"{name}{SUFFIX}" for name in (*TYPES, *SHARED)}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_type_has_an_example(name: str) -> None:
    assert list((EXAMPLES / name).glob("*.json"))


@pytest.mark.parametrize("name", [*sorted(TYPES), *SHARED])
def test_every_schema_is_one_and_says_what_it_is_about(name: str) -> None:
    schema = read(EVENTS / f"{name}{SUFFIX}")
    Draft202012Validator.check_schema(schema)
    assert schema["title"]
    assert schema["description"].endswith(".")


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_type_is_held_to_its_own_name(name: str) -> None:
    schema = read(EVENTS / f"{name}{SUFFIX}")
    assert schema["title"] == schema["properties"]["type"]["const"] == name
    assert {"$ref": f"envelope{SUFFIX}"} in schema["allOf"]


def test_the_schema_of_any_event_knows_every_type() -> None:
    schema = read(EVENTS / f"event{SUFFIX}")
    branches = [branch for branch in schema["allOf"] if "if" in branch]
    assert {branch["then"]["$ref"]: branch["if"] for branch in branches} == {
        f"{name}{SUFFIX}": {"properties": {"type": {"const": name}}} for name in TYPES
    }


def test_a_type_without_a_schema_is_taken_as_unknown() -> None:
    unknown = {**read(EXAMPLES / "email.sent" / "with-prospect.json"), "type": "fax.sent"}
    assert validator("event").is_valid(unknown)


def test_every_refusal_says_who_refuses_it_and_why() -> None:
    for path in refused():
        case = read(path)
        assert set(case) == {"field", "why", "refused_by", "event"}
        assert case["refused_by"] in {"schema", "check"}
        assert case["why"].endswith(".")
