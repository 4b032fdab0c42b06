import gzip
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from streamer import cli
from streamer.commands.importing import (
    HELD_BYTES,
    LONGEST_LINE,
    PACK_BYTES,
    Line,
    Pack,
    Refusal,
    read_lines,
    sort,
)
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway, accept


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path / "nothing-runs-here"))


def event(number: int, **change: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "/s",
        "type": "email.sent",
        "time": "2026-03-02T10:30:00Z",
        "campaign": f"c{number % 3}",
        "message": f"m{number}",
        **change,
    }


def text(*events: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def imported(gateway: FakeGateway, *arguments: object) -> int:
    given = ["import", "--gateway", gateway.url, "--token", TOKEN, *map(str, arguments)]
    return cli.main(given)


def test_plain_and_gzip_files_are_sent_as_they_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b"
    plain.write_bytes(b"\xef\xbb\xbf" + text(event(1), event(2)) + b"\r\n  \n")
    packed.write_bytes(gzip.compress(text(event(3, data={"amount": 1.50}))[:-1]))
    with FakeGateway(accept) as gateway:
        assert imported(gateway, plain, packed) == 0
        assert sorted(each["id"] for each in gateway.posted()) == ["e1", "e2", "e3"]
    assert capsys.readouterr().out == "3 events accepted, 0 lines refused\n"


def test_all_of_many_requests_at_once_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(text(*map(event, range(30_000))))
    with FakeGateway(accept) as gateway:
        assert imported(gateway, file) == 0
        assert len(gateway.requests) > 5
    assert capsys.readouterr().out == "30,000 events accepted, 0 lines refused\n"


TABLE = "campagne;type;date;sujet\r\nc;vente;02/03/2026;é\r\n".encode("cp1252")


def test_tables_are_sent_whole_beside_json_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(method: str, path: str, body: bytes) -> Answer:
        if path == "/v1/events":
            return accept(method, path, body)
        reason = {"line": 2, "field": "date", "reason": "is no moment"}
        return Answer(202, {"accepted": 5, "refused": [reason], "ignored": ["Note"]})

    lines, table, packed = tmp_path / "a.jsonl", tmp_path / "b.csv", tmp_path / "c.gz"
    lines.write_bytes(text(event(1)))
    table.write_bytes(TABLE)
    packed.write_bytes(gzip.compress(TABLE))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE)))
    options = ["--campaign", "c é", "--time-zone", "Europe/London"]
    with FakeGateway(told) as gateway:
        assert imported(gateway, lines, table, packed, "-", *options) == 1
        asked = {(method, path) for method, path, body in gateway.requests if body == TABLE}
        assert asked == {
            ("POST", "/v1/events/csv?campaign=c+%C3%A9&time_zone=Europe%2FLondon"),
        }
        assert len(gateway.requests) == 4
    shown = capsys.readouterr().out
    assert shown.startswith("16 events accepted, 3 lines refused\n")
    assert f"{table}:2  date is no moment" in shown
    assert shown.endswith("columns that were passed over: Note\n")


def test_a_table_that_is_none_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.csv"
    file.write_bytes(TABLE)
    no = Answer(400, {"detail": "The first line names no column type (in French: type)."})
    with FakeGateway(lambda *_: no) as gateway:
        assert imported(gateway, file) == 1
    assert capsys.readouterr().err.startswith(f"streamer: {file}: The first line names no column")


def test_stdin_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(text(event(1)))))
    monkeypatch.setattr(sys, "stdin", stdin)
    with FakeGateway(accept) as gateway:
        assert imported(gateway, "-") == 0
        assert len(gateway.posted()) == 1


def test_bad_lines_are_told_with_place_field_and_reason_and_the_good_ones_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, refused = tmp_path / "events.jsonl", tmp_path / "refused.jsonl"
    bad = [event(2, time="yesterday"), event(3, message=None), event(4, data_base64="YQ==")]
    file.write_bytes(text(event(1), *bad, [event(5)]) + b"{half\n\xff\n" + text(event(6)))
    with FakeGateway(accept) as gateway:
        assert imported(gateway, file, "--refused", refused) == 1
        assert sorted(each["id"] for each in gateway.posted()) == ["e1", "e6"]
    shown = capsys.readouterr().out
    assert shown.startswith("2 events accepted, 6 lines refused\n")
    assert "        2  is not JSON in UTF-8\n" in shown
    assert f"{file}:2  time must be RFC 3339" in shown
    assert f"{file}:3  message email.sent must name its touch\n" in shown
    assert f"{file}:4  data_base64 is not taken" in shown
    assert f"{file}:5  an event is a JSON object\n" in shown
    written = [json.loads(line) for line in refused.read_text().splitlines()]
    assert {row["line"]: row["problems"][0]["field"] for row in written} == {
        2: "time",
        3: "message",
        4: "data_base64",
        5: "",
        6: "",
        7: "",
    }
    texts = {row["line"]: row["text"].encode(errors="surrogateescape") for row in written}
    assert texts[7] == b"\xff"
    assert json.loads(texts[2]) == bad[0]


def test_of_many_refusals_the_first_are_shown_and_all_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(text(*(event(number, id="") for number in range(50))))
    with FakeGateway(accept) as gateway:
        assert imported(gateway, file) == 1
        assert gateway.requests == []
    shown = capsys.readouterr().out
    assert "       50  id must be a string that is not empty\n" in shown
    assert "the first 20:" in shown
    assert shown.count(str(file)) == 20


def test_what_only_the_gateway_refuses_is_told_by_line_and_the_rest_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def strict(_method: str, _path: str, body: bytes) -> Answer:
        events = json.loads(body)
        errors = [
            {"index": at, "id": each["id"], "field": "id", "reason": "is not liked"}
            for at, each in enumerate(events)
            if each["id"] == "e3"
        ]
        if errors:
            return Answer(400, {"detail": "refused", "errors": errors})
        return Answer(202, {"accepted": len(events)})

    file = tmp_path / "events.jsonl"
    file.write_bytes(text(*map(event, range(1, 6))))
    with FakeGateway(strict) as gateway:
        assert imported(gateway, file) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("4 events accepted, 1 lines refused\n")
    assert f"{file}:3  id is not liked" in shown


def test_a_gateway_with_a_smaller_limit_gets_smaller_requests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def small(method: str, path: str, body: bytes) -> Answer:
        if len(body) > 1000:
            return Answer(413, {"detail": "The request is above 1000 bytes."})
        return accept(method, path, body)

    file = tmp_path / "events.jsonl"
    file.write_bytes(text(*map(event, range(30)), event(30, data={"note": "x" * 2000})))
    with FakeGateway(small) as gateway:
        assert imported(gateway, file) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("30 events accepted, 1 lines refused\n")
    assert "The request is above 1000 bytes" in shown


def test_a_busy_gateway_is_waited_for(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def busy(method: str, path: str, body: bytes) -> Answer:
        seen.append(body)
        if len(seen) < 3:
            return Answer(503, {"detail": "Kafka is away"}, (("Retry-After", "0"),))
        return accept(method, path, body)

    file = tmp_path / "events.jsonl"
    file.write_bytes(text(event(1)))
    with FakeGateway(busy) as gateway:
        assert imported(gateway, file) == 0
    assert len(seen) == 3


def test_a_gateway_that_is_away_ends_it_with_a_sentence_and_a_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], port: int
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(text(event(1)))
    there = ["--gateway", f"http://127.0.0.1:{port}", "--token", TOKEN, "--patience", "0.1"]
    assert cli.main(["import", *there, str(file)]) == 6
    shown = capsys.readouterr().err
    assert "does not answer" in shown
    assert "0 events were accepted before; import again" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{file}", "--token", "wrong", "--gateway", "{url}"], "refuses the token"),
        (["nowhere.jsonl", "--token", TOKEN, "--gateway", "{url}"], "nowhere.jsonl cannot be read"),
        (["{file}"], "No `streamer up` runs on"),
        (["{file}", "--gateway", "{url}"], "Name a token of that gateway"),
        (["{file}", "--gateway", "localhost"], "must begin with http://"),
    ],
)
def test_each_mistake_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(text(event(1)))
    with FakeGateway(accept) as gateway:
        given = [each.format(file=file, url=gateway.url) for each in arguments]
        assert cli.main(["import", *given]) == 2
    assert said in capsys.readouterr().err


def lines_of(content: bytes) -> list[Line | Refusal]:
    return list(read_lines("f", io.BytesIO(content), lambda _: None))


def test_the_bytes_that_were_read_are_told_as_they_stand_in_the_file() -> None:
    content = gzip.compress(text(*map(event, range(1000))))
    told: list[int] = []
    assert len(list(read_lines("f", io.BytesIO(content), told.append))) == 1000
    assert sum(told) == len(content)


def test_a_line_without_end_is_one_refusal_and_does_not_fill_the_memory() -> None:
    found = lines_of(b"x" * (3 * LONGEST_LINE) + b"\n" + text(event(1)))
    assert [type(each) for each in found] == [Refusal, Line]
    first, second = found
    assert isinstance(first, Refusal)
    assert isinstance(second, Line)
    assert (first.line.number, second.number) == (1, 2)
    assert len(first.line.text) == 200


@pytest.mark.parametrize("cut", [-4, 30])
def test_a_damaged_file_says_where(cut: int) -> None:
    whole = gzip.compress(text(*map(event, range(100))))
    *lines, last = lines_of(whole[:cut])
    assert isinstance(last, Refusal)
    assert last.problems[0].reason.startswith("the file is damaged from here on")
    assert last.line.number == len(lines) + 1


def test_packs_are_of_one_campaign_where_that_fills_them() -> None:
    lines = [Line("f", n, text(event(n))[:-1]) for n in range(20_000)]
    packs = list(sort(lines))
    sent = [line for pack in packs if isinstance(pack, Pack) for line in pack.lines]
    assert sorted(sent) == sorted(lines)
    assert max(len(pack.body) for pack in packs if isinstance(pack, Pack)) <= PACK_BYTES + 2
    campaigns = [
        {json.loads(line.text)["campaign"] for line in pack.lines}
        for pack in packs
        if isinstance(pack, Pack)
    ]
    assert sum(len(each) == 1 for each in campaigns) >= len(campaigns) - 3


def test_many_small_campaigns_share_packs_and_do_not_pile_up() -> None:
    padding = "x" * 4000
    lines = [
        Line("f", n, text(event(n, campaign=f"c{n}", data={"note": padding}))[:-1])
        for n in range(2 * HELD_BYTES // 4000)
    ]
    packs = list(sort(iter(lines)))
    assert sum(len(pack.lines) for pack in packs if isinstance(pack, Pack)) == len(lines)
    assert len(packs) < len(lines) / 50


def test_what_only_the_exact_reading_takes_is_sent() -> None:
    huge = b'{"n":1e999,' + text(event(1))[1:-1]
    assert list(sort([Line("f", 1, huge)])) == [Pack([Line("f", 1, huge)])]
