"""The campaign of each event that names none, found the slow way, everything being known before.

Shares no code with the product: it reads the same JSON, and looks at all of it for every event.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

JSON = dict[str, Any]


def campaigns_of(
    events: Iterable[JSON], links: Sequence[JSON], plans: Sequence[JSON]
) -> dict[str, str | None]:
    """The campaign of each event by its id, None where it waits; `events` in their order."""
    given: dict[str, str | None] = {}
    threads: dict[tuple[str, str], str] = {}
    waiting: list[JSON] = []
    for event in events:
        if given.get(event["id"]):
            continue
        thread = (event["source"], event["message"]) if event.get("message") else None
        campaign = threads.get(thread) if thread else None
        campaign = campaign or rule(event, links, plans)
        given[event["id"]] = campaign
        if campaign is None:
            waiting.append(event)
        elif thread and thread not in threads:
            threads[thread] = campaign
            for other in waiting:
                if (other["source"], other.get("message")) == thread:
                    given[other["id"]] = given[other["id"]] or campaign
    return given


def rule(event: JSON, links: Sequence[JSON], plans: Sequence[JSON]) -> str | None:
    """The campaign of one event by the rule alone."""
    mine = [link for link in links if link["identity"] == event["subject"]]
    names = sorted({link["campaign"] for link in mine})
    if len(names) < 2:
        return names[0] if names else None
    at = int(datetime.fromisoformat(event["time"]).timestamp())
    contacts = [link for link in mine if link.get("at") is not None and link["at"] <= at]
    if contacts:
        return str(min(contacts, key=lambda link: (-link["at"], link["campaign"]))["campaign"])
    best: tuple[float, str] | None = None
    for name in names:
        start, end = span(in_force(name, plans))
        if start <= at < end and (best is None or start > best[0]):
            best = (start, name)
    return best[1] if best else None


def in_force(name: str, plans: Sequence[JSON]) -> Mapping[str, Any]:
    """The terms of the latest plan of a campaign."""
    mine = [plan for plan in plans if plan["campaign"] == name]
    if not mine:
        return {}
    latest = max(mine, key=lambda p: (datetime.fromisoformat(p["time"]), p["source"], p["id"]))
    return dict(latest.get("data") or {})


def span(terms: Mapping[str, Any]) -> tuple[float, float]:
    """From when until before when a plan runs."""
    zone = ZoneInfo(terms.get("time_zone") or "UTC")
    start, end = terms.get("start"), terms.get("end")
    return (
        float("-inf") if start is None else second(start, zone, days=0),
        float("inf") if end is None else second(end, zone, days=1),
    )


def second(text: str, zone: ZoneInfo, days: int) -> float:
    """A moment; of a bare date the midnight so many days after it begins."""
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC).timestamp() // 1
    day = date.fromisoformat(text) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
