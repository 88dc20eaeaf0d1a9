"""A report as an XLSX workbook: a sheet a part, typed cells, native charts; no text in it is ever run."""

import io
import math
from datetime import UTC, datetime, timedelta
from typing import Any

from plimsoll.domain.report import Cell, CellKind, Chart, ChartShape, Report, ReportPart, Tone
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.spreadsheet_cell import harmless

K = CellKind
_FORMATS = {
    K.TEXT: "@",
    K.MONEY: "#,##0",
    K.FRACTION: "0.00%",
    K.RATIO: '0.00"×"',
    K.INDEX: "0.000",
    K.DAYS: '0.0" d"',
    K.SECONDS: '0.0" s"',
    K.COUNT: "#,##0",
    K.QUANTITY: "#,##0.####",
    K.PRICE: "#,##0.00####",
    K.USE: "0%",
    K.INSTANT: "yyyy-mm-dd hh:mm:ss",
    K.DATE: "yyyy-mm-dd",
}
_FILL = {Tone.NEAR: "#fff3d6", Tone.OVER: "#fde1e4"}
_LINE = {Tone.MUTED: "#5b6874", Tone.NEAR: "#a87800", Tone.OVER: "#c81e32", Tone.LOSS: "#a65300"}
_PLAIN_LINE = "#1a5fb4"
_NARROWEST, _WIDEST = 9, 60
_MEASURED_ROWS = 500
_CHART_ROWS = 17
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def workbook_of(report: Report) -> bytes:
    """Return the report as a workbook.

    Unknown figures are empty cells; instants and dates are Excel's own, in UTC; a text that begins like a
    formula has an apostrophe in front.
    """
    # 30 ms that only a workbook should pay.
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415  it ships no stubs

    file = io.BytesIO()
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"in_memory": True, "nan_inf_to_errors": False, **safe}) as book:
        book.set_properties({"title": f"{report.kind.caption} · {report.period}", "author": "Plimsoll"})
        sheets = _Sheets(book, report)
        sheets.summary()
        for part in report.parts:
            sheets.part(part)
        sheets.charts()
    return file.getvalue()


class _Sheets:
    """The sheets as they are written; each format is made once."""

    def __init__(self, book: Any, report: Report) -> None:
        self._book, self._report = book, report
        self._made: dict[tuple[CellKind, Tone], Any] = {}
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 16})
        self._head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#eef1f4"}
        )

    def summary(self) -> None:
        report = self._report
        sheet = self._sheet("Summary")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 22)
        sheet.set_column(2, 2, 70)
        sheet.write_string(0, 0, harmless(f"{report.kind.caption} · {report.period}"), self._title)
        facts: tuple[tuple[str, Cell], ...] = (
            ("Book", Cell(report.book_name)),
            ("Base currency", Cell(report.base_currency)),
            ("Source", Cell(report.source)),
            ("Made (UTC)", Cell(report.made_ns, K.INSTANT)),
            ("Rows of the journal", Cell(report.n_journal_rows, K.COUNT)),
        )
        row = 2
        for name, cell in facts:
            sheet.write_string(row, 0, name)
            self._write(sheet, row, 1, cell)
            row += 1
        for words in report.cautions:
            sheet.write_string(row, 0, "Caution", self._bold)
            sheet.write_string(row, 1, harmless(words))
            row += 1
        row += 1
        for column, caption in enumerate(("Figure", f"Value, money in {report.base_currency}", "Note")):
            sheet.write_string(row, column, caption, self._head)
        for headline in report.headlines:
            row += 1
            sheet.write_string(row, 0, headline.title)
            self._write(sheet, row, 1, headline.cell)
            sheet.write_string(row, 2, harmless(headline.words))

    def part(self, part: ReportPart) -> None:
        sheet = self._sheet(part.title)
        sheet.write_string(0, 0, part.title, self._title)
        sheet.write_string(1, 0, harmless(part.words))
        if not part.columns:
            return
        for place, column in enumerate(part.columns):
            sheet.write_string(3, place, self._caption(part, place), self._head)
            sheet.set_column(place, place, _width(part, place))
            for row, cells in enumerate(part.rows, start=4):
                self._write(sheet, row, place, cells[place])
            if column.kind is K.INSTANT:
                sheet.set_column(place, place, 20)
        sheet.freeze_panes(4, 1)
        sheet.repeat_rows(3)
        sheet.autofilter(3, 0, 3 + max(len(part.rows), 1), len(part.columns) - 1)

    def charts(self) -> None:
        """Write every chart's figures on a sheet, and draw them on another."""
        charts = [chart for part in self._report.parts for chart in part.charts]
        if not charts:
            return
        drawn, data = self._sheet("Charts"), self._sheet("Chart data")
        column = 0
        for place, chart in enumerate(charts):
            made = self._chart(chart, data, column)
            drawn.insert_chart(place // 2 * _CHART_ROWS, place % 2 * 9, made)
            column += len(chart.series) + 2

    def _chart(self, chart: Chart, data: Any, column: int) -> Any:
        data.write_string(0, column, chart.title, self._bold)
        n = len(chart.labels)
        for row, label in enumerate(chart.labels, start=2):
            data.write_string(row, column, harmless(label))
        kinds = {
            ChartShape.BARS: {"type": "bar"},
            ChartShape.COLUMNS: {"type": "column", "subtype": "stacked"},
            ChartShape.DEPTH: {"type": "area"},
            ChartShape.COURSE: {"type": "line"},
        }
        made = self._book.add_chart(kinds[chart.shape])
        for offset, series in enumerate(chart.series, start=1):
            data.write_string(1, column + offset, series.name, self._head)
            for row, value in enumerate(series.values, start=2):
                self._write(data, row, column + offset, Cell(value, chart.kind))
            colour = _LINE.get(series.tone, _PLAIN_LINE)
            paint = {"line": {"color": colour, "width": 1.75}} if chart.shape is ChartShape.COURSE else {}
            made.add_series(
                {
                    "name": ["Chart data", 1, column + offset],
                    "categories": ["Chart data", 2, column, n + 1, column],
                    "values": ["Chart data", 2, column + offset, n + 1, column + offset],
                    "fill": {"color": colour},
                    **paint,
                }
            )
        made.set_title({"name": chart.title, "name_font": {"size": 11}, "overlay": False})
        upside_down = {"reverse": True} if chart.shape in {ChartShape.BARS, ChartShape.DEPTH} else {}
        values = {
            "num_format": _FORMATS[chart.kind],
            "major_gridlines": {"visible": True, "line": {"color": "#d5dbe1"}},
        }
        if chart.shape is ChartShape.BARS:
            made.set_x_axis(values)
            made.set_y_axis({**upside_down, "label_position": "low"})
        else:
            made.set_y_axis({**values, **upside_down})
        made.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        made.set_size({"width": 560, "height": 330})
        return made

    def _sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(_sheet_name(name))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        return sheet

    def _caption(self, part: ReportPart, place: int) -> str:
        column = part.columns[place]
        if column.kind is K.INSTANT:
            return f"{column.title}, UTC"
        return f"{column.title}, {self._report.base_currency}" if part.is_money(place) else column.title

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        value, look = cell.value, self._look(cell)
        if isinstance(value, str):
            sheet.write_string(row, column, harmless(value), look)
        elif cell.kind in {K.INSTANT, K.DATE}:
            seconds = value / NS_PER_S if cell.kind is K.INSTANT else value * 86_400.0
            moment = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)  # Excel knows no zones
            if value:
                sheet.write_datetime(row, column, moment, look)
        elif math.isinf(value):
            sheet.write_string(row, column, "no end", look)
        elif not math.isnan(value):
            sheet.write_number(row, column, value, look)

    def _look(self, cell: Cell) -> Any:
        key = (cell.kind, cell.tone)
        if key not in self._made:
            look: dict[str, object] = {"num_format": _FORMATS[cell.kind], "valign": "top"}
            if cell.tone in _FILL:
                look["bg_color"] = _FILL[cell.tone]
            self._made[key] = self._book.add_format(look)
        return self._made[key]


def _width(part: ReportPart, place: int) -> int:
    """Return a column's width in characters, wide enough for nearly every cell."""
    lengths = [len(part.columns[place].title) // 2 + 4]
    for row in part.rows[:_MEASURED_ROWS]:
        value = row[place].value
        lengths.append(len(value) if isinstance(value, str) else 13)
    return min(max(*lengths, _NARROWEST) + 1, _WIDEST)


def _sheet_name(title: str) -> str:
    """Return a name that Excel takes: at most 31 signs, none of the seven it forbids."""
    return "".join("-" if sign in "[]:*?/\\" else sign for sign in title)[:31]
