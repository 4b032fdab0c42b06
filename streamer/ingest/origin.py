"""Where a request came from, and to which URL: as the client meant it, behind a proxy as well.

Pure. Some vendors sign the URL that they call, so it must be known exactly as it is in their back
office. A proxy's word is believed only when the proxy is trusted.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from streamer.ingest.bodies import header
from streamer.ingest.problems import Scope
from streamer.settings import Settings


def public_url(scope: Scope, settings: Settings) -> str:
    """The URL of a request, query included: STREAMER_PUBLIC_URL and the path, when that is set.

    Else what the request says of its host, and what a trusted proxy says of the scheme and host.
    """
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    target = path.decode("latin-1")
    if query := scope["query_string"]:
        target += "?" + query.decode("latin-1")
    return (settings.public_url or _base(scope, settings)) + target


def _base(scope: Scope, settings: Settings) -> str:
    scheme = scope.get("scheme", "http")
    host = (header(scope, b"host") or b"").decode("latin-1")
    client = scope.get("client")
    if client and is_trusted(client[0], settings.trusted_proxies):
        scheme = _first(header(scope, b"x-forwarded-proto")) or scheme
        host = _first(header(scope, b"x-forwarded-host")) or host
    return f"{scheme}://{host}"


def client_address(scope: Scope, settings: Settings) -> str:
    """Who asks: the last address on the way that is no trusted proxy; empty when unknown."""
    client = scope.get("client")
    address = str(client[0]) if client else ""
    forwarded = [v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for"]
    hops = [hop.strip() for hop in ",".join(forwarded).split(",") if hop.strip()]
    while hops and is_trusted(address, settings.trusted_proxies):
        address = hops.pop()
    return address


@lru_cache(maxsize=1024)
def is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    """Whether an address is one of the proxies, which are addresses and networks."""
    return any(_within(address, proxy) for proxy in proxies)


def _within(address: str, proxy: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(proxy, strict=False)
    except ValueError:
        return False


def _first(value: bytes | None) -> str:
    """What the first proxy wrote, of a list that each proxy adds to."""
    parts: Iterable[bytes] = (value or b"").split(b",")
    return next(iter(parts)).strip().decode("latin-1")
