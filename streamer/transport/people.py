"""The topics `inbound` and `identities`: their records, and which partition they go to. Pure.

`inbound` holds events that name a person and no campaign: one CloudEvents object a record, whose
`subject` is an identity, keyed by it. `identities` holds what is known of who belongs to which
campaign: a record is a JSON array of links and names, all of identities of its partition, or of one
plan, which every partition has a copy of. Equal partition counts: an identity's events meet both.
"""

import contextlib
import struct
from typing import Any, Final, NamedTuple

import msgspec

from streamer import state
from streamer.events import Event, check, loads, parse_time
from streamer.identity.decisions import receiver

INBOUND: Final = "inbound"
IDENTITIES: Final = "identities"


class Link(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An identity belongs to a campaign.

    `at`: when the campaign contacted it, UTC seconds; None when only a list says that it belongs.
    """

    identity: str
    campaign: str
    at: int | None = None


class Alias(msgspec.Struct, frozen=True, gc=False):
    """Whose identity this is is known by another one, `person`, which is no alias itself.

    `at`: since when that is told, UTC seconds.
    """

    identity: str
    person: str
    at: int


class Plan(msgspec.Struct, frozen=True):
    """A plan of a campaign: the `campaign.planned` event whole, as it stands in `touchpoints`."""

    plan: dict[str, Any]


def partition_of(key: str | bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner gives it."""
    return (_murmur2(key.encode() if isinstance(key, str) else key) & 0x7FFF_FFFF) % partitions


def _murmur2(key: bytes) -> int:
    """MurmurHash2 with Kafka's seed; the client's own takes twice as long, for every new person."""
    multiplier, mask = 0x5BD1_E995, 0xFFFF_FFFF
    words = len(key) // 4
    hashed = 0x9747_B28C ^ len(key)
    for word in struct.unpack_from(f"<{words}I", key):
        mixed = word * multiplier & mask
        hashed = (hashed * multiplier & mask) ^ ((mixed ^ mixed >> 24) * multiplier & mask)
    if rest := key[4 * words :]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * multiplier & mask
    hashed = (hashed ^ hashed >> 13) * multiplier & mask
    return hashed ^ hashed >> 15


class CampaignPlan(NamedTuple):
    """A plan as it was read, and whose it is."""

    campaign: str
    plan: state.Plan


NO_ENTRY: Final = "it is neither a link nor a name nor a plan"
_SECONDS: Final = 2**32
_LINK: Final = msgspec.json.Decoder(Link)
_ALIAS: Final = msgspec.json.Decoder(Alias)


def is_sound(entry: Link | Alias) -> bool:
    """Whether a link or a name says anything that can be kept."""
    if isinstance(entry, Alias):
        said = bool(entry.identity and entry.person) and entry.identity != entry.person
    else:
        said = bool(entry.identity and entry.campaign) and receiver(entry.campaign) is None
    return said and (entry.at is None or 0 < entry.at < _SECONDS)


def read_entry(raw: bytes) -> Link | Alias | CampaignPlan | str:
    """What one entry of a record of `identities` tells, else why it tells nothing."""
    for decoder in (_LINK, _ALIAS):
        with contextlib.suppress(ValueError, RecursionError):
            entry = decoder.decode(raw)
            return entry if is_sound(entry) else NO_ENTRY
    return _read_plan(raw)


def _read_plan(raw: bytes) -> CampaignPlan | str:
    try:
        # By the reader that takes whatever `touchpoints` takes, numbers beyond a double too.
        candidate: Any = loads(raw)
    except (ValueError, RecursionError):
        return NO_ENTRY
    if not isinstance(candidate, dict) or not isinstance(candidate.get("plan"), dict):
        return NO_ENTRY
    event = check(candidate["plan"])
    if not isinstance(event, Event):
        return "; ".join(map(str, event))
    if event.type != "campaign.planned":
        return NO_ENTRY
    micros = parse_time(event.time) or 0
    plan = state.Plan(micros, event.source, event.id, state.plan_text(event.data))
    return CampaignPlan(event.campaign, plan)
