"""The generated parts of the documentation are what their sources say, and nothing else moves."""

import shutil
from pathlib import Path

import pytest

from streamer.docs.__main__ import PAGES, BlockMissingError, main, replace_block, stale

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- kpis:begin -->", "<!-- kpis:end -->"
EMPTY = f"before\n{BEGIN}\n{END}\nafter\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for page in PAGES:
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / page, tmp_path / page)
    return tmp_path


def test_every_page_is_fresh() -> None:
    assert stale(ROOT) == {}


def test_a_block_is_replaced_and_all_else_is_kept() -> None:
    once = replace_block(EMPTY, "kpis", "new")
    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert replace_block(once, "kpis", "new") == once


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}", EMPTY * 2])
def test_a_file_without_one_pair_of_markers_is_refused(text: str) -> None:
    with pytest.raises(BlockMissingError):
        replace_block(text, "kpis", "new")


def test_a_stale_page_is_told_then_written_then_fresh(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = copy / "README.md"
    spoilt = page.read_text(encoding="utf-8").replace("Taux d'ouverture", "?")
    page.write_text(spoilt, encoding="utf-8")
    assert main(["--check"], copy) == 1
    assert "README.md is stale" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == spoilt
    assert main([], copy) == 0
    assert main(["--check"], copy) == 0


def test_a_page_that_cannot_hold_its_block_is_a_clear_sentence(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "README.md").write_text("nothing", encoding="utf-8")
    assert main(["--check"], copy) == 2
    assert "cannot be written" in capsys.readouterr().err
