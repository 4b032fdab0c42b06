"""The rules that every row of the catalogue keeps, as a table of checks.

Owns the rules: each check's docstring is one. Never changes a row, and never counts.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.kpis.model import (
    CAMPAIGN_ONLY,
    EVERY_WINDOW,
    Channel,
    Cost,
    Difference,
    Kpi,
    Milestone,
    Planned,
    Product,
    Total,
)

Severity = Literal["error", "warning"]
Rows = Sequence[Kpi]

_CHANNELS: Final[tuple[Channel, ...]] = ("email", "linkedin", "phone", "postal", "sms")
_TOTALS: Final[frozenset[str]] = frozenset({"duration", "key_answers", "reactivity_delay"})
_DURATIONS: Final[frozenset[str]] = frozenset({"duration", "reactivity_delay"})
_ID: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")
# What fits in a tile of the dashboard, and in a tooltip.
_LABEL_CHARACTERS: Final = 40
_HELP_CHARACTERS: Final = 240


class Finding(NamedTuple):
    """One row that breaks one rule."""

    severity: Severity
    check: str
    row: str
    reason: str

    def __str__(self) -> str:
        """One line, as a linter prints it."""
        return f"{self.severity}: {self.row}: {self.reason} ({self.check})"


Found = Iterator[tuple[str, str]]


def _name(kpi: Kpi) -> str:
    return f"{kpi.channel} {kpi.id}"


def _terms(term: object) -> Iterator[object]:
    yield term
    if isinstance(term, Difference):
        yield from (term.whole, term.part)
    if isinstance(term, Product):
        yield from (*_terms(term.a), *_terms(term.b))


def _all_terms(kpi: Kpi) -> Iterator[object]:
    yield from _terms(kpi.numerator)
    yield from _terms(kpi.denominator)


def one_row_each(rows: Rows) -> Found:
    """A channel and an id name one row: they are the labels of its sample."""
    for (channel, identity), times in Counter((kpi.channel, kpi.id) for kpi in rows).items():
        if times > 1:
            yield f"{channel} {identity}", f"stands {times} times"


def article_is_whole(rows: Rows) -> Found:
    """Rows 1 to 34 of the article stand once, 35 on each channel, 36 on each and over all."""
    standing = {(kpi.article, kpi.channel) for kpi in rows}
    numbers = {number for number, _ in standing}
    yield from ((f"article {n}", "is missing") for n in range(1, 35) if n not in numbers)
    for number, channels in ((35, _CHANNELS), (36, (*_CHANNELS, "all"))):
        for channel in channels:
            if (number, channel) not in standing:
                yield f"article {number}", f"is missing for {channel}"
    for kpi in rows:
        if kpi.article is not None and not 1 <= kpi.article <= 36:  # noqa: PLR2004 - the article's
            yield _name(kpi), f"the article has no row {kpi.article}"


def id_is_a_plain_name(rows: Rows) -> Found:
    """An id is lower-case words joined by underscores, and does not repeat its channel."""
    for kpi in rows:
        if not _ID.fullmatch(kpi.id):
            yield _name(kpi), "its id is not lower-case words joined by underscores"
        elif kpi.channel in kpi.id.split("_"):
            yield _name(kpi), "its id repeats its channel"


def milestones_are_counted(rows: Rows) -> Found:
    """A term names a milestone that its channel counts, or a sum that is kept."""
    for kpi in rows:
        for term in _all_terms(kpi):
            if isinstance(term, Milestone) and term.name not in MILESTONES[term.channel]:
                yield _name(kpi), f"{term.channel} has no milestone {term.name}"
            if isinstance(term, Total) and term.name not in _TOTALS:
                yield _name(kpi), f"no sum is kept of {term.name}"


def terms_are_of_the_channel(rows: Rows) -> Found:
    """A row divides what happened on its own channel."""
    for kpi in rows:
        for term in _all_terms(kpi):
            if isinstance(term, Milestone | Total | Planned) and term.channel != kpi.channel:
                yield _name(kpi), f"a term is of {term.channel}"


def unit_fits_the_terms(rows: Rows) -> Found:
    """An amount divides the cost, seconds divide a time, a ratio divides something else."""
    for kpi in rows:
        top = kpi.numerator
        is_time = isinstance(top, Total) and top.name in _DURATIONS
        if (kpi.unit == "amount") != isinstance(top, Cost):
            yield _name(kpi), "amount is the unit of costs, and of nothing else"
        if (kpi.unit == "seconds") != is_time:
            yield _name(kpi), "seconds is the unit of durations and delays, and of nothing else"
        if kpi.denominator is None and kpi.unit != "count":
            yield _name(kpi), "only a count stands without a denominator"


def plan_has_no_window(rows: Rows) -> Found:
    """What is measured against the plan or in money has the campaign window only.

    Any other window is one of ours, stands once, and `campaign` comes first.
    """
    for kpi in rows:
        if any(isinstance(term, Planned | Cost) for term in _all_terms(kpi)):
            if kpi.windows != CAMPAIGN_ONLY:
                yield _name(kpi), "the plan and the cost are not known by window"
        elif kpi.windows not in (CAMPAIGN_ONLY, EVERY_WINDOW):
            yield _name(kpi), "its windows are neither all nor the campaign alone"


def labels_in_two_languages(rows: Rows) -> Found:
    """A label starts with a capital, ends without a full stop, and is written in both languages."""
    for kpi in rows:
        for text in kpi.label:
            if not text[:1].isupper() or text.endswith("."):
                yield _name(kpi), f"a label is a capitalised title: {text!r}"
        if kpi.label.fr == kpi.label.en:
            yield _name(kpi), "its French and its English label are the same"


def labels_differ_in_a_channel(rows: Rows) -> Found:
    """Two rows of a channel never bear the same label: nobody could tell them apart."""
    times = Counter((kpi.channel, text) for kpi in rows for text in kpi.label)
    for kpi in rows:
        for text in kpi.label:
            if times[kpi.channel, text] > 1:
                yield _name(kpi), f"another row bears the label {text!r}"


def help_is_a_sentence(rows: Rows) -> Found:
    """A help is sentences in both languages, and says more than the label."""
    for kpi in rows:
        for label, text in zip(kpi.label, kpi.help, strict=True):
            if not text[:1].isupper() or not text.endswith("."):
                yield _name(kpi), f"a help is sentences: {text!r}"
            elif len(text) <= len(label):
                yield _name(kpi), f"a help says more than its label: {text!r}"
        if kpi.help.fr == kpi.help.en:
            yield _name(kpi), "its French and its English help are the same"


def formula_divides_as_the_row_does(rows: Rows) -> Found:
    """A formula shows one division where there is a denominator, and none where there is none."""
    for kpi in rows:
        if kpi.formula.count(" ÷ ") != (kpi.denominator is not None):
            yield _name(kpi), f"its formula does not divide as the row does: {kpi.formula!r}"
        if (" − " in kpi.formula) != isinstance(kpi.numerator, Difference):
            yield _name(kpi), f"its formula does not subtract as the row does: {kpi.formula!r}"


def texts_fit_the_screen(rows: Rows) -> Found:
    """A label fits a tile of the dashboard, a help fits a tooltip."""
    for kpi in rows:
        if max(map(len, kpi.label)) > _LABEL_CHARACTERS:
            yield _name(kpi), f"a label is longer than {_LABEL_CHARACTERS} characters"
        if max(map(len, kpi.help)) > _HELP_CHARACTERS:
            yield _name(kpi), f"a help is longer than {_HELP_CHARACTERS} characters"


CHECKS: Final[tuple[tuple[Callable[[Rows], Found], Severity], ...]] = (
    (one_row_each, "error"),
    (article_is_whole, "error"),
    (id_is_a_plain_name, "error"),
    (milestones_are_counted, "error"),
    (terms_are_of_the_channel, "error"),
    (unit_fits_the_terms, "error"),
    (plan_has_no_window, "error"),
    (labels_in_two_languages, "error"),
    (labels_differ_in_a_channel, "error"),
    (help_is_a_sentence, "error"),
    (formula_divides_as_the_row_does, "error"),
    (texts_fit_the_screen, "warning"),
)


def lint(rows: Rows = CATALOGUE) -> list[Finding]:
    """All that the rows do wrong, in the order of the checks."""
    return [
        Finding(severity, check.__name__, row, reason)
        for check, severity in CHECKS
        for row, reason in check(rows)
    ]


def main() -> int:
    """Print the findings over the catalogue; 1 when one of them is an error."""
    findings = lint()
    sys.stdout.writelines(f"{finding}\n" for finding in findings)
    return int(any(finding.severity == "error" for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
