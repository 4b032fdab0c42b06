"""The limits that the pipeline is judged by, each with its reason.

Owns these numbers. Those of KPIs stand beside them in `limits.py`.
"""

from typing import Final

from streamer.kpis.limits import Limits

# Windows are computed at least every minute, also without events: later than two, something stands.
AGE_SECONDS: Final = Limits(90, 120)
# From 1 on the sends speak for a turn to the worse; half of that is worth a look.
DRIFT: Final = Limits(0.5, 1)
# What must be there once, or must say yes.
ONE_AT_LEAST: Final = Limits(1, 1, falling=True)
# What must never happen.
NONE: Final = Limits(1, 1)
# Numbers are promised one second after an event is read; five is what a scrape adds.
EVENT_TO_GAUGE_SECONDS: Final = Limits(1.2, 5)
# Vendors give up between 5 and 30 seconds; the gateway gives up on Kafka after 5.
ANSWER_SECONDS: Final = Limits(1, 5)
# A worker reads tens of thousands of records a second: what stays above this stands still.
LAG_RECORDS: Final = Limits(1_000, 50_000)
# They wait for a campaign that nobody has declared yet.
WAITING_EVENTS: Final = Limits(1, 1_000)
# Checkpoints follow each other every second; a longer one slows the reading down.
CHECKPOINT_SECONDS: Final = Limits(1, 5)
