"""How what an inbox knows is stored: links, decisions, plans, names, each block readable by itself.

Numbers are those of the block: it names the campaigns that they stand for, so that it can be joined
into any inbox.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from streamer.identity.aliases import Name
from streamer.identity.decisions import KEY_BYTES, Decisions
from streamer.identity.links import Links
from streamer.state.money import Plan

_NUMBERS: Final = np.dtype("<u4")
_PAIR_BYTES: Final = 8


class _Block(msgspec.Struct, array_like=True):
    pass


class LinksBlock(_Block, tag=1):
    """Identities, how many pairs each has, and all pairs: a campaign's number and a second."""

    campaigns: list[str]
    identities: list[str]
    counts: bytes
    pairs: bytes


class DecisionsBlock(_Block, tag=2):
    """Keys, of equal length, and the campaign that each was given to."""

    campaigns: list[str]
    keys: bytes
    given: bytes


class PlansBlock(_Block, tag=3):
    """The plan in force of each of these campaigns."""

    rows: list[tuple[str, Plan]]


class AliasesBlock(_Block, tag=4):
    """The name of each of these identities."""

    rows: list[tuple[str, Name]]


Block = LinksBlock | DecisionsBlock | PlansBlock | AliasesBlock

decode_blocks: Final = msgspec.msgpack.Decoder(list[Block]).decode


def links_block(links: Links, rows: Sequence[int]) -> LinksBlock:
    """What is known of these identities."""
    known = [links.pairs[row] for row in rows]
    pairs = np.frombuffer(b"".join(known), np.uint32).reshape(-1, 2).astype(_NUMBERS)
    numbers, pairs[:, 0] = np.unique(pairs[:, 0], return_inverse=True)
    counts = np.array([len(each) // _PAIR_BYTES for each in known], _NUMBERS)
    return LinksBlock(
        [links.campaigns[number] for number in numbers.tolist()],
        [links.identities[row] for row in rows],
        counts.tobytes(),
        pairs.tobytes(),
    )


def join_links(links: Links, block: LinksBlock) -> int:
    """Join them; how many identities they are."""
    ours = np.array([links.campaign(name) for name in block.campaigns], np.uint32)
    pairs = np.frombuffer(block.pairs, _NUMBERS).reshape(-1, 2).astype(np.uint32)
    pairs[:, 0] = ours[pairs[:, 0]]
    packed = pairs.tobytes()
    start = 0
    counts = np.frombuffer(block.counts, _NUMBERS).tolist()
    for identity, count in zip(block.identities, counts, strict=True):
        end = start + count * _PAIR_BYTES
        links.join_pairs(identity, packed[start:end])
        start = end
    return len(block.identities)


def decisions_block(decisions: Decisions, rows: Sequence[int]) -> DecisionsBlock:
    """These decisions."""
    keys = b"".join(bytes(decisions.keys[r * KEY_BYTES : (r + 1) * KEY_BYTES]) for r in rows)
    given = np.array([decisions.given[row] for row in rows], _NUMBERS)
    numbers, places = np.unique(given, return_inverse=True)
    return DecisionsBlock(
        [decisions.campaigns[number] for number in numbers.tolist()],
        keys,
        places.astype(_NUMBERS).tobytes(),
    )


def join_decisions(decisions: Decisions, block: DecisionsBlock) -> int:
    """Join them; how many they are."""
    given = np.frombuffer(block.given, _NUMBERS).tolist()
    for row, number in enumerate(given):
        key = block.keys[row * KEY_BYTES : (row + 1) * KEY_BYTES]
        decisions.make(key, block.campaigns[number])
    return len(given)
