"""Simulated vendors: how each of them tells what happens, signs it and tries again.

A simulated vendor is one module of this package with a constant `SIMULATED`; nothing else names it.
Pure: it writes requests and never sends them. When it tries again, on which statuses and how long
is taken from the retry contract of the same vendor in `streamer.ingest.vendors`.
"""

import importlib
import pkgutil
import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from streamer.ingest.vendors import Vendor, vendors
from streamer.simulator.campaigns import CAMPAIGNS, Campaign, Channel
from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Contact, Happening

CODES: Final[Mapping[str, str]] = {campaign.id: campaign.code for campaign in CAMPAIGNS}
# What vendors are configured with where they have the code only.
BY_CODE: Final[Mapping[str, str]] = {code: name for name, code in CODES.items()}


class Written(NamedTuple):
    """A request without what proves it: the query of its URL, and its body."""

    body: bytes
    query: str = ""


class Attempt(NamedTuple):
    """What a signature may cover: the secret, the whole URL, the body, and now in UTC seconds."""

    secret: str
    url: str
    body: bytes
    now: int


class Request(NamedTuple):
    """A request to a source of the gateway, and what it tells."""

    source: str
    written: Written
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """What a simulated vendor's module provides, as data and pure functions.

    `name` is the vendor's; `teller` the teller whose events it tells, of `campaigns` only.

    `write` makes a request of at most `batch` happenings, all alike in what `together` gives of
    them. `headers` are those of one attempt. `source` holds the keys of its table in the sources
    file; where it cannot name the campaign itself (`names_campaign`), each campaign has a source of
    its own. `variants` are further keys of sources of which it has several, by the word that
    `variant` gives of a happening.

    `assumed` are the seconds between its attempts where its contract knows of none. `dates` is
    whether it says when things happened: if not they have the time of reception. `untold` says in
    sentences what it cannot tell; `touch` how it numbers a touch, from 32 random hexadecimal
    digits. `secret` makes what it signs with, `shown` what the gateway is given of that.
    """

    name: str
    teller: str
    write: Callable[[Sequence[Happening], str], Written] = field(repr=False)
    headers: Callable[[Attempt], Mapping[str, str]] = field(repr=False)
    habits: Habits
    source: Mapping[str, Any] = field(default_factory=dict)
    untold: Sequence[str] = ()
    campaigns: frozenset[str] = frozenset(CODES)
    batch: int = 1
    together: Callable[[Happening], Hashable] = field(repr=False, default=lambda _: None)
    names_campaign: bool = True
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"": {}})
    variant: Callable[[Happening], str] = field(repr=False, default=lambda _: "")
    assumed: tuple[float, ...] = ()
    dates: bool = True
    touch: Callable[[str, Contact], str] = field(repr=False, default=lambda number, _: number)
    secret: Callable[[], str] = field(repr=False, default=secrets.token_urlsafe)
    shown: Callable[[str], str] = field(repr=False, default=str)

    @property
    def vendor(self) -> Vendor:
        """The vendor as the gateway knows it."""
        return vendors()[self.name]

    @property
    def delays(self) -> tuple[float, ...]:
        """The seconds between its attempts; after the last one it gives up."""
        return self.vendor.retries.delays or self.assumed

    def tells(self, happening: Happening) -> bool:
        """Whether it is this vendor that tells it."""
        return happening.teller == self.teller and happening.event["campaign"] in self.campaigns

    def requests(self, happenings: Iterable[Happening], secret: str) -> Iterator[Request]:
        """The requests that tell these, each as full as the vendor makes it."""
        groups: dict[tuple[str, Hashable], list[Happening]] = {}
        for each in happenings:
            groups.setdefault((self._source_of(each), self.together(each)), []).append(each)
        for (source, _), group in groups.items():
            for first in range(0, len(group), self.batch):
                part = group[first : first + self.batch]
                yield Request(source, self.write(part, secret), tuple(part))

    def sources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The name and the keys of each of its sources."""
        for variant, keys in self.variants.items():
            table = {"vendor": self.name, **self.source, **keys}
            if self.names_campaign:
                yield _joined(self.name, variant), table
                continue
            for campaign in sorted(self.campaigns):
                name = _joined(self.name, variant, CODES[campaign])
                yield name, {**table, "campaign": campaign}

    def _source_of(self, happening: Happening) -> str:
        code = "" if self.names_campaign else CODES[happening.event["campaign"]]
        return _joined(self.name, self.variant(happening), code)


def _joined(*parts: str) -> str:
    return "-".join(part for part in parts if part)


@cache
def simulated() -> Mapping[str, Simulated]:
    """Every simulated vendor by its name."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return {module.SIMULATED.name: module.SIMULATED for module in modules}


def teller_of(happening: Happening) -> Simulated | None:
    """The vendor that tells it; None when no vendor does."""
    return next((each for each in simulated().values() if each.tells(happening)), None)


# Who numbers the touches of a channel; mails are numbered by who sends the campaign's.
_NUMBERED_BY: Final[Mapping[Channel, str]] = {
    "sms": "twilio_sms",
    "postal": "merci_facteur",
    "phone": "aircall",
    "linkedin": "lemlist",
}


def numbered(channel: Channel, campaign: Campaign, number: str, contact: Contact) -> str:
    """What the vendor calls a touch, from 32 random hexadecimal digits."""
    return simulated()[_NUMBERED_BY.get(channel, campaign.mailer)].touch(number, contact)
