from streamer.kpis import docs
from streamer.kpis.catalogue import CATALOGUE


def test_the_table_has_one_line_for_each_row() -> None:
    lines = docs.table().splitlines()
    assert len(lines) == len(CATALOGUE) + 2
    assert {line.count("|") for line in lines} == {9}


def test_a_row_of_the_article_shows_its_number() -> None:
    line = "| 11 | email | `open` | Taux d'ouverture | Opens | mails opened ÷ mails delivered |"
    assert f"{line} ratio | every |" in docs.table()
