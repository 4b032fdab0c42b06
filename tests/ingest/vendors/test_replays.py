"""What every vendor's dead letters must hold: all that its parser needs, and no credential."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest

from streamer.events import split_record
from streamer.ingest.letters import delivery_of
from streamer.ingest.reading import Fragment
from streamer.ingest.replay import Replay
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery, Item, NotUnderstood, Wishes, vendors
from streamer.ingest.webhooks import Reading
from streamer.transport.deadletters import DeadLetter, read
from tests.ingest.support import SECRET, settings
from tests.ingest.vendors.cases import CASES, Case, Example, now

GIVEN: Final = settings()
EXAMPLES: Final = [
    pytest.param(case, example, id=f"{case.vendor}-{example.name}")
    for case in CASES
    for example in case.examples.values()
]
# Of these words no header may be kept: what proves a request is not for the dead letters.
PROOFS: Final = ("authorization", "cookie", "signature", "token", "secret", "key", "password")

Read = Callable[[Delivery, Wishes], Iterable[Item]]


def unread(_: Delivery, __: Wishes) -> Iterable[Item]:
    """A parser that understands nothing."""
    raise NotUnderstood("all of it is new")


def item_by_item(understanding: Read) -> Read:
    """A parser that finds the same items, and understands none of them."""

    def parse(delivery: Delivery, wishes: Wishes) -> Iterable[Item]:
        for item in understanding(delivery, wishes):
            yield Item(item.raw, not_understood="its word is new")

    return parse


def delivered(case: Case, example: Example) -> Delivery:
    """The proved request of an example as the gateway hands it to its parser."""
    request = case.sign(example.request, "first", now())
    secret, _, kind = request.path[1:].partition("/")
    return Delivery(
        method=request.method,
        headers={k.lower().encode(): v.encode() for k, v in request.headers.items()},
        query=request.query.encode(),
        body=request.body,
        received=1_772_445_600.25,
        secret=secret or None,
        kind=kind or None,
        url=request.url,
    )


def with_parser(source: Source, parser: Read) -> Source:
    return dataclasses.replace(source, vendor=dataclasses.replace(source.vendor, read=parser))


def letters_of(source: Source, delivery: Delivery) -> list[DeadLetter]:
    records = Reading(source, delivery, GIVEN).letters.records()
    return [read(SECRET.encode(), record.key or b"", record.value) for record in records]


def events(fragments: Iterable[Fragment]) -> set[tuple[bytes, bytes]]:
    """Each event as it stands in a record, with its key."""
    return {
        (each.key or b"", raw) for each in fragments for raw in split_record(b"[%b]" % each.body)
    }


@pytest.mark.parametrize("how", ["whole", "item by item"])
@pytest.mark.parametrize(("case", "example"), EXAMPLES)
def test_what_is_understood_later_gives_the_events_that_it_would_have_given(
    how: str, case: Case, example: Example, tmp_path: Path
) -> None:
    source = case.sources(tmp_path, **example.source)["it"]
    delivery = delivered(case, example)
    wanted = events(Reading(source, delivery, GIVEN).routed.fragments)
    parser = unread if how == "whole" else item_by_item(source.vendor.read)
    letters = letters_of(with_parser(source, parser), delivery) if how == "whole" or wanted else []
    replay = Replay(GIVEN, {"it": source})
    assert {
        each for letter in letters for each in events(replay.read(letter).routed.fragments)
    } == wanted


@pytest.mark.parametrize(("case", "example"), EXAMPLES)
def test_no_proof_is_kept(case: Case, example: Example, tmp_path: Path) -> None:
    source = case.sources(tmp_path, **example.source)["it"]
    delivery = delivered(case, example)
    plain: Mapping[str, str] = {k.lower(): v for k, v in example.request.headers.items()}
    (letter,) = letters_of(with_parser(source, unread), delivery)
    assert letter.request is not None
    kept = delivery_of(letter)
    for name in kept.headers:
        assert name.decode() in {*plain, "content-type"} or name in source.vendor.reads_headers
        assert not any(word in name.decode() for word in PROOFS)
    assert kept.secret is None
    shown = f"{letter.request} {letter.value!r}"
    # The token of Twilio's published example is so short that it stands in its numbers too.
    assert not [secret for secret in case.secrets if len(secret) >= 8 and secret in shown]
    assert kept.received == delivery.received


def test_a_vendor_keeps_no_header_that_proves() -> None:
    for vendor in vendors().values():
        for name in vendor.reads_headers:
            assert name == name.lower()
            assert not any(word in name.decode() for word in PROOFS)
