import gzip
import io
import os
import sys
from pathlib import Path

import pytest

from streamer import cli
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway

CSV = b"id;E-mail\r\np-1;a@example.fr\r\n"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path / "nothing-runs-here"))


def taken(_method: str, _path: str, _body: bytes) -> Answer:
    return Answer(202, {"accepted": 2, "refused": []})


def imported(gateway: FakeGateway, *arguments: object) -> int:
    given = ["prospects", "import", "--gateway", gateway.url, "--token", TOKEN]
    return cli.main([*given, *map(str, arguments)])


def test_lists_of_every_kind_are_sent_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, packed, lines = tmp_path / "a.csv", tmp_path / "b.gz", tmp_path / "c"
    plain.write_bytes(CSV)
    packed.write_bytes(gzip.compress(CSV))
    lines.write_bytes(b'\xef\xbb\xbf\n{"id": "p-1"}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV)))
    with FakeGateway(taken) as gateway:
        assert imported(gateway, "spring/1", plain, packed, lines, "-") == 0
        assert {(method, path) for method, path, _ in gateway.requests} == {
            ("PUT", "/v1/campaigns/spring%2F1/prospects")
        }
        assert [body for *_, body in gateway.requests] == [CSV, CSV, lines.read_bytes(), CSV]
        kinds = ["text/csv", "text/csv", "application/x-ndjson", "text/csv"]
        assert gateway.media_types == kinds
    assert capsys.readouterr().out == "8 prospects accepted, 0 lines refused\n"


def test_refused_lines_are_told_with_their_place_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = [{"line": n, "field": "Tél", "reason": "is no phone number"} for n in range(2, 102)]

    def strict(_method: str, _path: str, _body: bytes) -> Answer:
        told = {"accepted": 5, "refused": refused, "more_refused": 7, "ignored": ["Nom"]}
        return Answer(202, told)

    file = tmp_path / "list.csv"
    file.write_bytes(CSV)
    with FakeGateway(strict) as gateway:
        assert imported(gateway, "c", file) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("5 prospects accepted, 107 lines refused\n")
    assert "      100  Tél is no phone number\n" in shown
    assert "        7  for reasons that are told when these are mended\n" in shown
    assert f"{file}:2  Tél is no phone number" in shown
    assert "columns that were passed over: Nom\n" in shown


def test_a_file_that_is_no_list_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_method: str, _path: str, _body: bytes) -> Answer:
        return Answer(400, {"detail": "The file is an Excel workbook: save it as CSV UTF-8."})

    file = tmp_path / "list.xlsx"
    file.write_bytes(b"PK\x03\x04")
    with FakeGateway(refuse) as gateway:
        assert imported(gateway, "c", file) == 1
    assert capsys.readouterr().err == (
        f"streamer: {file}: The file is an Excel workbook: save it as CSV UTF-8.\n"
    )


def test_a_busy_gateway_gets_the_whole_list_again(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def busy(method: str, path: str, body: bytes) -> Answer:
        seen.append(body)
        if len(seen) < 3:
            return Answer(503, {"detail": "Kafka is away"}, (("Retry-After", "0"),))
        return taken(method, path, body)

    file = tmp_path / "list.csv"
    file.write_bytes(CSV)
    with FakeGateway(busy) as gateway:
        assert imported(gateway, "c", file) == 0
    assert seen == [CSV] * 3


def test_a_damaged_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.gz"
    file.write_bytes(gzip.compress(CSV * 1000)[:-9])
    with FakeGateway(taken) as gateway:
        assert imported(gateway, "c", file) == 2
    assert f"{file} is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["c", "nowhere.csv"], "nowhere.csv cannot be read"),
        (["c", "{file}", "--token", "wrong"], "refuses the token"),
    ],
)
def test_each_mistake_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(CSV)
    with FakeGateway(taken) as gateway:
        assert imported(gateway, *(each.format(file=file) for each in arguments)) == 2
    assert said in capsys.readouterr().err
