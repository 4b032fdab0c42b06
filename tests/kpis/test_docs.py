from pathlib import Path

import pytest

from streamer.kpis import docs
from streamer.kpis.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
EMPTY = f"before\n{docs.BEGIN}\n{docs.END}\nafter\n"


def test_the_table_has_one_line_for_each_row() -> None:
    lines = docs.table().splitlines()
    assert len(lines) == len(CATALOGUE) + 2
    assert {line.count("|") for line in lines} == {9}


def test_a_row_of_the_article_shows_its_number() -> None:
    line = "| 11 | email | `open` | Taux d'ouverture | Opens | mails opened ÷ mails delivered |"
    assert f"{line} ratio | every |" in docs.table()


def test_a_block_is_replaced_and_all_else_is_kept() -> None:
    once = docs.replace_block(EMPTY, "new")
    assert once == f"before\n{docs.BEGIN}\n\nnew\n\n{docs.END}\nafter\n"
    assert docs.replace_block(once, "new") == once


@pytest.mark.parametrize(
    "text",
    ["", docs.BEGIN, f"{docs.END}{docs.BEGIN}", EMPTY * 2],
)
def test_a_file_without_one_pair_of_markers_is_refused(text: str) -> None:
    with pytest.raises(docs.BlockMissingError):
        docs.replace_block(text, "new")


def test_a_stale_file_is_told_then_written_then_fresh(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(EMPTY, encoding="utf-8")
    assert docs.main(["--check", str(page)]) == 1
    assert page.read_text(encoding="utf-8") == EMPTY
    assert "is stale" in capsys.readouterr().err
    assert docs.main([str(page)]) == 0
    assert docs.main(["--check", str(page)]) == 0
    assert docs.rep_table() in page.read_text(encoding="utf-8")


def test_a_file_that_cannot_hold_the_table_is_a_clear_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert docs.main([str(tmp_path / "absent.md")]) == 2
    assert capsys.readouterr().err.startswith("The KPI table cannot be placed")


def test_the_page_of_the_kpis_is_fresh() -> None:
    assert docs.stale([ROOT / "streamer/docs/kpis.md"]) == []
