"""The campaigns of one partition of the topic: evidence, what follows from it, what is stored.

The seam between the pure core and the engine: takes batches of events, gives snapshots and
records to be written. Does no I/O and knows no clock.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from streamer.events import Batch
from streamer.kpis.drift import WATCHES, Watch
from streamer.state import blocks
from streamer.state.campaign import Campaign
from streamer.state.counters import Counters, Hour
from streamer.state.derived import Derived
from streamer.state.ledger import Epoch, Ledger, Table, TableRecord
from streamer.state.sections import SECTIONS, moved
from streamer.state.snapshot import Snapshot, take

DEFAULT_PAGE_ROWS: Final = 256


class Counts(NamedTuple):
    """How many events of a batch changed the evidence, and how many repeated what was known."""

    applied: int
    repeated: int


class Partition:
    """The state of one partition.

    `found_epoch` is the greatest epoch number that recovery found; `epoch` is to be set, greater,
    before the first checkpoint.
    """

    def __init__(
        self,
        epoch: Epoch,
        page_rows: int = DEFAULT_PAGE_ROWS,
        watches: Sequence[Watch] = WATCHES,
    ) -> None:
        self.found_epoch = 0
        self._watches = watches
        self._campaigns: dict[str, Campaign] = {}
        self._derived: dict[str, Derived] = {}
        self._stale: set[str] = set()
        self._changed: set[str] = set()
        self._ledger = Ledger(self._campaigns, SECTIONS, epoch, page_rows)
        self._counters = Counters()

    @property
    def epoch(self) -> Epoch:
        """Under which the partition's records are written."""
        return self._ledger.epoch

    @epoch.setter
    def epoch(self, epoch: Epoch) -> None:
        self._ledger.epoch = epoch

    def apply(self, batch: Batch) -> Counts:
        """Join a record's events; what follows from them waits for `refresh`."""
        events = batch.events
        if not events:
            return Counts(0, 0)
        applied = self._campaign(batch.campaign).apply(events)
        if applied:
            self._stale.add(batch.campaign)
        return Counts(applied, len(events) - applied)

    def refresh(self) -> set[str]:
        """Bring everything up to date; the campaigns whose numbers moved since the last call."""
        self._update(stored=False)
        changed, self._changed = self._changed, set()
        return changed

    def snapshot(self, campaign: str, now: int) -> Snapshot:
        """The numbers of a campaign at `now`, UTC seconds; KeyError if it is not known."""
        return take(self._campaigns[campaign], self._derived[campaign], now)

    def campaigns(self) -> Iterable[str]:
        """The campaigns known here."""
        return list(self._campaigns)

    def mark_incomplete(self, campaign: str) -> None:
        """Note for good that a record of the campaign was set aside by the operator."""
        known = self._campaign(campaign)
        known.incomplete = True
        known.header_changed = True
        self._stale.add(campaign)

    def checkpoint(self) -> list[TableRecord]:
        """Everything not yet stored, as records; then `written` must be called before the next."""
        self._update(stored=False)
        return [*self._ledger.records(), *self._counters.records(self._derived)]

    def written(self) -> None:
        """All records of the last checkpoint are acknowledged."""
        self._ledger.written()

    def restore(self, table: Table, key: bytes, value: bytes | None) -> None:
        """Join one record of a table's changelog; any order, any writer, any repetition."""
        if table == "counters":
            self._counters.found(key, value)
            return
        self.found_epoch = max(self.found_epoch, int(msgspec.json.decode(key)[0]))
        rows = None
        if value is not None:
            rows = 0
            for block in blocks.decode_blocks(value):
                rows += blocks.join(self._campaign(block.campaign), block)
                self._stale.add(block.campaign)
        self._ledger.found(table, key, rows)

    def restored(self) -> None:
        """All records were restored: derive, and correct what was stored of the counters."""
        self._update(stored=True)
        self._ledger.recovered()
        self._counters.recovered(self._derived)

    def hours_changed(self) -> list[Hour]:
        """The hours of the windowed counters that moved since the last call."""
        return self._counters.hours(self._derived)

    def _campaign(self, name: str) -> Campaign:
        campaign = self._campaigns.get(name)
        if campaign is None:
            campaign = self._campaigns[name] = Campaign(name)
            self._derived[name] = Derived(campaign, self._watches)
        return campaign

    def _update(self, *, stored: bool) -> None:
        for name in self._stale:
            changes = self._campaigns[name].take_changes()
            if not stored:
                for section, rows in moved(changes):
                    self._ledger.note(name, section, rows)
            derived = self._derived[name]
            derived.update(changes)
            self._counters.note(name, derived, stored=stored)
        self._changed |= self._stale
        self._stale = set()
