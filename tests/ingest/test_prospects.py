"""Lists of prospects: who is who by every spelling, and what is wrong with the others."""

import json
from typing import Any

import pytest

from streamer.errors import Malformed
from streamer.identity.identities import Identities
from streamer.ingest.columns import kind_of
from streamer.ingest.prospects import JsonList, Prospect, csv_list
from streamer.ingest.tables import Wrong

WHO = Identities(b"secret")
MAIL, PHONE = WHO.email("a@example.fr"), WHO.phone("0612345678")


def from_csv(text: str) -> list[Prospect | Wrong]:
    reader = csv_list(WHO)
    return [*reader.feed(text.encode()), *reader.end()]


def from_json(*lines: Any) -> list[Prospect | Wrong]:
    reader = JsonList(WHO)
    content = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    return [*reader.feed(content.encode()), *reader.end()]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("id", "id"),
        ("Identifiant", "id"),
        ("E-mail", "email"),
        ("Courriel", "email"),
        ("Adresse électronique", "email"),
        ("Téléphone", "phone"),
        ("Tél. portable", "phone"),
        ("TEL 2", "phone"),
        ("N° de téléphone", "phone"),
        ("Profil LinkedIn", "linkedin"),
        ("CRM", "crm"),
        ("sendgrid", None),
        ("ID SendGrid", None),
        ("Nom", None),
        ("Prénom", None),
        ("Société", None),
        ("id société", None),
        ("Téléphone standard", None),
        ("Effectif", None),
        ("", None),
        ("2", None),
    ],
)
def test_columns_are_known_by_their_names_in_both_languages(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_a_line_is_a_prospect_with_all_his_addresses() -> None:
    text = "Identifiant;Nom;E-mail;Tél;Mobile;LinkedIn\np-1;Durand;A@example.fr;06 12 34 56 78;;\n"
    assert from_csv(text) == [Prospect("p-1", [str(MAIL), str(PHONE)])]


def test_without_an_id_the_first_address_is_the_subject() -> None:
    assert from_csv("tel,email\n0612345678,a@example.fr\n,a@example.fr\n") == [
        Prospect(str(PHONE), [str(MAIL)]),
        Prospect(str(MAIL), []),
    ]


def test_an_id_that_is_a_mail_address_is_hashed() -> None:
    assert from_csv("id;tel\na@example.fr;\n") == [Prospect(str(MAIL), [])]


def test_an_id_alone_is_a_prospect_too() -> None:
    assert from_csv("id\np-1\n") == [Prospect("p-1", [])]


@pytest.mark.parametrize(
    "cell", ["'0612345678", '"=""0612345678"""', "612345678", "+33 6 12 34 56 78", "33612345678"]
)
def test_numbers_are_read_as_spreadsheets_leave_them(cell: str) -> None:
    assert from_csv(f"id;tel\np;{cell}\n") == [Prospect("p", [str(PHONE)])]


@pytest.mark.parametrize("cell", ["N/C", "-", "Néant", "#N/A", "  ", "null"])
def test_words_for_nothing_are_nobody(cell: str) -> None:
    assert from_csv(f"id;tel;crm\np;{cell};{cell}\n") == [Prospect("p", [])]


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("p;a(at)example.fr;;", "E-mail", "is no mail address"),
        ("p;a@example.fr, b@example.fr;;", "E-mail", "more than one"),
        ("p;;01 02;", "Tél", "is no phone number"),
        ("p;;6,12E+08;", "Tél", "rounded by a spreadsheet"),
        ("p;;;1,2E+10", "crm", "rounded by a spreadsheet"),
        (";;;", "", ""),
        (";N/C;;", "", "names nobody"),
        ("p;;;;x", "", "more cells than there are columns"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column_and_quotes_nothing(
    line: str, field: str, reason: str
) -> None:
    found = from_csv(f"id;E-mail;Tél;crm\n{line}\nq;;;\n")
    assert found[-1] == Prospect("q", [])
    if reason:
        wrong = found[0]
        assert isinstance(wrong, Wrong)
        assert (wrong.line, wrong.field) == (2, field)
        assert reason in wrong.reason
        assert "example" not in wrong.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("Nom;Prénom\nDurand;Anne\n", "names no column that says who"),
        ("p-1;a@example.fr\n", "names no column that says who"),
        ("id;identifiant\n1;2\n", "id twice"),
    ],
)
def test_what_is_no_list_is_refused_whole(text: str, said: str) -> None:
    with pytest.raises(Malformed, match=said) as told:
        from_csv(text)
    assert "Durand" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "taken", "ignored"),
    [
        # A vendor that knows nobody by a record of his own, with any text in its column.
        ("id;e-mail;Brevo\np1;a@b.fr;oui\np2;c@d.fr;oui\np3;e@f.fr;oui\n", 3, ["Brevo"]),
        ("id;e-mail;Generic\np1;a@b.fr;x1\np2;c@d.fr;x1\n", 2, ["Generic"]),
        # The CRM's name is no id in it.
        ("id;e-mail;CRM\np1;a@b.fr;HubSpot\np2;c@d.fr;HubSpot\n", 0, []),
        # A company's number in a column for persons.
        ("id;e-mail;CRM\np1;a@b.fr;77\np2;c@d.fr;77\np3;e@f.fr;77\n", 1, []),
    ],
)
def test_no_column_makes_one_person_of_everybody(text: str, taken: int, ignored: list[str]) -> None:
    reader = csv_list(WHO)
    found = [*reader.feed(text.encode()), *reader.end()]
    persons = [each for each in found if isinstance(each, Prospect)]
    assert len(persons) == taken
    shared = [each for person in persons for each in person.identities]
    assert len(shared) == len(set(shared)) >= taken
    assert reader.ignored == ignored


def test_in_json_lines_too_a_shared_number_is_refused_with_what_to_do() -> None:
    first, second = from_json(
        {"id": "p1", "phone": "0140000000"}, {"id": "p2", "phone": "0140000000"}
    )
    assert isinstance(first, Prospect)
    assert isinstance(second, Wrong)
    assert (second.line, second.field) == (2, "phone")
    assert "the same id if they are one person" in second.reason


def test_columns_that_were_passed_over_are_told() -> None:
    reader = csv_list(WHO)
    list(reader.feed(b"id;Nom;;Effectif\n1;2;;3\n"))
    assert reader.ignored == ["Nom", "Effectif"]


def test_json_lines_say_the_same() -> None:
    assert from_json(
        {"id": 7, "email": ["a@example.fr", None], "tel": 612345678, "nom": "x"},
        "",
        {"id": None, "phone": "0612345678"},
    ) == [Prospect("7", [str(MAIL), str(PHONE)]), Prospect(str(PHONE), [])]


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("[1]", "", "is not a JSON object"),
        ("{half", "", "is not a JSON object"),
        ('{"id":"\\ud800"}', "", "is not a JSON object"),
        ({"id": {"a": 1}}, "id", "must be a text"),
        ({"id": ["a"]}, "id", "must be a text"),
        ({"id": True}, "id", "must be a text"),
        ({"email": 1.5}, "email", "must be a text"),
        ({"id": "x" * 70_000}, "", "is above"),
        ({}, "", "names nobody"),
    ],
)
def test_wrong_json_lines_are_told_and_the_others_taken(
    line: object, field: str, reason: str
) -> None:
    wrong, good = from_json(line, {"id": "p"})
    assert good == Prospect("p", [])
    assert isinstance(wrong, Wrong)
    assert (wrong.line, wrong.field) == (1, field)
    assert reason in wrong.reason
