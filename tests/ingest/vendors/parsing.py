"""Reads requests with a vendor's parser alone, for tests of its words."""

import urllib.parse
from typing import Any

from streamer.identity.identities import Identities
from streamer.ingest.vendors import Delivery, Item, Touchpoint, Vendor, Wishes
from tests.ingest.vendors.cases import URL

RECEIVED = 1_772_445_600.0
"""When every request came: 2 March 2026, 10:00 UTC."""
IDENTITIES = Identities(b"a secret of at least sixteen")


def wishes(vendor: Vendor, **changes: Any) -> Wishes:
    """The wishes of a source: `options` are read by the vendor's own keys."""
    given = changes.pop("options", {})
    options = {key: read(given.get(key)) for key, read in vendor.keys.items()}
    return Wishes(identities=IDENTITIES, options=options, **changes)


def delivery(method: str = "POST", body: bytes = b"", query: str = "", **more: Any) -> Delivery:
    """A request to the source `it`."""
    url = f"{URL}/webhooks/it" + (f"?{query}" if query else "")
    return Delivery(
        method, more.pop("headers", {}), query.encode(), body, RECEIVED, url=url, **more
    )


def form(fields: dict[str, Any], query: str = "") -> Delivery:
    """A form by POST; a field that is None is left out."""
    present = {name: value for name, value in fields.items() if value is not None}
    return delivery(body=urllib.parse.urlencode(present).encode(), query=query)


def items(vendor: Vendor, request: Delivery, told: Wishes) -> list[Item]:
    """What a request says."""
    return list(vendor.read(request, told))


def touchpoints(vendor: Vendor, request: Delivery, told: Wishes) -> list[Touchpoint]:
    """The touchpoints of a request."""
    return [each for item in items(vendor, request, told) for each in item.touchpoints]
