"""What lies in Redis, under which keys, and when a write is refused.

Owns the keys and the scripts; both sides, writer and reader, take them from here. Everything of a
Kafka cluster stands under one prefix. Never opens a connection.

A writer is known by the epoch of its partition. A write is refused when what is there was written
under a greater epoch, or under an equal one by another writer that had read further. The contents
are absolute, so writing them again is harmless.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streamer.state import Drift, Epoch, KpiRow, Snapshot

# Whatever a client raises when Redis is away or unfit.
AWAY: Final = (RedisError, OSError, TimeoutError)
_PATIENCE_SECONDS: Final = 2.0

_SNAPSHOT: Final = """
local there = redis.call('HMGET', KEYS[1], 'epoch', 'writer', 'offset', 'as_of')
if there[1] then
  local epoch, offset = tonumber(there[1]), tonumber(there[3])
  local my_epoch, my_offset = tonumber(ARGV[1]), tonumber(ARGV[3])
  if my_epoch < epoch then return 0 end
  if my_epoch == epoch then
    if my_offset < offset then return 0 end
    if my_offset == offset and there[2] ~= ARGV[2] and tonumber(ARGV[4]) < tonumber(there[4]) then
      return 0
    end
  end
end
redis.call('HSET', KEYS[1],
  'epoch', ARGV[1], 'writer', ARGV[2], 'offset', ARGV[3], 'as_of', ARGV[4], 'body', ARGV[5])
redis.call('HSET', KEYS[2], ARGV[6], ARGV[7])
redis.call('PUBLISH', KEYS[3], ARGV[8])
return 1
"""

# With `whole`, what is written is all there is, and replaces what earlier owners left.
_HOURS: Final = """
local epoch, writer, offset, whole = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local written = 0
for i, key in ipairs(KEYS) do
  local head, fine = redis.call('HGET', key, 'head'), true
  if head then
    local e, w, o = string.match(head, '^(%d+):(%d+):(-?%d+)$')
    e, o = tonumber(e), tonumber(o)
    fine = epoch > e or (epoch == e and (writer == w or offset >= o))
  end
  local cells = cjson.decode(ARGV[4 + i])
  if fine and (head or next(cells)) then
    if whole then redis.call('DEL', key) end
    for hour, minutes in pairs(cells) do
      if minutes == '' then
        redis.call('HDEL', key, hour)
      else
        redis.call('HSET', key, hour, minutes)
      end
    end
    redis.call('HSET', key, 'head', ARGV[1] .. ':' .. writer .. ':' .. ARGV[3])
    written = written + 1
  end
end
return written
"""

# A mark holds for one life of the Redis process: after another start, data may be missing.
_COMPLETE: Final = """
local there = redis.call('HGET', KEYS[1], ARGV[1])
if there then
  local epoch, life = string.match(there, '^(%d+):(.*)$')
  if life == ARGV[3] and tonumber(epoch) > tonumber(ARGV[2]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3])
return 1
"""

SCRIPTS: Final[Mapping[str, str]] = {"snapshot": _SNAPSHOT, "hours": _HOURS, "complete": _COMPLETE}

encode_snapshot: Final = msgspec.json.Encoder().encode
_encode: Final = msgspec.json.Encoder().encode
_decode_entry: Final = msgspec.json.Decoder(tuple[str, int]).decode
_decode_change: Final = msgspec.json.Decoder(tuple[str, int]).decode


_LISTS: Final = (
    "milestones",
    "attributed",
    "unattributed",
    "rep_milestones",
    "rep_seconds",
    "cost_left_out",
    "sources",
)


class Keys:
    """The names of everything of one Kafka cluster."""

    def __init__(self, cluster_id: str) -> None:
        # In braces, so that a Redis cluster keeps all of it in one slot, as the scripts need.
        self._prefix = f"streamer:{{{cluster_id}}}:"
        self.index = f"{self._prefix}campaigns"
        self.complete = f"{self._prefix}complete"
        self.changes = f"{self._prefix}changes"

    def campaign(self, campaign: str) -> str:
        """The snapshot of a campaign."""
        return f"{self._prefix}campaign:{campaign}"

    def hours(self, campaign: str, channel: str, milestone: str) -> str:
        """The hours of one milestone: by hour the text of its minutes, and a `head`."""
        return f"{self._prefix}hours:{campaign}:{channel}:{milestone}"


class Entry(NamedTuple):
    """A campaign in the index; `as_of` in UTC seconds."""

    campaign: str
    name: str
    as_of: int


def connect(url: str) -> Redis:
    """A client that gives up after seconds and leaves trying again to its owner."""
    return Redis.from_url(
        url,
        protocol=2,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def snapshot_arguments(
    keys: Keys, epoch: Epoch, offset: int, snapshot: Snapshot, body: bytes
) -> tuple[list[str], list[str | bytes | int]]:
    """Keys and arguments of the script `snapshot`."""
    entry = _encode((snapshot.name, snapshot.as_of))
    change = _encode((snapshot.campaign, snapshot.as_of))
    return (
        [keys.campaign(snapshot.campaign), keys.index, keys.changes],
        [*epoch, offset, snapshot.as_of, body, snapshot.campaign, entry, change],
    )


def hours_arguments(
    epoch: Epoch, offset: int, cells: Sequence[Mapping[int, str]], *, whole: bool
) -> list[str | bytes | int]:
    """Arguments of the script `hours`: for each of its keys the texts of minutes by hour."""
    return [*epoch, offset, int(whole), *map(_encode, cells)]


def decode_snapshot(body: bytes) -> Snapshot:
    """What `encode_snapshot` made; whole numbers stay whole, which a typed decoder would not do."""
    fields = msgspec.json.decode(body)
    fields["kpis"] = [KpiRow(*row) for row in fields["kpis"]]
    for name in _LISTS:
        fields[name] = [tuple(row) for row in fields[name]]
    fields["drift"] = [Drift(*row) for row in fields["drift"]]
    return Snapshot(**fields)


def read_index(raw: Mapping[bytes, bytes]) -> list[Entry]:
    """The campaigns in the order of their names."""
    entries = ((campaign.decode(), _decode_entry(entry)) for campaign, entry in raw.items())
    return sorted(Entry(campaign, *entry) for campaign, entry in entries)


def read_change(raw: bytes) -> str:
    """The campaign that a message on the channel `changes` speaks of."""
    return _decode_change(raw)[0]


def life(server: Mapping[str, object]) -> str:
    """Which run of the Redis process answers, from its INFO; some services tell none."""
    return str(server.get("run_id", ""))


def read_mark(raw: bytes | None) -> tuple[int, str] | None:
    """Epoch number and Redis life of a mark of completeness."""
    if raw is None:
        return None
    number, _, life = raw.decode().partition(":")
    return int(number), life


def all_complete(marks: Iterable[bytes | None], life: str) -> bool:
    """Whether every partition has a mark of this life."""
    return all((mark := read_mark(raw)) is not None and mark[1] == life for raw in marks)
