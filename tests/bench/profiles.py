"""The loads of the benchmarks, as records ready for Kafka: (campaign, JSON value, events in it).

Three profiles. `near`: touches are sent one after the other and what follows comes soon after.
`scattered`: openings spread evenly over a million touches sent long ago. `rules`: every rule of
the counting in play, from the stream that the tests use.
"""

import random
import time
from collections.abc import Iterator
from typing import Any

from streamer.events import encode_batch
from tests.recount.stream import stream

Event = dict[str, Any]
Record = tuple[str, bytes, int]

SOURCE = "/sources/bench"
LATER = ("email.delivered", "email.opened", "email.clicked")
REACH = 2_000
PACE = 2_000  # events a second of event time


def rfc3339(second: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def mail(campaign: str, touch: int, kind: str, number: int, second: float) -> Event:
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": SOURCE,
        "type": kind,
        "time": rfc3339(second),
        "campaign": campaign,
        "subject": f"p{touch:08}",
        "message": f"m{touch:08}",
    }


def near(count: int, campaigns: int, start: float) -> Iterator[Event]:
    """0.43 touches an event; each event follows within the last few thousand touches."""
    chance = random.Random(1)
    started = [0] * campaigns
    for number in range(count):
        place = number // 100 % campaigns
        second = start + number / PACE
        if started[place] < REACH or chance.random() < 0.43:
            started[place] += 1
            yield mail(f"near{place}", started[place], "email.sent", number, second)
        else:
            touch = started[place] - chance.randrange(REACH)
            yield mail(f"near{place}", touch, chance.choice(LATER), number, second)


def sends(touches: int, campaigns: int, start: float) -> Iterator[Event]:
    """A million touches, each sent once."""
    for number in range(touches):
        place = number // 100 % campaigns
        yield mail(f"old{place}", number, "email.sent", number, start + number / PACE)


def scattered(count: int, touches: int, campaigns: int, start: float) -> Iterator[Event]:
    """Events of touches that `sends` has sent, in no order."""
    chance = random.Random(2)
    by_campaign = [
        [n for n in range(touches) if n // 100 % campaigns == place] for place in range(campaigns)
    ]
    for number in range(count):
        place = number // 100 % campaigns
        touch = chance.choice(by_campaign[place])
        yield mail(f"old{place}", touch, chance.choice(LATER), number, start + number / PACE)


def rules(count: int, campaigns: int) -> Iterator[Event]:
    """Every rule in play at once, with duplicates and disorder."""
    for event in stream(7, count, campaigns, count // (4 * campaigns)):
        if isinstance(event.get("campaign"), str):
            yield event


def records(events: Iterator[Event], each: int) -> Iterator[Record]:
    """Packed per campaign, `each` events a record."""
    waiting: dict[str, list[Event]] = {}
    for event in events:
        batch = waiting.setdefault(event["campaign"], [])
        batch.append(event)
        if len(batch) == each:
            yield event["campaign"], encode_batch(waiting.pop(event["campaign"])), each
    for campaign, batch in waiting.items():
        yield campaign, encode_batch(batch), len(batch)
