"""The AsyncAPI document parses, and knows the topics that are created."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from streamer.transport import marks
from streamer.transport.people import Alias, CampaignPlan, Link, read_entry
from streamer.transport.topics import TOPICS
from tests.schemas.folder import SCHEMAS, registry

HERE = Path(__file__).parent
DOCUMENT: dict[str, Any] = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
SECONDS = 120


def parser() -> str:
    """The path of node; skips, naming what is missing, where the parser cannot run."""
    node = shutil.which("node")
    parsed_by = HERE / "node_modules" / "@asyncapi" / "parser"
    if node and parsed_by.is_dir():
        return node
    missing = "node is not installed" if not node else "run `npm ci` in tests/schemas"
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have AsyncAPI's parser: {missing}", pytrace=False)
    pytest.skip(f"AsyncAPI's parser is not here: {missing}")


def parse(path: Path) -> subprocess.CompletedProcess[str]:
    command = [parser(), str(HERE / "check_asyncapi.mjs"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_document_is_asyncapi() -> None:
    done = parse(SCHEMAS / "asyncapi.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wrong_document_is_noticed(tmp_path: Path) -> None:
    wrong = {**DOCUMENT, "channels": {"touchpoints": {"adress": "touchpoints"}}}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert parse(tmp_path / "wrong.json").returncode == 1


def test_it_tells_every_topic_that_is_not_internal() -> None:
    public = {topic.name for topic in TOPICS if not topic.name.endswith("-changelog")}
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == public


@pytest.mark.parametrize("name", DOCUMENT["channels"])
def test_topics_are_kept_as_they_are_created(name: str) -> None:
    kafka = DOCUMENT["channels"][name]["bindings"]["kafka"]
    made = next(topic for topic in TOPICS if topic.name == DOCUMENT["channels"][name]["address"])
    told = kafka["topicConfiguration"]
    assert made.config["cleanup.policy"] == ",".join(told["cleanup.policy"])
    assert made.config.get("retention.ms") == (str(told["retention.ms"]) if len(told) > 1 else None)
    if made.partitions is not None:
        assert kafka["partitions"] == made.partitions


@pytest.mark.parametrize("name", ["personal", "links", "plan", "fingerprint"])
def test_the_examples_of_a_message_are_valid(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    for example in message["examples"]:
        assert list(Draft202012Validator(message["payload"]).iter_errors(example["payload"])) == []


def test_the_examples_of_identities_are_what_the_code_reads() -> None:
    kinds = set()
    for name in ("links", "plan"):
        for example in DOCUMENT["components"]["messages"][name]["examples"]:
            for entry in example["payload"]:
                found = read_entry(json.dumps(entry).encode())
                kinds.add(type(found))
                if isinstance(found, Link | Alias):
                    assert msgspec.to_builtins(found) == entry
    assert kinds == {Link, Alias, CampaignPlan}


def test_the_examples_of_a_record_are_valid() -> None:
    message = DOCUMENT["components"]["messages"]["events"]
    batch = {"type": "array", "items": {"$ref": "event.schema.json"}}
    for example in message["examples"]:
        found = Draft202012Validator(batch, registry=registry()).iter_errors(example["payload"])
        assert list(found) == []


def mark_schema() -> Draft202012Validator:
    message = DOCUMENT["components"]["messages"]["deadLetterMark"]
    return Draft202012Validator(message["payload"]["schema"])


def test_the_examples_of_a_mark_are_marks() -> None:
    for example in DOCUMENT["components"]["messages"]["deadLetterMark"]["examples"]:
        assert mark_schema().is_valid(example["payload"])
        mark = marks.decode(json.dumps(example["payload"]).encode())
        assert json.loads(marks.encode(mark)) == example["payload"]


@pytest.mark.parametrize("state", marks.STATES)
def test_every_mark_is_as_the_document_says(state: marks.State) -> None:
    for mark in (marks.Mark(state, 1.5), marks.Mark(state, 1.5, "it is new", 2)):
        assert mark_schema().is_valid(json.loads(marks.encode(mark)))
    assert not mark_schema().is_valid({"state": "lost", "at": 1.5})
