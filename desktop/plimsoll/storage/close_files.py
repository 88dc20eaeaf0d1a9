"""Daily closes from the trader's own CSV file: all of them, or every complaint and none.

One line a day and code; codes are spelt as AllTick spells them, dates as 1987-10-19::

    date, code, close
    1987 - 10 - 16, AAPL.US, 0.4317
    1987 - 10 - 19, AAPL.US, 0.3267
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from plimsoll.domain.crisis_window import day_number
from plimsoll.domain.instrument import Instrument
from plimsoll.engine.study_history import CloseColumns
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.csv_table import CsvLine, lines_of

COLUMNS = ("date", "code", "close")
ADJUSTMENT = "as the file gives them"
_DATE = "a date such as 1987-10-19"
_EARLIEST = date(1800, 1, 1)


def closes_from_csv(path: Path, instruments: Mapping[str, Instrument]) -> CloseColumns:
    """Return the closes of a file, named after it.

    Parameters
    ----------
    path : Path
        The file.
    instruments : Mapping
        The instrument master; a code it does not describe is a complaint.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    found: dict[tuple[str, int], float] = {}
    for line in lines_of(path, required=COLUMNS, optional=(), complaints=complaints):
        day, close = _day(line), _close(line, instruments)
        if day is None or close is None:
            continue
        key = (line.text("code"), day)
        if key in found:
            line.complain("date", f"one close a day for {key[0]}: remove one")
        found[key] = close
    if not found and not complaints.found:
        complaints.add("the file", "without closes", "one line for each day and code below the columns")
    complaints.refuse_if_any()
    codes = tuple(sorted({code for code, _ in found}))
    place = {code: number for number, code in enumerate(codes)}
    return CloseColumns(
        path.name,
        ADJUSTMENT,
        codes,
        np.array([day for _, day in found], dtype=np.int64),
        np.array([place[code] for code, _ in found], dtype=np.int64),
        np.array(list(found.values()), dtype=np.float64),
    )


def _day(line: CsvLine) -> int | None:
    text = line.text("date")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = _EARLIEST
    # Python also takes 19871019 and 1987-W43-1.
    if day.isoformat() != text or day <= _EARLIEST:
        line.complain("date", _DATE)
        return None
    return day_number(day)


def _close(line: CsvLine, instruments: Mapping[str, Instrument]) -> float | None:
    item = instruments.get(line.text("code"))
    if item is None:
        line.complain("code", "a code of the instrument master, spelt as there: add a line for it")
    close = line.decimal("close")
    if item is None or close is None:
        return None
    if close == 0 or (close < 0 and not item.may_be_negative):
        line.complain("close", "a price above zero: leave out a day without one")
        return None
    return float(close)
