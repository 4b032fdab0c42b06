"""What is stored of a campaign, section by section, and which of its rows a change moved."""

from collections.abc import Iterator, Sequence
from typing import Final

from streamer.state import blocks
from streamer.state.campaign import Campaign, Changes, Rows
from streamer.state.layout import LAYOUTS
from streamer.state.ledger import Section


def _touch_section(channel: int) -> Section[Campaign]:
    return Section(
        "touches",
        lambda campaign: len(campaign.touches[channel]),
        lambda campaign, rows: blocks.touch_block(campaign, channel, rows),
    )


SECTIONS: Final[tuple[Section[Campaign], ...]] = (
    *(_touch_section(channel) for channel in range(len(LAYOUTS))),
    Section("prospects", lambda campaign: len(campaign.subjects), blocks.stage_block),
    Section("prospects", lambda campaign: len(campaign.subjects.nameless), blocks.nameless_block),
    Section("prospects", lambda campaign: len(campaign.subjects.links), blocks.link_block),
    Section("plans", lambda campaign: len(campaign.costs.known), blocks.cost_block),
    Section("plans", lambda campaign: len(campaign.spans), blocks.span_block),
    Section("plans", lambda _campaign: 1, blocks.header_block),
)


def moved(changes: Changes) -> Iterator[tuple[int, Sequence[int] | Rows]]:
    """The rows that moved, by the number of their section."""
    return enumerate(
        [
            *changes.touched,
            changes.stepped,
            changes.heard,
            changes.links,
            changes.costs,
            changes.spans,
            [0] if changes.header else [],
        ]
    )
