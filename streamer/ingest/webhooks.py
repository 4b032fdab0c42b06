"""`/webhooks/{source}[/{secret}[/{kind}]]`: raw bytes first, verified, read, kept, then answered.

A vendor is told success only when Kafka has all of it: what is understood as touchpoints, what is
authentic but not understood as dead letters. Never logs a path, a header or a body.
"""

import logging
import time
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from streamer.errors import KafkaUnavailable, RequestError, Unauthorized
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.letters import Letters
from streamer.ingest.metrics import UNKNOWN_SOURCE, GatewayMetrics
from streamer.ingest.origin import public_url
from streamer.ingest.packing import Packer
from streamer.ingest.problems import (
    Disconnected,
    MethodNotAllowed,
    Receive,
    Refused,
    Scope,
    Send,
    answer,
    answer_error,
)
from streamer.ingest.reading import Fragment, encode, read_events
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery, Item, NotUnderstood, Touchpoint
from streamer.settings import Settings

_log = logging.getLogger(__name__)

# A dead letter holds the whole body and the query, and must fit a record with its envelope.
_LARGEST_BODY: Final = 2 * 1024 * 1024 - 128 * 1024


class WebhookRoute:
    """All webhooks, as a bare ASGI function."""

    def __init__(
        self,
        settings: Settings,
        packer: Packer,
        budget: Budget,
        sources: Mapping[str, Source],
        metrics: GatewayMetrics,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._limit = min(settings.max_request_bytes, _LARGEST_BODY)
        self._packer = packer
        self._budget = budget
        self._sources = sources
        self._metrics = metrics
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as its vendor's retry contract says."""
        path = _path(scope)
        source = self._sources.get(path.source)
        label = path.source if source else UNKNOWN_SOURCE
        try:
            reading = await self._take(scope, receive, path)
        except KafkaUnavailable as error:
            self._metrics.webhook(label, "unavailable")
            await answer_error(send, error, source.vendor.retries.away if source else None)
        except Unauthorized as error:
            self._metrics.webhook(label, "refused")
            await answer_error(send, error, source.vendor.retries.refused if source else None)
        except RequestError:
            self._metrics.webhook(label, "refused")
            raise
        except Disconnected:
            raise
        except Exception as defect:  # noqa: BLE001 - a vendor to which a 500 is final would drop it
            _log.exception("a defect while serving source %s", label)
            self._metrics.webhook(label, "unavailable")
            await answer_error(send, defect, source.vendor.retries.away if source else None)
        else:
            self._count(label, reading)
            taken = reading.source.vendor.retries.taken
            await answer(send, taken.status, taken.body, taken.content_type)

    async def _take(self, scope: Scope, receive: Receive, path: "_Path") -> "Reading":
        """Verify, read, and return once Kafka has acknowledged all of it."""
        source = self._sources.get(path.source)
        methods = source.vendor.methods if source else frozenset({"POST"})
        if scope["method"] not in methods:
            await drain(receive)
            raise MethodNotAllowed(*sorted(methods))
        async with body_of(scope, receive, self._limit, self._budget) as body:
            delivery = Delivery(
                scope["method"],
                dict(scope["headers"]),
                scope["query_string"],
                body,
                self._now(),
                path.secret,
                path.kind,
                public_url(scope, self._settings),
            )
            reading = self._read(source, delivery)
        await self._packer.take(reading.fragments, reading.letters.records())
        return reading

    def _read(self, source: Source | None, delivery: Delivery) -> "Reading":
        # A source that does not exist looks like one whose signature is wrong.
        if source is None or not source.verify(delivery):
            raise Unauthorized("There is no such source, or this is not its signature.")
        return Reading(source, delivery, self._settings)

    def _count(self, label: str, reading: "Reading") -> None:
        self._metrics.webhook(label, "taken")
        self._metrics.webhook_events(label, "taken", sum(each.events for each in reading.fragments))
        self._metrics.webhook_events(label, "ignored", reading.ignored)
        self._metrics.webhook_events(label, "dead_lettered", reading.letters.count)
        if reading.letters.count:
            _log.warning(
                "source %s: %d items went to the dead letters: %s",
                label,
                reading.letters.count,
                reading.letters.reasons(),
            )


class Reading:
    """What one authentic request comes to: fragments for the topic, dead letters, the ignored."""

    def __init__(self, source: Source, delivery: Delivery, settings: Settings) -> None:
        self.source = source
        self.fragments: list[Fragment] = []
        self.letters = Letters(source, delivery, settings.secret or b"")
        self.ignored = 0
        self._limit = settings.max_event_bytes
        try:
            items = list(source.vendor.read(delivery, source.wishes))
        except NotUnderstood as problem:
            self.letters.add_whole(str(problem))
        except Exception as defect:  # noqa: BLE001 - it is authentic: it must be kept, whatever is wrong with us
            # Without the traceback, whose message may quote what was sent.
            _log.error("source %s: a defect of its parser: %s", source.name, type(defect).__name__)
            self.letters.add_whole(f"a defect of its parser: {type(defect).__name__}")
        else:
            self._judge(items)

    def _judge(self, items: list[Item]) -> None:
        events: list[tuple[bytes, Item]] = []
        for item in items:
            if item.not_understood:
                self.letters.add(item.raw, item.not_understood)
            elif not item.touchpoints:
                self.ignored += 1
            for touchpoint in item.touchpoints:
                try:
                    events.append((self._encode(touchpoint), item))
                except NotUnderstood as problem:
                    self.letters.add(item.raw, str(problem))
        self.fragments = self._sound(events)

    def _sound(self, events: list[tuple[bytes, Item]]) -> list[Fragment]:
        """The fragments of the events that are sound; the others become dead letters."""
        body = b"[" + b",".join(event for event, _ in events) + b"]"
        try:
            return read_events(body, "batch", self._limit)
        except Refused as refused:
            reasons = {error.index: error for error in refused.errors}
            for index, error in reasons.items():
                self.letters.add(events[index][1].raw, f"its {error.field} {error.reason}")
            return self._sound(
                [event for index, event in enumerate(events) if index not in reasons]
            )

    def _encode(self, touchpoint: Touchpoint) -> bytes:
        campaign = self.source.campaign_of(touchpoint.campaign)
        if campaign is None:
            raise NotUnderstood(
                "it has no campaign: set campaign, or campaign_from, in the sources file"
            )
        encoded = encode(
            {
                "specversion": "1.0",
                "id": touchpoint.id,
                "source": f"/sources/{self.source.name}",
                "type": touchpoint.type,
                "time": _rfc3339(touchpoint.at),
                "campaign": campaign,
                "subject": touchpoint.person,
                "message": touchpoint.message,
                "data": touchpoint.data,
            }
        )
        if len(encoded) > self._limit:
            raise NotUnderstood(f"it is above {self._limit} bytes")
        return encoded


class _Path(NamedTuple):
    source: str
    secret: str | None
    kind: str | None


def _path(scope: Scope) -> _Path:
    """The segments after `/webhooks/`; the source is empty when the path cannot be one."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    parts = path.split(b"/")[2:]
    if len(parts) > len(_Path._fields):
        return _Path("", None, None)
    try:
        decoded = [urllib.parse.unquote_to_bytes(part).decode() for part in parts]
    except UnicodeDecodeError:
        return _Path("", None, None)
    source, secret, kind = (*decoded, None, None, None)[: len(_Path._fields)]
    return _Path(source or "", secret, kind)


def _rfc3339(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise NotUnderstood("its time is no moment") from None
    return moment.isoformat(timespec="auto").replace("+00:00", "Z")
