"""The OpenAPI document is valid, and says of events and plans what the code does."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from streamer.commands import documents
from streamer.kpis.catalogue import CATALOGUE
from tests.schemas.folder import EVENTS, EXAMPLES, SCHEMAS, read

DOCUMENT = read(SCHEMAS / "openapi.json")
COMPONENTS = DOCUMENT["components"]
METHODS = ("get", "put", "post")


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


OPERATIONS = dict(operations())


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    found: Any = DOCUMENT
    for part in value.get("$ref", "#").split("/")[1:]:
        found = found[part]
    return found if "$ref" in value else value


def schema_of(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": COMPONENTS})


def test_the_document_is_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_the_gateway_finds_the_document() -> None:
    assert documents.openapi() == (SCHEMAS / "openapi.json").read_bytes()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does_and_answers(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"].endswith(".")
    assert operation["tags"]
    assert operation["responses"]


@pytest.mark.parametrize("name", [name for name in OPERATIONS if "/v1/" in name])
def test_every_route_of_the_api_needs_proof_and_refuses_as_a_problem(name: str) -> None:
    operation = OPERATIONS[name]
    ways: list[dict[str, list[str]]] = [{"bearer": []}, {"session": []}]
    if name.startswith("get /v1/campaigns/{campaign}"):
        ways.append({"link": []})
    assert operation.get("security", DOCUMENT["security"]) == ways
    assert ("403" in operation["responses"]) == (not name.startswith("get "))
    assert {"401", "503"} <= operation["responses"].keys()
    for status, answer in operation["responses"].items():
        media = set(resolved(answer)["content"])
        assert (media == {"application/problem+json"}) == (status >= "400")


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_example_is_valid(name: str) -> None:
    operation = OPERATIONS[name]
    bodies = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]
    for body in bodies:
        for content in body.get("content", {}).values():
            if "example" in content:
                schema = {**content["schema"], "components": COMPONENTS}
                assert list(Draft202012Validator(schema).iter_errors(content["example"])) == []


def test_the_envelope_is_the_one_of_the_schemas() -> None:
    envelope = read(EVENTS / "envelope.schema.json")
    event = COMPONENTS["schemas"]["Event"]
    for part in ("type", "required", "properties"):
        assert event[part] == envelope[part]


def test_a_plan_takes_what_an_event_with_a_whole_plan_has() -> None:
    whole = read(EXAMPLES / "campaign.planned" / "whole.json")["data"]
    assert schema_of("Plan").is_valid(whole)
    assert COMPONENTS["schemas"]["Plan"]["properties"].keys() == whole.keys()


@pytest.mark.parametrize(
    "plan",
    [
        {"budget": 3},
        {"planned": {"fax": 3}},
        {"planned": {"email": -1}},
        {"cost": "many"},
        {"cost": True},
        {"name": ""},
        {"key_questions": "5"},
    ],
)
def test_a_plan_is_strict(plan: dict[str, Any]) -> None:
    assert not schema_of("Plan").is_valid(plan)


def test_the_channels_and_windows_are_the_catalogues() -> None:
    row = COMPONENTS["schemas"]["Kpi"]["properties"]
    assert set(row["channel"]["enum"]) == {kpi.channel for kpi in CATALOGUE}
    assert set(row["window"]["enum"]) == {window for kpi in CATALOGUE for window in kpi.windows}
