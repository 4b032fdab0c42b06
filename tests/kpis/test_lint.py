"""Each rule over the catalogue is shown a row that breaks it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from streamer.kpis import lint
from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.model import EVERY_WINDOW, Cost, Kpi, Label, Milestone, Total


def row(channel: str, identity: str) -> Kpi:
    return next(kpi for kpi in CATALOGUE if (kpi.channel, kpi.id) == (channel, identity))


OPEN = row("email", "open")
PROGRESS = row("email", "sent_progress")
NO_RESPONSE = row("sms", "no_response")
CALLS = row("phone", "calls_made")

Check = Callable[[Sequence[Kpi]], lint.Found]

BAD: list[tuple[Check, Sequence[Kpi], str]] = [
    (lint.one_row_each, (OPEN, OPEN), "stands 2 times"),
    (
        lint.article_is_whole,
        [kpi for kpi in CATALOGUE if kpi.article != 17],
        "is missing",
    ),
    (
        lint.article_is_whole,
        [kpi for kpi in CATALOGUE if (kpi.channel, kpi.id) != ("sms", "conversion")],
        "is missing for sms",
    ),
    (lint.article_is_whole, (*CATALOGUE, replace(OPEN, article=37)), "no row 37"),
    (lint.id_is_a_plain_name, [replace(OPEN, id="Open-Rate")], "lower-case words"),
    (lint.id_is_a_plain_name, [replace(OPEN, id="email_open")], "repeats its channel"),
    (
        lint.milestones_are_counted,
        [replace(OPEN, numerator=Milestone("email", "open"))],
        "email has no milestone open",
    ),
    (
        lint.milestones_are_counted,
        [replace(OPEN, numerator=Total("email", "size"))],
        "no sum is kept of size",
    ),
    (
        lint.terms_are_of_the_channel,
        [replace(OPEN, denominator=Milestone("sms", "delivered"))],
        "a term is of sms",
    ),
    (
        lint.terms_are_of_the_channel,
        [replace(NO_RESPONSE, channel="postal")],
        "a term is of sms",
    ),
    (lint.unit_fits_the_terms, [replace(OPEN, numerator=Cost())], "amount is the unit"),
    (lint.unit_fits_the_terms, [replace(OPEN, unit="seconds")], "seconds is the unit"),
    (lint.unit_fits_the_terms, [replace(OPEN, denominator=None)], "only a count"),
    (lint.plan_has_no_window, [replace(PROGRESS, windows=EVERY_WINDOW)], "not known by window"),
    (lint.plan_has_no_window, [replace(OPEN, windows=("5m", "1h"))], "neither all nor"),
    (
        lint.labels_in_two_languages,
        [replace(OPEN, label=Label("taux d'ouverture", "Opens"))],
        "capitalised title",
    ),
    (lint.labels_in_two_languages, [replace(OPEN, label=Label("Opens", "Opens"))], "the same"),
    (
        lint.labels_differ_in_a_channel,
        (OPEN, replace(PROGRESS, label=OPEN.label)),
        "another row bears",
    ),
    (lint.help_is_a_sentence, [replace(OPEN, help=Label("", "Share of mails."))], "sentences"),
    (lint.help_is_a_sentence, [replace(OPEN, help=Label("Oui.", "Yes."))], "says more"),
    (
        lint.help_is_a_sentence,
        [replace(OPEN, help=Label(OPEN.help.en, OPEN.help.en))],
        "help are the same",
    ),
    (lint.formula_divides_as_the_row_does, [replace(CALLS, formula="a ÷ b")], "divide"),
    (lint.formula_divides_as_the_row_does, [replace(NO_RESPONSE, formula="a ÷ b")], "subtract"),
    (
        lint.texts_fit_the_screen,
        [replace(OPEN, label=Label("T" * 41, "Opens"))],
        "label is longer",
    ),
    (
        lint.texts_fit_the_screen,
        [replace(OPEN, help=Label("T" * 241, OPEN.help.en))],
        "help is longer",
    ),
]


@pytest.mark.parametrize(("check", "rows", "reason"), BAD)
def test_a_check_catches_a_bad_row(check: Check, rows: Sequence[Kpi], reason: str) -> None:
    assert [found for _, found in check(rows) if reason in found]


def test_each_check_is_shown_a_bad_row() -> None:
    assert {check for check, _ in lint.CHECKS} == {check for check, _, _ in BAD}


def test_each_check_states_its_rule() -> None:
    assert all((check.__doc__ or "").strip() for check, _ in lint.CHECKS)


def test_the_catalogue_breaks_no_rule() -> None:
    assert [str(finding) for finding in lint.lint()] == []


def test_a_finding_reads_like_a_linters_line() -> None:
    finding = lint.lint([*CATALOGUE, replace(OPEN, channel="sms", id="send")])[0]
    assert str(finding) == "error: sms send: a term is of email (terms_are_of_the_channel)"


def test_the_command_fails_on_an_error_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint.main() == 0
    finding = lint.Finding("warning", "c", "email open", "is long")
    monkeypatch.setattr(lint, "lint", lambda: [finding])
    assert lint.main() == 0
    monkeypatch.setattr(lint, "lint", lambda: [finding._replace(severity="error")])
    assert lint.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "warning: email open: is long (c)",
        "error: email open: is long (c)",
    ]
