import logging
import sys
from collections.abc import Iterator

import pytest

from streamer.commands.log import Line, OnceInAWhile, configure


def _record(name: str, message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "", 0, message, args, None)


@pytest.fixture
def _logging_left_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_record_is_one_line_of_named_fields() -> None:
    record = _record("streamer.x", "took %s\nseconds", 3)
    record.created = 0.5

    line = Line().format(record)

    expected = (
        'time=1970-01-01T00:00:00.500Z level=warning logger=streamer.x msg="took 3\\nseconds"'
    )
    assert line == expected


def test_an_exception_stays_on_the_line() -> None:
    record = _record("streamer.x", "failed")
    try:
        int("no")
    except ValueError:
        record.exc_info = sys.exc_info()

    line = Line().format(record)

    assert "ValueError: invalid literal" in line
    assert "\n" not in line


def test_a_library_that_repeats_itself_is_heard_once() -> None:
    passing = OnceInAWhile()

    assert passing.filter(_record("aiokafka.conn", "no connection to %s", 1))
    assert not passing.filter(_record("aiokafka.conn", "no connection to %s", 2))
    assert passing.filter(_record("aiokafka.conn", "another"))
    assert passing.filter(_record("streamer.x", "ours"))
    assert passing.filter(_record("streamer.x", "ours"))


@pytest.mark.usefixtures("_logging_left_as_it_was")
def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info")
    logging.getLogger("aiokafka").info("chatter")
    logging.getLogger("aiokafka").warning("trouble")
    logging.getLogger("streamer").info("ours")

    shown = capsys.readouterr().err
    assert "chatter" not in shown
    assert "msg=trouble" in shown
    assert "msg=ours" in shown


@pytest.mark.usefixtures("_logging_left_as_it_was")
def test_urls_are_never_told_since_they_may_hold_a_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("debug")
    for name in ("httpx", "httpcore.http11"):
        logging.getLogger(name).info("GET https://sns.example/?Token=secret")

    assert "secret" not in capsys.readouterr().err
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    logging.getLogger("httpcore").setLevel(logging.NOTSET)
