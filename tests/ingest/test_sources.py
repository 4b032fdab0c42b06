"""The sources file: what is wrong in it is told with its line, and secrets stay out of sight."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.ingest.sources import Source, read_file, read_sources
from tests.ingest.support import Signer, settings

SIGNER = Signer()
GOOD = """
[sources.newsletter]
vendor = "sendgrid"
secrets = ["env:THE_KEY"]
campaign = "spring"
campaign_from = "cmp"
campaigns = { "12" = "spring", "13" = "summer" }
ignore = ["open"]
"""


def read(tmp_path: Path, text: str, **variables: str) -> Mapping[str, Source]:
    file = tmp_path / "sources.toml"
    file.write_text(text, encoding="utf-8")
    return read_sources(settings(SOURCES=str(file), **{"THE_KEY": SIGNER.public} | variables))


def test_a_source_is_read(tmp_path: Path) -> None:
    source = read(tmp_path, GOOD)["newsletter"]
    assert (source.name, source.vendor.name, source.campaign) == (
        "newsletter",
        "sendgrid",
        "spring",
    )
    assert source.wishes.ignore == {"open"}
    more = read(tmp_path, GOOD + 'opt_out_words = ["Ras-le-bol !", "9"]')["newsletter"]
    assert more.wishes.opt_out_words == {"ras le bol", "9"}


def test_the_campaign_is_the_mapped_one_else_what_was_told_else_the_default(tmp_path: Path) -> None:
    source = read(tmp_path, GOOD)["newsletter"]
    told = [source.campaign_of(each) for each in ("12", "13", "14", None)]
    assert told == ["spring", "summer", "14", "spring"]


def test_no_file_means_no_sources() -> None:
    assert read_sources(settings()) == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('vendor = "sendgrid"', "", "line 2: vendor of [sources.newsletter] must be one of"),
        ('"sendgrid"', '"sengrid"', "line 3: vendor of [sources.newsletter] must be one of:"),
        ('"sendgrid"', "7", "line 3: vendor of [sources.newsletter] must be a text"),
        ('secrets = ["env:THE_KEY"]', "", "line 2: secrets of [sources.newsletter] is missing"),
        ("env:THE_KEY", "s3cret", "line 4: secrets of [sources.newsletter] must name variables"),
        ("env:THE_KEY", "env:GONE", "line 4: secrets of [sources.newsletter] names GONE, which is"),
        ('["env:THE_KEY"]', '"env:THE_KEY"', "line 4: secrets of [sources.newsletter] must be a l"),
        (
            'campaign = "spring"',
            'campaign = ""',
            "line 5: campaign of [sources.newsletter] must be",
        ),
        (
            'campaign_from = "cmp"',
            "campaignfrom = 1",
            "line 6: campaignfrom of [sources.newsletter]",
        ),
        (
            '"summer" }',
            "13 }",
            "line 7: campaigns of [sources.newsletter] must be a table of texts",
        ),
        (
            "ignore = ",
            'opt_out_words = ["9", "!"] # ',
            "line 8: opt_out_words of [sources.newsletter] has a text without letters",
        ),
        ("ignore", "stage", "line 8: stage of [sources.newsletter] is not known: there are"),
        ("[sources.newsletter]", "[source.newsletter]", "line 2: source of the file is not known"),
        ("sources.newsletter", 'sources."a b"', "line 2: [sources.a b] has a name for a URL"),
        ("[sources.newsletter]", "[sources.newsletter", "is not TOML"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_table_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"line 2: x of the file must be a table"):
        read(tmp_path, "[sources]\nx = 3\n")
    with pytest.raises(SettingsError, match=r"line 1: sources of the file must be tables"):
        read(tmp_path, "sources = 3\n")


def test_a_key_that_cannot_be_used_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, GOOD, THE_KEY="bm90IGEga2V5")
    assert "names THE_KEY, which is not a verification key: copy it from" in str(caught.value)
    assert "bm90IGEga2V5" not in str(caught.value)


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_sources(settings(SOURCES="/nowhere/sources.toml"))


def test_every_fault_is_found_in_the_order_of_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    bad = GOOD.replace("env:THE_KEY", "env:GONE").replace("ignore", "ignored")
    other = (
        '[sources.other]\nvendor = "sendgrid"\nsecrets = ["x", "env:THE_KEY"]\ntime_zone = "X"\n'
    )
    file.write_text(f"{bad}{other}{GOOD.replace('newsletter', 'sound')}", encoding="utf-8")
    found = read_file(file, settings(THE_KEY=SIGNER.public))
    assert [fault.line for fault in found.faults] == [4, 8, 11, 12]
    assert list(found.sources) == ["sound"]
    told = [fault.text for fault in found.faults]
    assert told[0] == "secrets of [sources.newsletter] names GONE, which is not set: set it."
    assert told[3].startswith("time_zone of [sources.other] is no time zone")


def test_every_secret_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(GOOD.replace('env:THE_KEY"', 'env:A_KEY", "env:B_KEY"'), encoding="utf-8")
    found = read_file(file, settings(A_KEY="bm8=", B_KEY="bm8="))
    assert [fault.text.split(",")[0] for fault in found.faults] == [
        "secrets of [sources.newsletter] names A_KEY",
        "secrets of [sources.newsletter] names B_KEY",
    ]
    assert found.sources == {}
