"""Columns of vendors' ids: those that their events name persons by, and no others."""

from collections.abc import Iterator
from typing import Final

import pytest

from streamer.identity.identities import Identities
from streamer.ingest.columns import identity_of, kind_of, record_ids
from streamer.ingest.prospects import Prospect, csv_list
from streamer.ingest.vendors import vendors
from tests.ingest.support import SECRET
from tests.ingest.vendors.cases import CASES

WHO: Final = Identities(SECRET.encode())
_ADDRESSES: Final = {"email", "phone", "linkedin"}


def records_told() -> Iterator[tuple[str, str, str]]:
    """Of each example the vendor, and the kind and the id of the record that an event names."""
    for case in CASES:
        for example in case.examples.values():
            for event in example.events:
                if isinstance(subject := event.get("subject"), dict):
                    ((kind, number),) = subject.items()
                    if kind not in _ADDRESSES:
                        yield case.vendor, kind, number


TOLD: Final = sorted(set(records_told()))


def test_vendors_say_by_which_records_they_name_persons_and_no_others() -> None:
    # The generic source names a CRM's record by its key `crm`, the name of a column of its own.
    told = {(vendor, kind) for vendor, kind, _ in TOLD if vendor != "generic"}
    assert told == {(each.name, kind) for each in vendors().values() for kind in each.records}
    assert {kind for _, kind, _ in TOLD} <= set(record_ids())


@pytest.mark.parametrize(("vendor", "kind", "number"), TOLD)
def test_a_list_names_whom_the_vendors_event_is_about(vendor: str, kind: str, number: str) -> None:
    column = f"{vendors()[vendor].title} {'deal ' if kind == 'deal' else ''}ID"
    names = ("crm",) if vendor == "generic" else (column, kind)
    for name in names:
        table = csv_list(WHO)
        found = [*table.feed(f"id;{name}\np1;{number}\n".encode()), *table.end()]
        assert found == [Prospect("p1", [str(WHO.of(kind, number))])]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Pipedrive ID", "crm"),
        ("id pipedrive", "crm"),
        ("HubSpot", "crm"),
        ("HubSpot contact ID 2", "crm"),
        ("ID deal HubSpot", "deal"),
        ("HubSpot owner", None),
        ("HubSpot score", None),
        # Its events name no deal but by the person.
        ("Pipedrive deal id", None),
        ("lemlist", "lemlist"),
        ("Record ID - Contact", "crm"),
    ],
)
def test_columns_of_a_vendor_hold_the_records_of_its_events(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name", [each.title for each in vendors().values() if not each.records] + ["Generic", "Id OVH"]
)
def test_other_vendors_names_are_no_columns_of_persons(name: str) -> None:
    assert kind_of(name) is None


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        ("crm", "oui", "is no id of a record"),
        ("crm", "HubSpot", "is no id of a record"),
        ("crm", "12 345", "is no id of a record"),
        ("crm", "88.0", "was given decimals"),
        ("deal", "Contrat ACME", "is no id of a record"),
        ("lemlist", "oui", "is no id of a record"),
        ("lemlist", "12", "is no id of a record"),
        ("phone", "612345678.0", "was given decimals"),
        ("linkedin", "oui", "is no LinkedIn profile"),
        ("linkedin", "Non", "is no LinkedIn profile"),
        ("linkedin", "x", "is no LinkedIn profile"),
    ],
)
def test_a_cell_that_is_no_address_of_its_kind_is_refused(
    kind: str, cell: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        identity_of(kind, cell, WHO)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("crm", "88"),
        ("crm", "0035g00000XyZaBAAV"),
        ("crm", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("deal", "746"),
        ("lemlist", "lea_aBcDeFgHjKmNpQrSt"),
        ("linkedin", "https://www.linkedin.com/in/jane-doe"),
    ],
)
def test_ids_as_vendors_give_them_are_taken(kind: str, cell: str) -> None:
    assert identity_of(kind, cell, WHO) == WHO.of(kind, cell)
