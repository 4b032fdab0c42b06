"""Evidence as it is stored: blocks of rows that name what they speak of.

Rows name touches and subjects by their own ids, never by a place in memory, so any block can be
joined into any state, in any order and any number of times. Owns the encoding alone.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from streamer.state.campaign import Campaign
from streamer.state.layout import NONE, STAGES, Times
from streamer.state.money import Cost, Plan
from streamer.state.subjects import Nameless
from streamer.state.touches import FACT_WIDTH, FACTS, Touches

_REP_COLUMN: Final = 2 * FACTS.index("rep")
_STORED: Final = np.dtype("<u4")


class _Block(msgspec.Struct, array_like=True, gc=False):
    campaign: str


class TouchBlock(_Block, tag=1):
    """Touches of one channel: `times` is touch × milestone, `facts` touch × (time, value) × fact.

    A fact's rep is a place in `reps`.
    """

    channel: int
    messages: list[str]
    owners: list[str | None]
    times: bytes
    facts: bytes
    reps: list[str]


class StageBlock(_Block, tag=2):
    """Subjects' own stages: `times` is subject × stage."""

    subjects: list[str]
    times: bytes


class NamelessBlock(_Block, tag=3):
    """Events without message: source, id, subject, channel, word, time, sentiments."""

    rows: list[tuple[str, str, str, int, int, int, int]]


class LinkBlock(_Block, tag=4):
    """Pairs of subjects that are one person."""

    rows: list[tuple[str, str]]


class CostBlock(_Block, tag=5):
    """Costs as they stand: source, id, time in microseconds, amount, currency."""

    rows: list[tuple[str, str, int, str, str]]


class HeaderBlock(_Block, tag=6):
    """The plan, and the operator's mark."""

    plan: Plan | None
    incomplete: bool


class SpanBlock(_Block, tag=7):
    """What came in: type, source, earliest and latest time."""

    rows: list[tuple[str, str, int, int]]


Block = TouchBlock | StageBlock | NamelessBlock | LinkBlock | CostBlock | HeaderBlock | SpanBlock

decode_blocks: Final = msgspec.msgpack.Decoder(list[Block]).decode


def touch_block(campaign: Campaign, channel: int, rows: Sequence[int]) -> TouchBlock:
    """These touches."""
    touches = campaign.touches[channel]
    names = campaign.subjects.names
    owners = [touches.owners[row] for row in rows]
    facts, reps = b"", []
    if touches.layout.has_facts:
        columns = touches.fact_columns()[rows]
        told = columns[:, _REP_COLUMN] > 0
        numbers, places = np.unique(columns[told, _REP_COLUMN + 1], return_inverse=True)
        columns[told, _REP_COLUMN + 1] = places
        reps = [campaign.rep_names[number] for number in numbers.tolist()]
        facts = columns.astype(_STORED).tobytes()
    return TouchBlock(
        campaign.name,
        channel,
        [touches.messages[row] for row in rows],
        [None if owner == NONE else names[owner] for owner in owners],
        touches.evidence()[rows].astype(_STORED).tobytes(),
        facts,
        reps,
    )


def stage_block(campaign: Campaign, rows: Sequence[int]) -> StageBlock:
    """The stages of those of these subjects that reached any."""
    subjects = campaign.subjects
    staged = [row for row in rows if row in subjects.stages]
    times = np.array([subjects.stages[row] for row in staged], _STORED)
    return StageBlock(campaign.name, [subjects.names[row] for row in staged], times.tobytes())


def nameless_block(campaign: Campaign, rows: Sequence[int]) -> NamelessBlock:
    """These events without message."""
    subjects = campaign.subjects
    known = ((row, subjects.nameless[row]) for row in rows)
    return NamelessBlock(
        campaign.name,
        [
            (
                event.source,
                event.id,
                subjects.names[event.subject],
                event.channel,
                event.word,
                subjects.when[row],
                subjects.sentiments[row],
            )
            for row, event in known
        ],
    )


def link_block(campaign: Campaign, rows: Sequence[int]) -> LinkBlock:
    """These links."""
    subjects = campaign.subjects
    pairs = (subjects.links[row] for row in rows)
    return LinkBlock(
        campaign.name, [(subjects.names[one], subjects.names[other]) for one, other in pairs]
    )


def cost_block(campaign: Campaign, rows: Sequence[int]) -> CostBlock:
    """These costs."""
    costs = campaign.costs
    known = ((*costs.tickets[row], costs.known[row]) for row in rows)
    return CostBlock(
        campaign.name,
        [
            (source, ticket, cost.micros, str(cost.amount), cost.currency)
            for source, ticket, cost in known
        ],
    )


def header_block(campaign: Campaign, _rows: Sequence[int]) -> HeaderBlock:
    """What a campaign has one of."""
    return HeaderBlock(campaign.name, campaign.plan, campaign.incomplete)


def span_block(campaign: Campaign, rows: Sequence[int]) -> SpanBlock:
    """These spans."""
    spans = (campaign.spans[row] for row in rows)
    return SpanBlock(campaign.name, [(s.kind, s.source, s.first, s.last) for s in spans])


def join(campaign: Campaign, block: Block) -> int:
    """Join a block into the evidence of its campaign; the number of rows it holds."""
    match block:
        case TouchBlock():
            _join_touches(campaign, block)
            return len(block.messages)
        case StageBlock():
            _join_stages(campaign, block)
            return len(block.subjects)
        case HeaderBlock():
            _join_header(campaign, block)
            return 1
        case NamelessBlock():
            _join_nameless(campaign, block)
        case LinkBlock():
            _join_links(campaign, block)
        case CostBlock():
            _join_costs(campaign, block)
        case SpanBlock():
            _join_spans(campaign, block)
    return len(block.rows)


def _join_header(campaign: Campaign, block: HeaderBlock) -> None:
    if block.plan is not None:
        campaign.join_plan(block.plan)
    campaign.incomplete |= block.incomplete


def _join_links(campaign: Campaign, block: LinkBlock) -> None:
    number = campaign.subjects.number
    for one, other in block.rows:
        campaign.subjects.link(number(one), number(other))


def _join_costs(campaign: Campaign, block: CostBlock) -> None:
    for source, ticket, micros, amount, currency in block.rows:
        campaign.costs.join((source, ticket), Cost(micros, Decimal(amount), currency))


def _join_spans(campaign: Campaign, block: SpanBlock) -> None:
    for kind, source, first, last in block.rows:
        campaign.widen(kind, source, first)
        campaign.widen(kind, source, last)


def _join_stages(campaign: Campaign, block: StageBlock) -> None:
    subjects = campaign.subjects
    times = np.frombuffer(block.times, _STORED).reshape(-1, len(STAGES))
    for name, stages in zip(block.subjects, times.tolist(), strict=True):
        subject = subjects.number(name)
        for stage, at in enumerate(stages):
            subjects.step(subject, stage, at)


def _join_nameless(campaign: Campaign, block: NamelessBlock) -> None:
    subjects = campaign.subjects
    for source, ident, name, channel, word, at, sentiments in block.rows:
        event = Nameless(source, ident, subjects.number(name), channel, word)
        subjects.hear(event, at, sentiments)


def _join_touches(campaign: Campaign, block: TouchBlock) -> None:
    touches = campaign.touches[block.channel]
    owners = campaign.subjects.numbers_of(block.owners)
    times: Times = np.frombuffer(block.times, _STORED).astype(np.uint32)
    facts: Times = np.frombuffer(block.facts, _STORED).astype(np.uint32).reshape(-1, FACT_WIDTH)
    if touches.layout.has_facts:
        reps = np.array([campaign.rep(name) for name in block.reps], np.uint32)
        told = facts[:, _REP_COLUMN] > 0
        facts[told, _REP_COLUMN + 1] = reps[facts[told, _REP_COLUMN + 1]]
    if not touches.add_all(block.messages, owners, times, facts):
        _join_rows(touches, block.messages, owners, times, facts, campaign)


def _join_rows(
    touches: Touches,
    messages: list[str],
    owners: list[int],
    times: Times,
    facts: Times,
    campaign: Campaign,
) -> None:
    """Join touches of which some are known already."""
    rows = [
        touches.add(message) if (row := touches.rows.get(message)) is None else row
        for message in messages
    ]
    np.minimum.at(touches.evidence(), rows, times.reshape(-1, touches.width))
    for row, owner in zip(rows, owners, strict=True):
        if owner != NONE:
            touches.own(row, owner, campaign.subjects.names)
    for row, told in zip(rows, facts.tolist(), strict=False):
        for fact, name in enumerate(FACTS):
            at, value = told[2 * fact], told[2 * fact + 1]
            if name == "rep" and at:
                touches.state_rep(row, at, value, campaign.rep_names)
            elif at:
                touches.state(row, fact, at, value)
    touches.changed.extend(rows)
