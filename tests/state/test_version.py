"""What this version has stored in installations is read as it was meant, or has another version."""

import base64
import json
from random import Random
from typing import Any
from unittest.mock import patch

from streamer.state import Epoch, Partition, layout
from streamer.transport.topics import GROUP, changelog
from tests.numbers import numbers_of
from tests.recount.recount import compare, recount
from tests.state import golden


def read_back() -> list[str]:
    """How the numbers of what is stored differ from a recount of the events behind it."""
    rows: list[Any] = json.loads(golden.FILE.read_text())
    last = {(table, key): value for table, key, value in rows}
    found = list(last.items())
    Random(1).shuffle(found)
    partition = Partition(Epoch(0, 0), 16)
    for (table, key), value in found:
        partition.restore(table, key.encode(), base64.b64decode(value) if value else None)
    partition.restored()
    partition.refresh()
    shown = numbers_of(partition.snapshot("c", golden.NOW))
    return compare(recount(golden.EVENTS, golden.NOW), shown)


def test_what_this_version_has_stored_gives_the_recounts_numbers() -> None:
    assert golden.FILE.exists(), "a new version: python -m tests.state.golden"
    assert read_back() == []


def test_a_changed_layout_without_a_new_version_is_noticed() -> None:
    sent, delivered, *rest = layout.EMAIL.milestones
    with patch.dict(layout.EMAIL.__dict__, milestones=(delivered, sent, *rest)):
        layout.EMAIL.__dict__.pop("column", None)
        assert read_back()
    layout.EMAIL.__dict__.pop("column", None)


def test_a_version_has_changelogs_and_a_place_of_its_own() -> None:
    assert changelog("touches") == "streamer-1-touches-changelog"
    assert GROUP == "streamer-1"


def test_decisions_outlive_every_version() -> None:
    assert changelog("decisions") == "streamer-decisions-changelog"
