"""Vendors: what one must be able to do, and the table of those that there are.

A vendor is one module of this package with a constant `VENDOR`; nothing else names it. It verifies
a request as it came and reads it into touchpoints. It is pure: it never sends, stores or logs, and
the clock is in the request.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from streamer.identity.identities import Identities

# What a call may come to; a reply's sentiment is no such thing.
OUTCOMES: Final = frozenset({"meeting", "callback", "negative", "off_target", "none"})

# No vendor takes in a mail with more than 35 MB of attachments, which are 47 MB in Base64.
# https://postmarkapp.com/support/article/1056-what-are-the-attachment-and-email-size-limits
LARGEST_MAIL: Final = 64 * 1024 * 1024
# The id of a record in a CRM: HubSpot and Pipedrive count; others mix letters and digits.
RECORD_ID: Final = re.compile(r"[\w:-]*[0-9][\w:-]*", re.ASCII)


class NotUnderstood(Exception):  # noqa: N818 - a finding, not a failure
    """What is authentic cannot be read; the reason quotes nothing of it, since it is logged."""


class Delivery(NamedTuple):
    """One request as it came: header names in lower case, nothing decoded.

    `secret` and `kind` are the path's segments after the source, None when absent. `received` is
    when, in UTC seconds. `url` is the whole URL as the vendor called it, query included. `fetched`
    is what stands at the URLs that the vendor's `fetches` named.
    """

    method: str
    headers: Mapping[bytes, bytes]
    query: bytes
    body: bytes
    received: float
    secret: str | None = None
    kind: str | None = None
    url: str = ""
    fetched: Mapping[str, bytes] = MappingProxyType({})


class Answer(NamedTuple):
    """What a vendor is answered with."""

    status: int
    body: bytes = b""
    content_type: bytes = b"text/plain; charset=utf-8"


class RetryContract(NamedTuple):
    """What each outcome must be answered with so that the vendor does the right thing.

    `taken`: it is done with the request. `away`: the status on which it sends it again. `refused`:
    the status for a request that is not authentic. `horizon` is how long after the first attempt
    it may still try, in seconds. `delays` are the seconds between its attempts, as far as they are
    known. `retried` are the statuses on which it tries again, None for every one but success.
    `within` is how long it waits for an answer, in seconds. `known` is false where it is not
    documented whether it tries again: `horizon` is what is allowed for then.
    """

    taken: Answer
    away: int
    refused: int
    horizon: float
    delays: tuple[float, ...]
    retried: frozenset[int] | None = None
    within: float = 10.0
    known: bool = True


class Touchpoint(NamedTuple):
    """One event as a vendor tells it; the source adds the rest.

    `id` is the same in every redelivery. `at` is in UTC seconds. `person` is the identity of whom
    it is about, as `Wishes.identities` makes it of an address; `prospect` is his own pseudonym,
    which goes before it; `alias` is another identity of his, by which no list knows him and
    which is never another's `person`. `campaign` and `message` are as the vendor's passthrough has
    them, None when it has not: the source's own campaign is taken then, or the one that the person
    is known from.
    """

    type: str
    id: str
    at: float
    prospect: str | None = None
    person: str | None = None
    campaign: str | None = None
    message: str | None = None
    data: Mapping[str, Any] | None = None
    alias: str | None = None

    @property
    def subject(self) -> str | None:
        """Whom it is about."""
        return self.prospect or self.person


class Item(NamedTuple):
    """What one item of a body says: touchpoints, or why it is not understood, or neither.

    Neither: it is understood and proves nothing that is counted. `visit` is a URL that is to be
    visited before the vendor is told success; `notice` is what the operator should know of it, as
    half a sentence that quotes nothing of it, since it is logged.
    """

    raw: bytes
    touchpoints: tuple[Touchpoint, ...] = ()
    not_understood: str = ""
    visit: str = ""
    notice: str = ""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the source's configuration asks of a vendor's parser.

    `campaign_from`, `message_from` and `prospect_from` name fields of the passthrough (the last is
    the prospect's own pseudonym); words in `ignore` are passed over. `tags` maps a vendor's word
    (casefolded: look it up by `tag`) to an outcome of a call or the sentiment of a reply, `stages`
    a stage of the CRM to a type of event, `reps` a rep as the vendor names him to the name to show.
    `opt_out_words` are answers to an SMS that opt out beside those that always do, as
    `opt_out.spelled` gives them. `time_zone` is that of times without one. `options` are the
    vendor's own keys.
    """

    identities: Identities = field(repr=False)
    campaign_from: str | None = None
    message_from: str | None = None
    prospect_from: str | None = None
    ignore: Collection[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    reps: Mapping[str, str] = field(default_factory=dict)
    opt_out_words: Collection[str] = frozenset()
    time_zone: tzinfo = UTC
    options: Mapping[str, Any] = field(default_factory=dict)

    def campaign(self, passthrough: Mapping[str, Any]) -> str | None:
        """The campaign that a passthrough names, see `passthrough.passed`."""
        return _text(passthrough, self.campaign_from)

    def message(self, passthrough: Mapping[str, Any]) -> str | None:
        """The message that a passthrough names."""
        return _text(passthrough, self.message_from)

    def prospect(self, passthrough: Mapping[str, Any]) -> str | None:
        """The prospect that a passthrough names: his pseudonym; a mail address only as identity."""
        name = _text(passthrough, self.prospect_from)
        return self.identities.email(name) if name and "@" in name else name

    def tag(self, word: object) -> str | None:
        """What a vendor's tag means, whatever its case and the spaces around it."""
        return self.tags.get(word.strip().casefold()) if isinstance(word, str) else None

    def outcome(self, words: Iterable[object]) -> str | None:
        """What the tags of a call come to: of several the one that `tags` names first."""
        found = {word.strip().casefold() for word in words if isinstance(word, str)}
        means = (meaning for word, meaning in self.tags.items() if word in found)
        return next((meaning for meaning in means if meaning in OUTCOMES), None)

    def outcomes(self) -> frozenset[str]:
        """The outcomes of calls that the tags can give, as `Vendor.tells` names them."""
        return frozenset(
            f"phone.completed:{each}" for each in self.tags.values() if each in OUTCOMES
        )

    def rep(self, number: object, address: object = None) -> str | None:
        """The sales rep: the vendor's id of him, else his address's identity; or as `reps` says.

        None when the vendor names nobody.
        """
        if isinstance(number, int | str) and not isinstance(number, bool) and number != "":
            name = str(number)
            if name in self.reps:
                return self.reps[name]
        else:
            name = ""
        if isinstance(address, str) and address:
            if address in self.reps:
                return self.reps[address]
            name = name or self.identities.email(address) or ""
        return name or None

    def event_id(self, *parts: object) -> str:
        """An id for an event that has none: a keyed hash of what a redelivery does not change."""
        return self.identities.digest("event", *parts)


def _text(fields: Mapping[str, Any], name: str | None) -> str | None:
    """A field as a text, of a list the first; None when it is missing or something else."""
    value = fields.get(name) if name else None
    if isinstance(value, str):
        return value or None
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value else None


Verify = Callable[[Delivery], bool]
# From the secrets and the vendor's own keys to a check that a request is authentic under any of
# the secrets, in constant time. ValueError, with what to do, for a secret that cannot be used.
Verifier = Callable[[Sequence[str], Mapping[str, Any]], Verify]


def _no_token(_: Delivery) -> None:
    """Whatever proves the request covers its body: it may come as often as it likes."""


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What a vendor's module provides, as data and pure functions.

    `name` is its name in the sources file, `title` its own. `read` gives the items of an authentic
    request; NotUnderstood when it cannot be read as a whole.

    `tells` is what it can tell by itself under these wishes: types of events, and after a colon
    what their data say, such as `email.bounced:hard`, `phone.completed:meeting`,
    `phone.completed:duration`, `sms.replied:negative`.

    `setup` is what to choose in its back office and `notes` what it does not tell, or only so, as
    sentences in `fr` and `en`; `{url}` in them is the URL to paste, `{name}` the source's.

    `secret_in_path`: the URL ends with the secret, which is all that proves a request. `kinds`: the
    words that the URL ends with, one endpoint for each. `strip` takes credentials out of a body,
    or the query of a GET, before it is stored as a dead letter. `reads_headers`: those that `read`
    looks at, in lower case, which are stored with it. `keys`: its own keys of the source's table,
    each with a function that gives the value or raises ValueError with what to do.
    `fault` tells what keys cannot do together: which one is at fault, and what to do.

    `proof` says in a few words how a request proves itself. `names_person`: its events say whom
    they are about, all of them without `prospect_from`, so that the person can tell the campaign.
    `records`: the kinds of records by whose ids they name persons, the first that of persons, each
    with how such an id looks; a prospect list says whose they are.

    `largest` is for a vendor of which bodies may be larger than the gateway takes, since mails with
    their attachments are in them: up to so many bytes are read, and long values left out of them.
    No proof of such a vendor covers its body.

    For a proof that does not cover the body: `token` gives what an authentic request may use once,
    `once` tells that the vendor sends this one a single time, whatever it is answered.

    `fetches` names the URLs whose content the proof needs. It is asked before anything is proved:
    it names none but those of the vendor's own that it knows by a strict pattern.
    """

    name: str
    title: str
    retries: RetryContract
    verifier: Verifier = field(repr=False)
    read: Callable[[Delivery, Wishes], Iterable[Item]] = field(repr=False)
    tells: Callable[[Wishes], frozenset[str]] = field(repr=False)
    setup: Mapping[str, Sequence[str]] = field(repr=False)
    notes: Mapping[str, Sequence[str]] = field(repr=False, default_factory=dict)
    methods: frozenset[str] = frozenset({"POST"})
    needs_secret: bool = True
    proof: str = ""
    names_person: bool = True
    records: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    secret_in_path: bool = False
    kinds: tuple[str, ...] = ()
    strip: Callable[[bytes], bytes] = field(repr=False, default=bytes)
    reads_headers: frozenset[bytes] = frozenset()
    keys: Mapping[str, Callable[[object], Any]] = field(repr=False, default_factory=dict)
    fault: Callable[[Wishes], tuple[str, str] | None] = field(repr=False, default=lambda _: None)
    largest: int | None = None
    token: Callable[[Delivery], bytes | None] = field(repr=False, default=_no_token)
    once: Callable[[Delivery], bool] = field(repr=False, default=lambda _: False)
    fetches: Callable[[Delivery, Wishes], Sequence[str]] = field(
        repr=False, default=lambda _, __: ()
    )

    @property
    def needs_redis(self) -> bool:
        """Whether nothing of it is taken while Redis is away: it cannot be told what was used."""
        return self.token is not _no_token


def always(*facts: str) -> Callable[[Wishes], frozenset[str]]:
    """What a vendor can tell, however its source is configured."""
    told = frozenset(facts)
    return lambda _: told


@cache
def vendors() -> Mapping[str, Vendor]:
    """Every vendor by its name."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return {module.VENDOR.name: module.VENDOR for module in modules}
