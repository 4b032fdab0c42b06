"""`/webhooks/{source}[/{secret}[/{kind}]]`: raw bytes first, verified, read, kept, then answered.

A vendor is told success only when Kafka has all of it: what is understood as touchpoints, or as
events of a person, what is authentic but not understood as dead letters; and when its one-time
token, if it has one, is remembered. Never logs a path, a header or a body.
"""

import logging
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from streamer.errors import RedisUnavailable, RequestError, Unauthorized
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.fetching import Fetcher
from streamer.ingest.intake import Intake
from streamer.ingest.letters import Letters
from streamer.ingest.metrics import UNKNOWN_SOURCE, GatewayMetrics
from streamer.ingest.origin import public_url
from streamer.ingest.problems import (
    UNAVAILABLE,
    Disconnected,
    MethodNotAllowed,
    Receive,
    Scope,
    Send,
    answer,
    answer_error,
    place_of,
)
from streamer.ingest.reading import CloudEvent, encode, rfc3339
from streamer.ingest.routing import Told, route
from streamer.ingest.slimming import Bounds, slimmed
from streamer.ingest.sources import Source
from streamer.ingest.tokens import Tokens, TokenUsed, Use, use_of
from streamer.ingest.vendors import Delivery, Item, NotUnderstood, Touchpoint
from streamer.settings import Settings

_log = logging.getLogger(__name__)

# A dead letter holds the whole body and the query, and must fit a record with its envelope.
_LARGEST_BODY: Final = 2 * 1024 * 1024 - 128 * 1024


class Proofs(NamedTuple):
    """What tells an authentic request: the sources, used tokens, and what is fetched for it."""

    sources: Mapping[str, Source]
    tokens: Tokens
    fetcher: Fetcher


class WebhookRoute:
    """All webhooks, as a bare ASGI function."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        budget: Budget,
        proofs: Proofs,
        metrics: GatewayMetrics,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._limit = min(settings.max_request_bytes, _LARGEST_BODY)
        self._intake = intake
        self._budget = budget
        self._sources, self._tokens, self._fetcher = proofs
        self._metrics = metrics
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as its vendor's retry contract says."""
        path = _path(scope)
        source = self._sources.get(path.source)
        label = path.source if source else UNKNOWN_SOURCE
        try:
            reading = await self._take(scope, receive, path)
        except UNAVAILABLE as error:
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
            _log.error("a defect while serving source %s: %s", label, place_of(defect))
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
        sent = (scope, receive)
        if source and (largest := source.vendor.largest):
            sent = slimmed(scope, receive, Bounds(largest, self._limit))
        async with body_of(*sent, self._limit, self._budget) as body:
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
            source, delivery = await self._proved(source, delivery)
            reading = Reading(source, delivery, self._settings)
            use = await self._claim(reading, delivery)
        routed = reading.routed
        await self._intake.take(
            routed.fragments, [*routed.inbound, *reading.letters.records()], routed.links
        )
        if use:
            await self._tokens.remember(use)
        for url in reading.visits:
            await self._fetcher.visit(url)
        return reading

    async def _proved(self, source: Source | None, delivery: Delivery) -> tuple[Source, Delivery]:
        """The source and the request, with what was fetched for its proof; or Unauthorized."""
        if source is not None:
            if urls := source.vendor.fetches(delivery, source.wishes):
                fetched = {url: await self._fetcher.fetch(url) for url in urls}
                delivery = delivery._replace(fetched=fetched)
            if source.verify(delivery):
                return source, delivery
        # A source that does not exist looks like one whose signature is wrong.
        raise Unauthorized("There is no such source, or this is not its signature.")

    async def _claim(self, reading: "Reading", delivery: Delivery) -> Use | None:
        """Claim the one-time token of a request, if its vendor has them."""
        use = use_of(reading.source, delivery)
        if use is None:
            return None
        try:
            await self._tokens.claim(use)
        except RedisUnavailable:
            if not reading.source.vendor.once(delivery):
                raise
            # It would be lost: it is kept, and counts when somebody decides to replay it.
            reading.set_aside("its token could not be looked up, since Redis was away")
            return None
        except TokenUsed:
            _log.warning("source %s: a used token came with another body", reading.source.name)
            raise
        return use

    def _count(self, label: str, reading: "Reading") -> None:
        self._metrics.webhook(label, "taken")
        self._metrics.webhook_events(label, "taken", reading.routed.events)
        self._metrics.webhook_events(label, "ignored", reading.ignored)
        self._metrics.webhook_events(label, "dead_lettered", reading.letters.count)
        for notice in reading.notices:
            _log.warning("source %s: %s", label, notice)
        if reading.letters.count:
            _log.warning(
                "source %s: %d items went to the dead letters: %s",
                label,
                reading.letters.count,
                reading.letters.reasons(),
            )


class Reading:
    """What one authentic request comes to: where its events go, dead letters, the ignored."""

    def __init__(self, source: Source, delivery: Delivery, settings: Settings) -> None:
        self.source = source
        self._delivery = delivery
        self._secret = settings.secret or b""
        self.letters = Letters(source, delivery, self._secret)
        self.ignored = 0
        self.visits: list[str] = []
        self.notices: list[str] = []
        self._limit = settings.max_event_bytes
        items: list[Item] = []
        try:
            items = list(source.vendor.read(delivery, source.wishes))
        except NotUnderstood as problem:
            self.letters.add_whole(str(problem))
        except Exception as defect:  # noqa: BLE001 - it is authentic: it must be kept, whatever is wrong with us
            _log.error("source %s: a defect of its parser: %s", source.name, place_of(defect))
            self.letters.add_whole(f"a defect of its parser: {type(defect).__name__}")
        told = list(self._told(items))
        self.routed = route([each for each, _ in told], self._limit)
        for position, found in self.routed.refused.items():
            self.letters.add(told[position][1].raw, f"its {found.field} {found.reason}")

    def set_aside(self, reason: str) -> None:
        """Make all of it one dead letter."""
        self.routed = route([], self._limit)
        self.ignored = 0
        self.letters = Letters(self.source, self._delivery, self._secret)
        self.letters.add_whole(reason)

    def _told(self, items: list[Item]) -> Iterator[tuple[Told, Item]]:
        for item in items:
            self.visits += [item.visit] if item.visit else []
            self.notices += [item.notice] if item.notice else []
            if item.not_understood:
                self.letters.add(item.raw, item.not_understood)
            elif not item.touchpoints:
                self.ignored += 1
            for touchpoint in item.touchpoints:
                try:
                    yield self._encode(touchpoint), item
                except NotUnderstood as problem:
                    self.letters.add(item.raw, str(problem))

    def _encode(self, touchpoint: Touchpoint) -> Told:
        campaign, person = self.source.campaign_of(touchpoint.campaign), touchpoint.subject
        if campaign is None and not person:
            raise NotUnderstood(
                "it names neither a campaign nor a person: set campaign, or campaign_from, in the "
                "sources file"
            )
        try:
            moment = rfc3339(touchpoint.at)
        except ValueError:
            raise NotUnderstood("its time is no moment") from None
        encoded = encode(
            CloudEvent(
                specversion="1.0",
                id=touchpoint.id,
                source=f"/sources/{self.source.name}",
                type=touchpoint.type,
                time=moment,
                campaign=campaign,
                subject=person,
                message=touchpoint.message,
                data=touchpoint.data,
            )
        )
        if len(encoded) > self._limit:
            raise NotUnderstood(f"it is above {self._limit} bytes")
        return Told(
            encoded,
            touchpoint.type,
            campaign,
            person,
            int(touchpoint.at),
            touchpoint.person,
            touchpoint.alias,
        )


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
        decoded = [_unquoted(part).decode() for part in parts]
    except UnicodeDecodeError:
        return _Path("", None, None)
    source, secret, kind = (*decoded, None, None, None)[: len(_Path._fields)]
    return _Path(source or "", secret, kind)


def _unquoted(part: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(part) if b"%" in part else part
