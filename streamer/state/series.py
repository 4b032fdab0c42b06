"""The numbering of everything that is counted by the minute.

A series is one (channel, milestone), one sum of values, or one of a sales rep's figures. Counts
and sums are numbered apart: counts fit 32 bits, sums do not.
"""

from typing import Final

from streamer.events.vocabulary import CHANNELS
from streamer.state.layout import ALL_MILESTONES, LAYOUTS, PROSPECT_MILESTONES

# Touches' milestones channel by channel, then prospects': per channel, then over all.
COUNTS: Final[tuple[tuple[str, str], ...]] = (
    *((layout.channel, name) for layout in LAYOUTS for name in layout.milestones),
    *((channel, name) for name in PROSPECT_MILESTONES for channel in CHANNELS),
    *(("all", name) for name in ALL_MILESTONES),
)
COUNT_NUMBERS: Final = {series: number for number, series in enumerate(COUNTS)}
TOUCH_BASES: Final = tuple(
    COUNT_NUMBERS[layout.channel, layout.milestones[0]] for layout in LAYOUTS
)
PROSPECT_BASE: Final = COUNT_NUMBERS[CHANNELS[0], PROSPECT_MILESTONES[0]]

# Reps' counts follow: rep number × their milestones.
REP_MILESTONES: Final = ("made", "connected", "meeting")
REP_BASE: Final = len(COUNTS)

SUMS: Final[tuple[tuple[str, str], ...]] = (
    ("phone", "duration"),
    ("phone", "key_answers"),
    *((channel, "reactivity_delay") for channel in (*CHANNELS, "all")),
)
SUM_NUMBERS: Final = {series: number for number, series in enumerate(SUMS)}
DELAY_BASE: Final = SUM_NUMBERS[CHANNELS[0], "reactivity_delay"]
# Reps' talk times follow: one a rep.
REP_TALK_BASE: Final = len(SUMS)
