"""The topics `inbound` and `identities`: their records, and which partition they go to. Pure.

`inbound` holds events that name a person and no campaign: one CloudEvents object a record, whose
`subject` is an identity, keyed by it. `identities` holds what is known of who belongs to which
campaign: a record is a JSON array of links, all of identities of its partition, or of one plan,
which every partition has a copy of. Equal partition counts: an identity's events and links meet.
"""

from typing import Any, Final

import msgspec
from aiokafka.partitioner import murmur2

INBOUND: Final = "inbound"
IDENTITIES: Final = "identities"


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """An identity belongs to a campaign.

    `at`: when the campaign contacted it, UTC seconds; None when only a list says that it belongs.
    """

    identity: str
    campaign: str
    at: int | None = None


class Plan(msgspec.Struct, frozen=True):
    """A plan of a campaign: the `campaign.planned` event whole, as it stands in `touchpoints`."""

    plan: dict[str, Any]


def partition_of(key: str | bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner gives it."""
    hashed: int = murmur2(key.encode() if isinstance(key, str) else key) & 0x7FFF_FFFF
    return hashed % partitions
