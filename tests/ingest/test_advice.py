"""What is hardly meant in a sources file is told; what is meant is not."""

from pathlib import Path

import pytest

from streamer.ingest.advice import advise, with_every_stage, with_every_tag
from streamer.ingest.sources import read_file
from tests.ingest.support import settings

KEY = "a-secret-of-sixteen"
CALLS = """
[sources.calls]
vendor = "aircall"
secrets = ["env:A_KEY"]
campaign = "spring"
"""
LETTERS = """
[sources.letters]
vendor = "ovh"
secrets = ["env:B_KEY"]
"""
DEALS = """
[sources.deals]
vendor = "pipedrive"
secrets = ["env:C_KEY"]
campaign = "spring"
"""


def advice(tmp_path: Path, text: str, **variables: str) -> list[str]:
    file = tmp_path / "sources.toml"
    file.write_text(text, encoding="utf-8")
    keys = {"A_KEY": KEY, "B_KEY": f"{KEY}-2", "C_KEY": "user:pass"} | variables
    found = read_file(file, settings(**keys))
    assert found.faults == []
    return [f"{each.line}: {each.text}" for each in advise(found)]


@pytest.mark.parametrize(
    "text",
    [
        CALLS,
        CALLS + 'tags = { "RDV pris" = "meeting", "Rappel" = "none" }',
        CALLS.replace('campaign = "spring"', ""),
        CALLS + 'campaign_from = "x"\ncampaigns = { "1" = "spring" }',
        LETTERS + 'campaign_from = "campaign"',
        LETTERS + 'prospect_from = "p"',
        DEALS + 'stages = { "7" = "customer.won" }',
        CALLS + LETTERS + 'campaign = "spring"' + DEALS,
    ],
)
def test_what_is_meant_is_no_warning(tmp_path: Path, text: str) -> None:
    assert advice(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LETTERS, "2: [sources.letters] has neither campaign nor campaign_from, and OVHcloud"),
        (CALLS + 'campaigns = { "1" = "spring" }', "6: campaigns of [sources.calls] is never used"),
        (
            LETTERS + 'campaign = "c"\ntags = { a = "meeting" }',
            "6: tags of [sources.letters] is nev",
        ),
        (CALLS + 'tags = { a = "positive" }', "6: tags of [sources.calls] names positive, which"),
        (CALLS + 'tags = { a = "meeting", " A" = "none" }', "6: tags of [sources.calls] says two"),
        (
            CALLS + 'tags = { " " = "meeting" }',
            "6: tags of [sources.calls] has a word that is empty",
        ),
        (CALLS + 'stages = { a = "customer.won" }', "6: stages of [sources.calls] is never used"),
        (
            CALLS + 'opt_out_words = ["9"]',
            "6: opt_out_words of [sources.calls] is never used: no text of a reply is read from",
        ),
        (
            '[sources.crm]\nvendor = "hubspot"\nsecrets = ["env:A_KEY"]',
            "1: [sources.crm] tells nothing as it is: see `streamer sources show crm`",
        ),
    ],
)
def test_what_is_hardly_meant_is_a_warning_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    (found,) = advice(tmp_path, text)
    assert found.startswith(told)


def test_a_secret_in_two_places_is_told_without_being_shown(tmp_path: Path) -> None:
    both = CALLS + LETTERS + 'campaign = "spring"'
    (found,) = advice(tmp_path, both, B_KEY=KEY)
    assert found.startswith(
        "9: secrets of [sources.letters] names B_KEY, which holds the same secret as A_KEY of "
        "[sources.calls]"
    )
    assert KEY not in found
    (found,) = advice(tmp_path, CALLS.replace('A_KEY"', 'A_KEY", "env:B_KEY"'), B_KEY=KEY)
    assert "of the same source" in found


def test_what_a_source_could_tell_with_tags_and_stages_is_known(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(CALLS + DEALS, encoding="utf-8")
    sources = read_file(file, settings(A_KEY=KEY, C_KEY="user:pass")).sources
    assert "phone.completed:meeting" in with_every_tag(sources["calls"]) - sources["calls"].tells()
    assert "lead.qualified" in with_every_stage(sources["deals"]) - sources["deals"].tells()
