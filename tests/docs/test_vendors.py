"""The pages on vendors say what their modules say, of every one of them."""

import re
from pathlib import Path

import pytest

from streamer.docs import example, vendors
from streamer.docs.vendors import PROXY_STATUSES
from streamer.ingest.vendors import vendors as every

ROOT = Path(__file__).parents[2]


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("|")
    ][2:]


def test_each_vendor_has_a_row_in_every_table() -> None:
    count = len(every())
    assert [len(rows(table())) for table in (vendors.retries, vendors.proxies)] == [count] * 2
    told = {cells[1].strip("`"): cells for cells in rows(vendors.table())}
    assert set(told) == set(every())
    assert all(cells[-1] for cells in told.values())


def test_what_needs_tags_or_stages_is_told_apart() -> None:
    told = {cells[1].strip("`"): cells[3] for cells in rows(vendors.table())}
    assert "; with `tags`: meetings agreed on calls" in told["aircall"]
    assert told["hubspot"] == "with `stages`: leads qualified, customers won"
    assert told["generic"] == "what its keys map"


def test_every_anchor_of_the_table_is_a_heading() -> None:
    headings = re.findall(r"^### (.*)$", vendors.sections(), re.MULTILINE)
    made = {re.sub(r"[^a-z0-9 _-]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"\(#([^)]*)\)", vendors.table())) == made


def test_what_a_status_does_is_its_contract() -> None:
    fates = {cells[0]: cells[1 : len(PROXY_STATUSES) + 1] for cells in rows(vendors.proxies())}
    for vendor in every().values():
        for status, fate in zip(PROXY_STATUSES, fates[vendor.title], strict=True):
            dropped = vendor.retries.retried is not None and status not in vendor.retries.retried
            assert (fate == "**lost**") == dropped
            assert fate == "**lost**" or (fate == "again") == vendor.retries.known


def test_the_status_that_operators_are_told_to_use_drops_nothing() -> None:
    last = vendors.proxies().splitlines()[-1]
    assert "429" in last
    assert "return 429;" in (ROOT / "streamer/docs/operations.md").read_text(encoding="utf-8")


def test_settings_are_told_in_both_languages_with_a_url() -> None:
    text = vendors.sections()
    assert text.count("*In its back office*") == len(every())
    assert text.count("*Dans son back-office*") == len(every())
    assert "{url}" not in text
    assert "{name}" not in text


def test_a_time_is_told_in_its_two_greatest_units() -> None:
    told = [vendors.duration(each) for each in (0, 15, 183, 40_200, 90_061)]
    assert told == ["0 s", "15 s", "3 min 3 s", "11 h 10 min", "1 d 1 h"]


def test_an_excerpt_is_cut_out_with_the_comments_above_it(tmp_path: Path) -> None:
    module = tmp_path / "some.py"
    module.write_text("import x\n\n# Why.\n# So.\nA: Final = 1\n\n\ndef f() -> None:\n    pass\n")
    assert example.excerpt(module, "A", "f") == (
        "```python\n# Why.\n# So.\nA: Final = 1\n\n\ndef f() -> None:\n    pass\n```"
    )
    with pytest.raises(ValueError, match="does not define"):
        example.excerpt(module, "A", "gone")


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in (ROOT / "streamer" / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", readme):
        assert (ROOT / target).exists(), target
