from pathlib import Path

import pytest

from streamer.errors import StreamerError
from streamer.transport import archive
from streamer.transport.archive import FORMAT, Manifest, Part, PieceWriter, Record

RECORDS = [
    Record(number, b"k" if number % 2 else None, b"v%d" % number, (("h", b"\xff"),))
    for number in range(10)
]


def written(folder: Path) -> Manifest:
    pieces = []
    for name, records in (("t-0-0.gz", RECORDS[:4]), ("t-0-4.gz", RECORDS[4:])):
        writer = PieceWriter(folder, name)
        for record in records:
            writer.write(record)
        pieces.append(writer.close())
    manifest = Manifest(
        FORMAT, "2026-03-02T10:00:00Z", "c", "f", {"t": (Part(0, 10, pieces=(*pieces,)),)}
    )
    archive.store(folder, manifest)
    return manifest


@pytest.mark.parametrize("start", range(11))
def test_records_are_read_as_they_were_written_from_any_place_on(
    start: int, tmp_path: Path
) -> None:
    (part,) = written(tmp_path).topics["t"]
    assert part.records == 10
    assert list(archive.read(tmp_path, part, start)) == RECORDS[start:]


def test_a_whole_backup_is_found_again_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    assert archive.load(tmp_path) is None
    manifest = written(tmp_path)
    assert archive.load(tmp_path) == manifest
    assert list(archive.damage(tmp_path, manifest)) == []
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_what_no_manifest_names_is_removed(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    (tmp_path / "t-0-9.gz").write_bytes(b"cut off")
    archive.clean(tmp_path, manifest)
    assert list(archive.damage(tmp_path, manifest)) == []
    assert len(list(tmp_path.iterdir())) == 3


def test_damage_is_noticed(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    first, second = tmp_path / "t-0-0.gz", tmp_path / "t-0-4.gz"
    first.write_bytes(first.read_bytes()[:-1])
    second.unlink()
    assert [said.rpartition("/")[2] for said in archive.damage(tmp_path, manifest)] == [
        "t-0-0.gz is not as it was written",
        "t-0-4.gz is missing",
    ]
    (tmp_path / archive.MANIFEST).write_text("{")
    with pytest.raises(StreamerError, match="cannot be read"):
        archive.load(tmp_path)
    archive.store(tmp_path, Manifest(FORMAT + 1, "", "", "", {}))
    with pytest.raises(StreamerError, match="format 2"):
        archive.load(tmp_path)
