"""How a report writes its cells: the formats of the screen, the base currency named once a column."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from plimsoll.domain.limit import Unit
from plimsoll.domain.report import Cell, CellKind, Column, Report, ReportPart, Tone
from plimsoll.widgets import formats
from plimsoll.widgets.colours import DAY

_EPOCH = date(1970, 1, 1)
FILL = {
    Tone.PLAIN: DAY.accent,
    Tone.MUTED: DAY.muted,
    Tone.WITHIN: DAY.within,
    Tone.NEAR: DAY.near,
    Tone.OVER: DAY.over,
    Tone.GAIN: DAY.gain,
    Tone.LOSS: DAY.loss,
}
"""The colour of a bar or a line."""
INK = {
    Tone.PLAIN: DAY.text,
    Tone.MUTED: DAY.muted,
    Tone.WITHIN: DAY.text,
    Tone.NEAR: DAY.close,
    Tone.OVER: DAY.over,
    Tone.GAIN: DAY.gain,
    Tone.LOSS: DAY.loss,
}
"""The colour of writing: each reads on white."""


@dataclass(frozen=True, slots=True)
class TableWords:
    """A part's table as it is printed: captions, and rows of texts beside their cells."""

    captions: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cell_words(cell: Cell, currency: str, *, is_bare: bool = False) -> str:
    """Return a cell as text; `is_bare` leaves the currency to the column's caption."""
    value = cell.value
    if isinstance(value, str):
        return value
    writer = _WRITERS.get(cell.kind)
    if writer is not None:
        return writer(value)
    if cell.kind is CellKind.MONEY:
        is_signed = cell.tone in {Tone.GAIN, Tone.LOSS}
        return (
            formats.number(value, plus=is_signed)
            if is_bare
            else formats.money(value, currency, plus=is_signed)
        )
    return formats.in_unit(value, Unit(cell.kind.value), currency)


def _instant(value: float) -> str:
    return formats.instant_utc(int(value)).removesuffix(" UTC") if value else formats.UNKNOWN


def _date(value: float) -> str:
    return (_EPOCH + timedelta(days=int(value))).isoformat() if value else formats.UNKNOWN


def _price(value: float) -> str:
    return formats.number(value, 2 if abs(value) >= 20.0 else 4)


def _use(value: float) -> str:
    return "no end" if value == float("inf") else formats.use(value)


_WRITERS: dict[CellKind, Callable[[float], str]] = {
    CellKind.INSTANT: _instant,
    CellKind.DATE: _date,
    CellKind.QUANTITY: formats.quantity,
    CellKind.PRICE: _price,
    CellKind.USE: _use,
}


def table_words(part: ReportPart, currency: str) -> TableWords:
    """Return the captions and the printed rows of a part."""
    is_bare = [part.is_money(place) for place in range(len(part.columns))]
    captions = tuple(
        f"{column.title}, {currency}" if bare else _caption(column)
        for column, bare in zip(part.columns, is_bare, strict=True)
    )
    rows = tuple(
        tuple(cell_words(cell, currency, is_bare=bare) for cell, bare in zip(row, is_bare, strict=True))
        for row in part.printed
    )
    return TableWords(captions, rows)


def left_out_words(part: ReportPart) -> str:
    """Return what the printed table leaves out; empty where it has every row."""
    if not part.n_left_out:
        return ""
    return (
        f"The first {formats.count(part.most_printed)} of {formats.count(len(part.rows))} rows stand here; "
        "the XLSX form of this report has them all."
    )


def origin_words(report: Report) -> str:
    """Return where a report comes from."""
    words = f"{report.book_name} · {report.base_currency}" if report.book_name else report.base_currency
    rows = formats.count(report.n_journal_rows)
    words += f" · {report.source}" if report.source else ""
    return f"{words} · made {formats.instant_utc(report.made_ns)} from {rows} rows of the journal"


def _caption(column: Column) -> str:
    return f"{column.title}, UTC" if column.kind is CellKind.INSTANT else column.title
