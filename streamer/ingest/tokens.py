"""One-time tokens: which were used, and for which body, of vendors whose proof leaves it out.

A token is claimed for a body before its events go to Kafka, and remembered once Kafka has
acknowledged them; from then on no other body is taken with it. What is between the two:

- The same body may claim it again at any time: it is the vendor's retry, and counts once.
- Another body meanwhile is neither taken nor refused: it is to come again.
- Kafka fails, or the gateway dies: the claim lapses by itself, long before a vendor's first retry.
  Should Kafka have had the events, the retry has the same ids. What a retry looks like is not
  promised, so nothing may be held against it until the vendor was told success.
- Redis fails after Kafka has acknowledged: no success either, for the same reasons.

When Redis loses what it holds, a request that somebody has captured can be repeated with another
body until its time is too old. To refuse what is older than that loss instead would lose the
retries of a vendor whom a restart of the whole has kept waiting.

Owns what stands in Redis: hashes only. Never decides what a token is.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from streamer.errors import ProofUnavailable, RedisUnavailable, Unauthorized
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery
from streamer.ingest.verification import SKEW_SECONDS

# Above the time that a request waits for Kafka, so that none under way is without its claim.
CLAIM_SECONDS: Final = 60

_AWAY: Final = (RedisError, OSError, TimeoutError)
_CLAIMED: Final = "claimed"
_USED: Final = "used"

# The state of a token is `claimed:BODY` or `used:BODY`. Gives the state when it is of another body.
_CLAIM: Final = """
local there = redis.call('GET', KEYS[1])
if not there then
  redis.call('SET', KEYS[1], 'claimed:' .. ARGV[1], 'EX', ARGV[2])
elseif there == 'claimed:' .. ARGV[1] then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
elseif there ~= 'used:' .. ARGV[1] then
  return string.match(there, '^(%a+):')
end
return false
"""


class Use(NamedTuple):
    """A token with the body that it came with, both as hashes; kept for `seconds` once used."""

    token: str
    body: str
    seconds: int


class TokenUsed(Unauthorized):
    """The token was used before, with another body: whoever sends this is not the vendor."""


class Tokens(Protocol):
    """Remembers tokens; both raise RedisUnavailable when nothing can be remembered."""

    async def claim(self, use: Use, /) -> None:
        """Claim it; TokenUsed when another body has used it, ProofUnavailable when one may yet."""
        ...

    async def remember(self, use: Use, /) -> None:
        """Note that it is used; only to be called when Kafka has acknowledged."""
        ...


class NoTokens:
    """Where there is no Redis: what needs a token is not taken."""

    async def claim(self, _use: Use, /) -> None:
        """Refuse, since whether it was used is not known."""
        raise RedisUnavailable("This gateway has no Redis, so it cannot know used tokens.")

    async def remember(self, use: Use) -> None:
        """Likewise."""
        await self.claim(use)


NO_TOKENS: Final = NoTokens()


class RedisTokens:
    """Tokens in Redis, so that all gateways of a cluster share them.

    `cluster` gives the id of the Kafka cluster; RedisUnavailable while it is not known.
    """

    def __init__(self, client: Redis, cluster: Callable[[], str]) -> None:
        self._client = client
        self._cluster = cluster
        self._claim = client.register_script(_CLAIM)

    async def claim(self, use: Use) -> None:
        """See `Tokens`."""
        try:
            other: Any = await self._claim([self._key(use)], [use.body, CLAIM_SECONDS])
        except _AWAY as error:
            raise _away(error) from error
        if other == _CLAIMED.encode():
            raise ProofUnavailable("Its token is being used with another body; try again.")
        if other is not None:
            raise TokenUsed("Its token was used before, with another body.")

    async def remember(self, use: Use) -> None:
        """See `Tokens`."""
        try:
            await self._client.set(self._key(use), f"{_USED}:{use.body}", ex=use.seconds)
        except _AWAY as error:
            raise _away(error) from error

    def _key(self, use: Use) -> str:
        # In braces, as all keys of a cluster, so that a Redis cluster keeps them in one slot.
        return f"streamer:{{{self._cluster()}}}:token:{use.token}"


def use_of(source: Source, delivery: Delivery) -> Use | None:
    """The use of a token that an authentic request is; None when its vendor has no tokens.

    A token is its vendor's, since sources may share a key; the source counts as part of the body,
    or what came to one could be repeated at another.
    """
    token = source.vendor.token(delivery)
    if token is None:
        return None
    return Use(
        _digest(source.vendor.name, token),
        _digest(source.name, delivery.body),
        int(source.vendor.retries.horizon + SKEW_SECONDS),
    )


def _digest(name: str, content: bytes) -> str:
    return hashlib.sha256(name.encode() + b"\0" + content).hexdigest()


def _away(error: BaseException) -> RedisUnavailable:
    return RedisUnavailable(f"Redis does not answer ({type(error).__name__}); try again.")
