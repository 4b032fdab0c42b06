"""Dead letters of the gateway: what is authentic and not understood, sealed for its topic."""

import hashlib
from collections.abc import Iterator
from typing import Final

from streamer.ingest.packing import Record
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery
from streamer.transport.deadletters import DeadLetter, record
from streamer.transport.topics import DEADLETTERS

WEBHOOKS: Final = "webhooks"
# From so many on the body is kept whole, once: replaying what is understood of it does no harm.
_MOST: Final = 20
_MOST_REASONS: Final = 3


class Letters:
    """The dead letters of one request.

    Each is known by the hash of its bytes, so that a redelivery is shown once.
    """

    def __init__(self, source: Source, delivery: Delivery, secret: bytes) -> None:
        self.count = 0
        self._source = source
        self._delivery = delivery
        self._secret = secret
        self._parts: list[tuple[bytes, str]] = []
        self._reasons: set[str] = set()

    def add(self, raw: bytes, reason: str) -> None:
        """Set one item of the body aside."""
        self.count += 1
        if len(self._parts) <= _MOST:
            self._parts.append((raw, reason))
            self._reasons.add(reason)

    def add_whole(self, reason: str) -> None:
        """Set the whole of what was sent aside."""
        self.add(self._whole(), reason)

    def reasons(self) -> str:
        """The first few reasons, which quote nothing of what was sent."""
        return "; ".join(sorted(self._reasons)[:_MOST_REASONS])

    def _whole(self) -> bytes:
        """The whole body, or the query of a GET, without the credentials that it may hold."""
        told = self._delivery
        return self._source.vendor.strip(told.query if told.method == "GET" else told.body)

    def records(self) -> list[Record]:
        """The sealed records."""
        return list(self._records())

    def _records(self) -> Iterator[Record]:
        parts = self._parts
        if len(parts) > _MOST:
            parts = [(self._whole(), f"{self.count} items of it: {self.reasons()}")]
        for raw, reason in parts:
            digest = hashlib.sha256(raw).digest()
            letter = DeadLetter(
                topic=WEBHOOKS,
                partition=0,
                # 63 bits, as an offset has.
                offset=int.from_bytes(digest[:8]) >> 1,
                position=None,
                source=self._source.name,
                reason=reason,
                key=None,
                value=raw,
                at=self._delivery.received,
            )
            yield Record(DEADLETTERS, *record(self._secret, letter))
