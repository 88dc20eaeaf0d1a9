"""A window of the archive: the batches as they were taken, and the newest tick of each code before them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.storage.tick_archive import TickArchiveWriter
from plimsoll.storage.tick_reading import TicksAround, TicksMissing, ticks_around

CODES = ("AAPL.US", "USDJPY")
S = 1_000_000_000
END_NS = 1 << 62


def tick(number: int, code: int, kind: int = TRADE) -> NDArray[np.void]:
    row = np.zeros(1, dtype=TICK_DTYPE)
    row["kind"], row["instrument"], row["price"] = kind, code, 100.0 + number
    row["exchange_time_ns"] = row["received_time_ns"] = number * S
    return row


class Archive:
    """An archive whose desk's clock is told."""

    def __init__(self, folder: Path, codes: tuple[str, ...] = CODES, largest: int = 1 << 28) -> None:
        self.now_ns = 0
        self._writer = TickArchiveWriter(folder, codes, largest_segment=largest, now_ns=lambda: self.now_ns)

    def take(self, number: int, *rows: NDArray[np.void]) -> None:
        self.now_ns = number * S
        self._writer.append(np.concatenate(rows))
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def prices(found: TicksAround) -> list[list[float]]:
    return [found.batch(place)["price"].tolist() for place in range(len(found))]


def filled(folder: Path, largest: int = 1 << 28) -> None:
    archive = Archive(folder, largest=largest)
    for number in range(1, 11):
        archive.take(number, tick(number, number % 2), tick(number, number % 2, QUOTE))
    archive.close()


@pytest.mark.parametrize("largest", [1 << 28, 200])
def test_that_batches_come_back_as_they_were_taken_over_segments(tmp_path: Path, largest: int) -> None:
    filled(tmp_path, largest)
    found = ticks_around(tmp_path, CODES, 5 * S, from_ns=4 * S, until_ns=6 * S)
    assert prices(found) == [[104.0, 104.0], [105.0, 105.0], [106.0, 106.0]]
    assert found.applied_ns.tolist() == [4 * S, 5 * S, 6 * S]
    assert (found.begins_session, found.session_ns, found.session_exchange_ns) == (False, S, S)
    before = [(int(row["instrument"]), int(row["kind"]), float(row["price"])) for row in found.before]
    assert before == [(0, TRADE, 102.0), (0, QUOTE, 102.0), (1, TRADE, 103.0), (1, QUOTE, 103.0)]


def test_that_a_window_before_the_session_begins_with_it(tmp_path: Path) -> None:
    filled(tmp_path)
    found = ticks_around(tmp_path, CODES, 2 * S, from_ns=-100 * S, until_ns=2 * S)
    assert found.begins_session
    assert prices(found) == [[101.0, 101.0], [102.0, 102.0]]
    assert not len(found.before)


def test_that_codes_are_numbered_anew_and_unknown_ones_left_out(tmp_path: Path) -> None:
    filled(tmp_path)
    found = ticks_around(tmp_path, ("GOLD", "USDJPY"), 5 * S, from_ns=4 * S, until_ns=7 * S)
    assert prices(found) == [[105.0, 105.0], [107.0, 107.0]]
    assert set(found.rows["instrument"].tolist()) == set(found.before["instrument"].tolist()) == {1}


def test_that_an_archive_without_batches_is_cut_where_ticks_were_heard(tmp_path: Path) -> None:
    filled(tmp_path)
    for path in tmp_path.glob("*.batches"):
        path.unlink()
    found = ticks_around(tmp_path, CODES, 5 * S, from_ns=9 * S, until_ns=END_NS)
    assert prices(found) == [[109.0, 109.0], [110.0, 110.0]]


def test_that_another_session_does_not_run_into_the_first(tmp_path: Path) -> None:
    filled(tmp_path)
    archive = Archive(tmp_path)
    archive.take(1_000, tick(1_000, 0))
    archive.close()
    found = ticks_around(tmp_path, CODES, 10 * S, from_ns=10 * S, until_ns=END_NS)
    assert prices(found) == [[110.0, 110.0]]
    assert prices(ticks_around(tmp_path, CODES, 1_000 * S, from_ns=0, until_ns=END_NS)) == [[1_100.0]]


@pytest.mark.parametrize("at_s", [-5, 500])
def test_that_a_time_without_ticks_is_said_in_a_sentence(tmp_path: Path, at_s: int) -> None:
    filled(tmp_path)
    with pytest.raises(TicksMissing, match=r"No ticks of that time are kept .* Put the session's"):
        ticks_around(tmp_path, CODES, at_s * S, from_ns=at_s * S, until_ns=END_NS)
