import io

import pytest
from rich.console import Console

from streamer.commands.display import Progress, Row, screen, summary, value


def _row(number: float | None, unit: str, channel: str = "email", window: str = "campaign") -> Row:
    return {
        "kpi": "k",
        "channel": channel,
        "window": window,
        "value": number,
        "unit": unit,
        "label": {"fr": "Taux", "en": "Rate"},
    }


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (0.1234, "ratio", "12.3 %"),
        (0, "ratio", "0.0 %"),
        (None, "ratio", "–"),
        (59.4, "seconds", "59 s"),
        (80, "seconds", "1 min 20 s"),
        (5400, "seconds", "1.5 h"),
        (129600, "seconds", "1.5 d"),
        (1234, "count", "1,234"),
        (2.5697, "count", "2.57"),
        (1234.5, "EUR", "1,234.50 EUR"),
    ],
)
def test_a_value_is_written_for_people(number: float | None, unit: str, shown: str) -> None:
    assert value(_row(number, unit)) == shown


def test_the_line_counts_the_kpis_of_the_whole_campaign() -> None:
    rows = [_row(0.5, "ratio"), _row(None, "ratio"), _row(0.5, "ratio", window="5m")]

    line = summary(Progress(1200, 1000, rows, 12))

    assert line == "  12 s   sent 1,200 events   counted 1,000   KPIs with a value: 1 of 2"


def test_the_screen_has_a_table_for_each_channel() -> None:
    out = io.StringIO()
    rows = [_row(0.5, "ratio"), _row(7, "count", "phone")]

    Console(file=out, width=120).print(screen(Progress(1, 1, rows, 1)))

    shown = out.getvalue()
    assert "50.0 %" in shown
    assert "phone" in shown
    assert "sms" in shown
