"""Vendors: what one must be able to do, and the table of those that there are.

A vendor is one module of this package with a constant `VENDOR`; nothing else names it. It verifies
a request as it came and reads it into touchpoints. It is pure: it never sends, stores or logs, and
the clock is in the request.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol


class NotUnderstood(Exception):  # noqa: N818 - a finding, not a failure
    """What is authentic cannot be read; the reason quotes nothing of it, since it is logged."""


class Delivery(NamedTuple):
    """One request as it came: header names in lower case, nothing decoded.

    `secret` and `kind` are the path's segments after the source, None when absent. `received` is
    when, in UTC seconds.
    """

    method: str
    headers: Mapping[bytes, bytes]
    query: bytes
    body: bytes
    received: float
    secret: str | None = None
    kind: str | None = None


class Answer(NamedTuple):
    """What a vendor is answered with."""

    status: int
    body: bytes = b""
    content_type: bytes = b"text/plain; charset=utf-8"


class RetryContract(NamedTuple):
    """What each outcome must be answered with so that the vendor does the right thing.

    `taken`: it is done with the request. `away`: the status on which it sends it again. `refused`:
    the status for a request that is not authentic. `horizon` is how long after the first attempt
    it may still try, in seconds.
    """

    taken: Answer
    away: int
    refused: int
    horizon: float


class Touchpoint(NamedTuple):
    """One event as a vendor tells it; the source adds the rest.

    `id` is the same in every redelivery. `at` is in UTC seconds. `person` is the recipient's
    identity. `campaign` and `message` are as the vendor's passthrough has them, None when it has
    not.
    """

    type: str
    id: str
    at: float
    person: str | None = None
    campaign: str | None = None
    message: str | None = None
    data: Mapping[str, Any] | None = None


class Item(NamedTuple):
    """What one item of a body says: touchpoints, or why it is not understood, or neither.

    Neither: it is understood and proves nothing that is counted.
    """

    raw: bytes
    touchpoints: tuple[Touchpoint, ...] = ()
    not_understood: str = ""


class Wishes(NamedTuple):
    """What the source's configuration asks of a vendor's parser.

    `campaign_from` and `message_from` name fields of the passthrough; words in `ignore` are passed
    over. `hash_email` makes a mail address an identity.
    """

    campaign_from: str | None
    message_from: str | None
    ignore: Collection[str]
    hash_email: Callable[[str], str]


Verify = Callable[[Delivery], bool]


class Vendor(Protocol):
    """What a vendor's module provides."""

    @property
    def name(self) -> str:
        """Its name in the sources file."""
        ...

    @property
    def retries(self) -> RetryContract:
        """How it is answered."""
        ...

    def verifier(self, secrets: Sequence[str]) -> Verify:
        """A check that a request is authentic under any of the secrets, in constant time.

        ValueError, with what to do, for a secret that cannot be used.
        """
        ...

    def read(self, delivery: Delivery, wishes: Wishes) -> Iterable[Item]:
        """The items of an authentic request; NotUnderstood when it cannot be read as a whole."""
        ...


@cache
def vendors() -> Mapping[str, Vendor]:
    """Every vendor by its name."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    return {module.VENDOR.name: module.VENDOR for module in modules}
