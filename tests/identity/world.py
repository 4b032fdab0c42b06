"""People, campaigns and what happens between them, by a seed: links, plans and events as JSON."""

import random
from datetime import UTC, datetime
from typing import Any, NamedTuple

JSON = dict[str, Any]

START = 1_772_438_400  # 2026-03-02T08:00:00Z
HOUR = 3_600


class World(NamedTuple):
    """All of it, in the order in which it is sent; events with repetitions."""

    links: list[JSON]
    plans: list[JSON]
    events: list[JSON]


def world(seed: int, people: int, events: int, prefix: str = "w") -> World:
    """A world in which every rule is in play, and every tie."""
    chance = random.Random(seed)
    campaigns = [f"{prefix}-{name}" for name in "abcd"]
    names = [f"{prefix}-p{number}" for number in range(people)]
    links = [link for name in names for link in _links(chance, name, campaigns)]
    chance.shuffle(links)
    plans = [_plan(chance, f"{prefix}-plan-{n}", chance.choice(campaigns)) for n in range(5)]
    sent = [_event(chance, f"{prefix}-{number}", names) for number in range(events)]
    for event in sent[: events // 5]:
        sent.insert(chance.randrange(len(sent)), event)
    return World(links, plans, sent)


def _moment(chance: random.Random) -> int:
    # Few seconds, so that ties and « exactly then » are common.
    return START + HOUR * chance.randrange(12)


def _links(chance: random.Random, name: str, campaigns: list[str]) -> list[JSON]:
    found: list[JSON] = []
    for campaign in chance.sample(campaigns, chance.choice([0, 1, 1, 2, 3])):
        found += [
            {"identity": name, "campaign": campaign, "at": _moment(chance)}
            for _ in range(chance.choice([0, 0, 1, 2]))
        ]
        if not found or chance.random() < 0.5:
            found.append({"identity": name, "campaign": campaign})
    return found


def _plan(chance: random.Random, number: str, campaign: str) -> JSON:
    day = chance.choice(["2026-03-01", "2026-03-02", "2026-03-03", _text(_moment(chance))])
    data: JSON = {"start": day} if chance.random() < 0.7 else {}
    if chance.random() < 0.7:
        data["end"] = chance.choice(["2026-03-01", "2026-03-02", _text(_moment(chance))])
    if chance.random() < 0.5:
        data["time_zone"] = chance.choice(["Europe/Paris", "America/New_York", "Pacific/Auckland"])
    return {
        "specversion": "1.0",
        "id": number,
        "source": "/v1/campaigns",
        "type": "campaign.planned",
        "time": _text(_moment(chance)),
        "campaign": campaign,
        "data": data,
    }


def _event(chance: random.Random, number: str, names: list[str]) -> JSON:
    subject = chance.choice(names)
    event: JSON = {
        "specversion": "1.0",
        "id": number,
        "source": chance.choice(["/sms", "/crm"]),
        "type": "sms.replied",
        "time": _text(_moment(chance)),
        "subject": subject,
    }
    if chance.random() < 0.4:
        event["message"] = f"{subject}-m{chance.randrange(2)}"
    return event


def _text(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
