"""Dead letters of the gateway: what is authentic and not understood, sealed for its topic.

Owns what is kept of a request so that it can be read again, and that no credential is.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec

from streamer.errors import UnreadableRecord
from streamer.ingest.packing import Record
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery
from streamer.transport.deadletters import DeadLetter, Request, record
from streamer.transport.topics import DEADLETTERS

WEBHOOKS: Final = "webhooks"
# From so many on the body is kept whole, once: replaying what is understood of it does no harm.
_MOST: Final = 20
_MOST_REASONS: Final = 3
_CONTENT_TYPE: Final = b"content-type"


class Letters:
    """The dead letters of one request.

    Each is known by the hash of all that it is read from, so that a redelivery is shown once.
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
        """The whole body, or the query of a GET."""
        told = self._delivery
        return told.query if told.method == "GET" else told.body

    def records(self) -> list[Record]:
        """The sealed records."""
        return list(self._records())

    def _records(self) -> Iterator[Record]:
        parts = self._parts
        if not parts:
            return
        request = _request(self._source, self._delivery)
        if len(parts) > _MOST:
            parts = [(self._whole(), f"{self.count} items of it: {self.reasons()}")]
        for raw, reason in parts:
            value = self._source.vendor.strip(raw)
            letter = DeadLetter(
                topic=WEBHOOKS,
                partition=0,
                offset=self._place(request, value),
                position=None,
                source=self._source.name,
                reason=reason,
                key=None,
                value=value,
                at=self._delivery.received,
                request=request,
            )
            yield Record(DEADLETTERS, *record(self._secret, letter))

    def _place(self, request: Request, value: bytes) -> int:
        """What tells this letter from others and is the same for a redelivery."""
        # A vendor may write its content type otherwise, and changes nothing by that.
        headers = {name: told for name, told in request.headers.items() if name != "content-type"}
        read = (self._source.name, request.method, request.kind, request.query, headers, value)
        digest = hashlib.sha256(msgspec.msgpack.encode(read, order="sorted")).digest()
        # 63 bits, as an offset has.
        return int.from_bytes(digest[:8]) >> 1


def _request(source: Source, delivery: Delivery) -> Request:
    """What is kept of a request beside its content.

    A path's last segment is kept only for a vendor with words for it: else it may be a secret that
    stands one segment too far.
    """
    vendor = source.vendor
    query = delivery.query if delivery.method != "GET" else b""
    return Request(
        method=delivery.method,
        kind=delivery.kind if vendor.kinds else None,
        query=vendor.strip(query) if query else query,
        headers={
            name.decode("latin-1"): told.decode("latin-1")
            for name, told in delivery.headers.items()
            if name == _CONTENT_TYPE or name in vendor.reads_headers
        },
    )


def delivery_of(letter: DeadLetter) -> Delivery:
    """The request of a letter as its parser saw it; UnreadableRecord when it was not kept."""
    request, value = letter.request, letter.value or b""
    if request is None:
        raise UnreadableRecord("its request was not kept with it")
    is_get = request.method == "GET"
    return Delivery(
        method=request.method,
        headers={
            name.encode("latin-1"): told.encode("latin-1") for name, told in request.headers.items()
        },
        query=value if is_get else request.query,
        body=b"" if is_get else value,
        received=letter.at,
        kind=request.kind,
    )
