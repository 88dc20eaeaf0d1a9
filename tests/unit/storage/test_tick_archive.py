import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.storage import tick_archive as module
from plimsoll.storage.tick_archive import (
    ArchiveUnavailable,
    ArchiveUnreadable,
    TickArchiveWriter,
    frame_of,
    read_archive,
)

CODES = ("AAPL.US", "USDJPY")
Clock = Callable[[], float]


def ticks(n: int, first: int = 0) -> NDArray[np.void]:
    rows = np.zeros(n, dtype=TICK_DTYPE)
    is_odd = (first + np.arange(n)) % 2
    rows["kind"] = np.where(is_odd, QUOTE, TRADE)
    rows["instrument"] = is_odd
    rows["price"] = 100.0 + first + np.arange(n)
    rows["ask"] = np.nan
    rows["exchange_time_ns"] = first + np.arange(n)
    rows["seq"] = first + np.arange(n)
    return rows


def everything(directory: Path) -> NDArray[np.void]:
    return np.concatenate([np.empty(0, TICK_DTYPE), *(part.rows for part in read_archive(directory))])


class Hand:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_that_ticks_come_back_byte_for_byte_in_the_order_given(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path / "ticks", CODES, source="demo 2020-02-24")
    writer.append(ticks(3))
    writer.append(ticks(0))
    writer.append(ticks(2, first=3))
    writer.close()
    (part,) = read_archive(tmp_path / "ticks")
    assert (part.first_number, part.codes, part.source) == (1, CODES, "demo 2020-02-24")
    assert part.rows.tobytes() == ticks(5).tobytes()
    assert writer.n_ticks == 5


def test_that_numbers_go_on_over_starts_and_each_start_has_a_segment(tmp_path: Path) -> None:
    for start in range(3):
        writer = TickArchiveWriter(tmp_path, CODES)
        writer.append(ticks(4, first=4 * start))
        writer.close()
    assert [part.first_number for part in read_archive(tmp_path)] == [1, 5, 9]
    assert everything(tmp_path).tobytes() == ticks(12).tobytes()


def test_that_a_start_without_ticks_leaves_no_file(tmp_path: Path) -> None:
    TickArchiveWriter(tmp_path, CODES).close()
    assert list(tmp_path.glob("*.plt")) == []


def test_that_other_codes_begin_a_segment_and_the_same_codes_do_not(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(2))
    writer.use_codes(CODES)
    writer.append(ticks(2))
    writer.use_codes(("GOLD", "USOIL"))
    writer.append(ticks(2))
    writer.close()
    assert [(part.first_number, part.codes) for part in read_archive(tmp_path)] == [
        (1, CODES),
        (5, ("GOLD", "USOIL")),
    ]


def test_that_a_full_segment_is_followed_by_another(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES, largest_segment=1000)
    for start in range(0, 100, 10):
        writer.append(ticks(10, first=start))
        writer.flush()
    writer.close()
    assert len(list(tmp_path.glob("*.plt"))) == 5
    assert everything(tmp_path).tobytes() == ticks(100).tobytes()


def test_that_ticks_are_handed_on_after_a_second_and_after_a_megabyte(tmp_path: Path) -> None:
    hand = Hand()
    writer = TickArchiveWriter(tmp_path, CODES, clock=hand)
    writer.append(ticks(1))
    assert len(everything(tmp_path)) == 0
    hand.now_s = 1.0
    writer.append(ticks(1))
    assert len(everything(tmp_path)) == 2
    many = module.FLUSH_BYTES // TICK_DTYPE.itemsize + 1
    writer.append(ticks(many))
    assert len(everything(tmp_path)) == 2 + many
    assert len(writer._pending) == 0
    writer.close()


def test_that_an_archive_of_many_ticks_is_read_in_parts_that_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 4)
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(10))
    writer.close()
    assert [(part.first_number, len(part.rows)) for part in read_archive(tmp_path)] == [
        (1, 4),
        (5, 4),
        (9, 2),
    ]


def test_that_a_torn_record_is_left_out_and_the_numbers_go_on(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(5))
    writer.close()
    (path,) = tmp_path.glob("*.plt")
    for cut in range(1, TICK_DTYPE.itemsize + 1):
        os.truncate(path, path.stat().st_size - 1)
        assert everything(tmp_path).tobytes() == ticks(4).tobytes(), cut
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(1))
    writer.close()
    assert [part.first_number for part in read_archive(tmp_path)] == [1, 5]


def test_that_a_header_torn_anywhere_is_passed_over_and_its_name_not_used_again(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(3))
    writer.close()
    whole = next(tmp_path.glob("*.plt")).read_bytes()
    torn = tmp_path / "ticks-000002.plt"
    for length in range(whole.index(b"\n", 20) + 1):
        torn.write_bytes(whole[:length])
        assert len(everything(tmp_path)) == 3, length
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(1))
    writer.close()
    assert (tmp_path / "ticks-000003.plt").exists()
    assert [part.first_number for part in read_archive(tmp_path)] == [1, 4]


def test_that_an_archive_of_nothing_but_torn_headers_begins_at_one(tmp_path: Path) -> None:
    (tmp_path / "ticks-000001.plt").write_bytes(b"PLIMS")
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(1))
    writer.close()
    assert [part.first_number for part in read_archive(tmp_path)] == [1]


@pytest.mark.parametrize(
    "header",
    [
        b"SOMETHING ELSE 1\n{}\n",
        module.MAGIC + b"{}\n",
        module.MAGIC + b"[1]\n",
        module.MAGIC + b"not json\n",
        module.MAGIC + b"\xff\n",
        module.MAGIC
        + json.dumps({"codes": [], "dtype": [["x", "<i4"]], "first_number": 1, "source": ""}).encode()
        + b"\n",
        module.MAGIC
        + json.dumps({"codes": 7, "dtype": TICK_DTYPE.descr, "first_number": 1, "source": ""}).encode()
        + b"\n",
        b"SOMETHING ELSE 1\n"
        + json.dumps({"codes": [], "dtype": TICK_DTYPE.descr, "first_number": 1, "source": ""}).encode()
        + b"\n",
    ],
)
def test_that_a_header_of_another_kind_is_refused(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "ticks-000001.plt").write_bytes(header)
    with pytest.raises(ArchiveUnreadable, match=r"ticks-000001.plt"):
        list(read_archive(tmp_path))
    with pytest.raises(ArchiveUnreadable):
        TickArchiveWriter(tmp_path, CODES)


def test_that_other_files_in_the_directory_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ticks-notes.txt").write_text("hello")
    (tmp_path / "ticks-1.plt").write_text("too short a number")
    assert len(everything(tmp_path)) == 0


class FullDisk:
    """A file on a disk with room for so many bytes."""

    def __init__(self, file: object, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(28, "No space left on device")
        taken = data[: self._room]
        self._room -= len(taken)
        return int(self._file.write(taken))  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_that_a_full_disk_loses_counted_ticks_and_leaves_whole_records(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(3))
    writer.flush()
    writer._file = FullDisk(writer._file, 100)  # type: ignore[assignment]
    writer.append(ticks(4, first=3))
    with pytest.raises(ArchiveUnavailable, match="No space left"):
        writer.flush()
    assert writer.n_lost == 4
    (path,) = tmp_path.glob("*.plt")
    assert everything(tmp_path).tobytes() == ticks(3).tobytes()
    assert (path.stat().st_size - path.read_bytes().index(b"\n", 20) - 1) % TICK_DTYPE.itemsize == 0
    writer.append(ticks(2, first=7))
    writer.close()
    assert [(part.first_number, len(part.rows)) for part in read_archive(tmp_path)] == [(1, 3), (8, 2)]


def test_that_a_disk_that_cannot_even_cut_is_survived(tmp_path: Path) -> None:
    class Broken(FullDisk):
        def truncate(self, size: int) -> None:
            raise OSError(5, "Input/output error")

    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(3))
    writer.flush()
    writer._file = Broken(writer._file, 100)  # type: ignore[assignment]
    writer.append(ticks(4, first=3))
    with pytest.raises(ArchiveUnavailable):
        writer.close()
    assert everything(tmp_path).tobytes() == ticks(4).tobytes(), (
        "one whole record of the four reached the disk"
    )


def test_that_a_directory_that_cannot_take_files_is_told(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path / "ticks", CODES)
    (tmp_path / "ticks").rmdir()
    writer.append(ticks(1))
    with pytest.raises(ArchiveUnavailable):
        writer.close()
    assert writer.n_lost == 1


def test_that_rows_of_another_kind_are_a_mistake(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    with pytest.raises(TypeError, match="expected TICK_DTYPE"):
        writer.append(np.zeros(3))
    writer.close()


def test_that_the_table_has_a_row_a_tick_with_its_number_and_code(tmp_path: Path) -> None:
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(3))
    writer.use_codes(("GOLD", "USOIL"))
    writer.append(ticks(2))
    writer.close()
    frame = frame_of(tmp_path)
    assert list(frame.index) == [1, 2, 3, 4, 5]
    assert list(frame["code"]) == ["AAPL.US", "USDJPY", "AAPL.US", "GOLD", "USOIL"]
    assert list(frame["price"]) == [100.0, 101.0, 102.0, 100.0, 101.0]


def test_that_the_table_of_nothing_is_empty_with_the_same_columns(tmp_path: Path) -> None:
    empty = frame_of(tmp_path)
    writer = TickArchiveWriter(tmp_path, CODES)
    writer.append(ticks(1))
    writer.close()
    assert len(empty) == 0
    assert list(empty.columns) == list(frame_of(tmp_path).columns)
