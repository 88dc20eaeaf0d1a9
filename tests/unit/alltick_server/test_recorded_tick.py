"""Files of recorded ticks: what is read, and how a bad one is refused."""

from pathlib import Path

import numpy as np
import pytest

from plimsoll.alltick_server.close_series import BadMarketFile
from plimsoll.alltick_server.recorded_tick import RecordedTicks, bundled_ticks, recorded_ticks

TRADES = "ts_ms,symbol,price,volume\n"


def read(tmp_path: Path, *texts: str) -> RecordedTicks:
    paths = []
    for i, text in enumerate(texts):
        paths.append(tmp_path / f"file{i}.csv")
        paths[-1].write_text(text)
    return recorded_ticks(tuple(paths))


def test_that_files_are_merged_by_time_and_equal_times_keep_their_order(tmp_path: Path) -> None:
    ticks = read(
        tmp_path,
        TRADES + "5,IBM,1,1\n7,IBM,2,1\n",
        "ts_ms,symbol,bid,ask\n5,IBM,0.5,1.5\n6,IBM,0.6,1.6\n",
    )
    assert ticks.time_ms.tolist() == [5, 5, 6, 7]
    assert ticks.is_book.tolist() == [False, True, True, False]
    assert ticks.codes == ("IBM.US",)


def test_that_the_takers_side_is_the_direction(tmp_path: Path) -> None:
    ticks = read(tmp_path, "ts_ms,symbol,price,volume,side\n1,BTCUSD,1,1,buy\n2,BTCUSD,1,1,sell\n")
    assert ticks.direction.tolist() == [1, 2]


def test_that_quotes_without_trades_become_trades_at_mid(tmp_path: Path) -> None:
    ticks = read(tmp_path, "ts_ms,symbol,bid,ask\n1,EURUSD,1.0,1.5\n", TRADES + "2,IBM,1,1\n")
    assert len(ticks) == 3
    trade = ~ticks.is_book & (ticks.code == ticks.codes.index("EURUSD"))
    assert (ticks.price[trade].tolist(), ticks.size[trade].tolist()) == ([1.25], [0.0])


def test_that_missing_levels_are_missing_not_zero(tmp_path: Path) -> None:
    names = [f"{side}{k}{part}" for k in range(1, 11) for side in ("bid", "ask") for part in ("", "_size")]
    values = ["9", "1", "11", "1"] + [""] * 36
    ticks = read(tmp_path, f"ts_ms,symbol,{','.join(names)}\n1,BTCUSD,{','.join(values)}\n")
    ladder = ticks.ladders[ticks.ladder_row[ticks.is_book][0]]
    assert ladder[0].tolist() == [9.0, 1.0, 11.0, 1.0]
    assert np.isnan(ladder[1:]).all()


def test_that_every_bundled_file_is_read() -> None:
    for path in bundled_ticks():
        assert len(recorded_ticks((Path(path.name),))) > 80_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["line 1"]),
        ("ts_ms,symbol,last\n1,IBM,3\n", ["line 1", "ts_ms,symbol,last"]),
        ("symbol,price,volume\nIBM,3,1\n", ["line 1", "ts_ms"]),
        (TRADES, ["held no ticks"]),
        (TRADES + "1,IBM,3\n", ["line 2"]),
        (TRADES + "1,IBM,3,1\nsoon,IBM,3,1\n", ["line 3", "column ts_ms", "'soon'"]),
        (TRADES + "1,IBM,,1\n", ["line 2", "column price", "''"]),
        (TRADES + "1,IBM,inf,1\n", ["line 2", "column price", "'inf'"]),
        ("ts_ms,symbol,side,price,volume\n1,BTCUSD,bid,3,1\n", ["line 2", "column side", "'bid'"]),
    ],
)
def test_that_a_complaint_names_file_line_column_and_value(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(BadMarketFile) as bad:
        read(tmp_path, text)
    assert all(word in str(bad.value) for word in ["file0.csv", "expected", *words])


def test_that_a_file_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(BadMarketFile, match=r"nowhere\.csv"):
        recorded_ticks((Path("nowhere.csv"),))
