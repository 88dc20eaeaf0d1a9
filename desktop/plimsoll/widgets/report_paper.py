"""A report as PDF: pages laid out line by line, no heading left alone, table heads on every page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgRenderer

from plimsoll.domain.report import Chart, Report, ReportPart, Tone
from plimsoll.widgets.colours import DAY
from plimsoll.widgets.column_fit import column_widths
from plimsoll.widgets.report_drawing import WIDTH, drawing_of
from plimsoll.widgets.report_words import INK, cell_words, left_out_words, origin_words, table_words
from plimsoll.widgets.typeface import FAMILY, load_faces

DOTS_A_POINT = 8
MARGIN_PT = 36.0
_FOOT_PT = 22.0
_CELL_PT, _BODY_PT, _HEAD_PT, _TITLE_PT, _FIGURE_PT = 8.0, 9.0, 14.0, 20.0, 16.0
_GAP_PT = 9.0
_CELL_GAP_PT = 10.0
_ROW_PAD_PT = 2.2
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_TILES = 4
_SHORT_CAPTION = 14
_KEPT_ROWS = 2
"""So many rows of a table stand on the page of its heading."""

Stroke = Callable[[QPainter], None]


def paper_of(report: Report) -> bytes:
    """Return the report as a PDF of A4 pages, lying."""
    application = QGuiApplication.instance() or QGuiApplication(["plimsoll"])
    try:
        return _printed(report)
    finally:
        del application  # one made here ends here


def _printed(report: Report) -> bytes:
    load_faces()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(72 * DOTS_A_POINT)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape,
            QMarginsF(MARGIN_PT, MARGIN_PT, MARGIN_PT, MARGIN_PT),
            QPageLayout.Unit.Point,
        )
    )
    writer.setTitle(f"{report.kind.caption} · {report.period}")
    writer.setCreator("Plimsoll")
    painter = QPainter(writer)
    try:
        pages = _Paper(writer, report).laid_out()
        for number, strokes in enumerate(pages, start=1):
            if number > 1:
                writer.newPage()
            for stroke in strokes:
                stroke(painter)
            _foot(report, number, len(pages), writer)(painter)
    finally:
        painter.end()
    data: QByteArray = buffer.data()
    return bytes(data.data())


@dataclass(frozen=True, slots=True)
class _Words:
    """Words in a face, and how high they stand at a width."""

    device: QPdfWriter
    text: str
    face: QFont
    colour: str = DAY.text
    flags: int = int(_LEFT)

    def height(self, width: float) -> float:
        metrics = QFontMetricsF(self.face, self.device)
        if not self.text:
            return metrics.height()
        return metrics.boundingRect(QRectF(0, 0, width, 1e7), self._flags(width, metrics), self.text).height()

    def stroke(self, box: QRectF) -> Stroke:
        flags = self._flags(box.width(), QFontMetricsF(self.face, self.device))

        def draw(painter: QPainter) -> None:
            painter.setFont(self.face)
            painter.setPen(QColor(self.colour))
            painter.drawText(box, flags, self.text)

        return draw

    def _flags(self, width: float, metrics: QFontMetricsF) -> int:
        """Break inside a word only where the word is wider than its column."""
        longest = max((metrics.horizontalAdvance(word) for word in self.text.split()), default=0.0)
        anywhere = int(Qt.TextFlag.TextWrapAnywhere)
        return self.flags & ~int(Qt.TextFlag.TextWordWrap) | anywhere if longest > width else self.flags


@dataclass(slots=True)
class _Paper:
    """The pages as they fill; all lengths in the writer's dots."""

    device: QPdfWriter
    report: Report
    pages: list[list[Stroke]] = field(default_factory=lambda: [[]])
    y: float = 0.0

    def laid_out(self) -> list[list[Stroke]]:
        """Return the strokes of each page."""
        self._front()
        for part in self.report.parts:
            self._part(part)
        return self.pages

    @property
    def width(self) -> float:
        return float(self.device.width())

    @property
    def height(self) -> float:
        return float(self.device.height()) - _dots(_FOOT_PT)

    def _front(self) -> None:
        report = self.report
        self._say(f"{report.kind.caption} · {report.period}", _face(_TITLE_PT, is_bold=True))
        self._say(origin_words(report), _face(_BODY_PT), DAY.muted)
        if report.is_demo:
            words = "DEMO: replayed prices, simulated between real closes. Nobody owns this book."
            self._say(words, _face(_BODY_PT, is_bold=True), DAY.over)
        for caution in report.cautions:
            self._say(f"!  {caution}", _face(_BODY_PT), DAY.close)
        self.y += _dots(_GAP_PT)
        self._headlines()

    def _headlines(self) -> None:
        gap = _dots(_GAP_PT)
        wide = (self.width - gap * (_TILES - 1)) / _TILES
        pad, high = _dots(5), _dots(60)
        for place, headline in enumerate(self.report.headlines):
            x = (place % _TILES) * (wide + gap)
            if place and place % _TILES == 0:
                self.y += high + gap
            box = QRectF(x, self.y, wide, high)
            inner = box.adjusted(pad, pad, -pad, -pad)
            figure = cell_words(headline.cell, self.report.base_currency)
            words = (
                (0.0, _Words(self.device, headline.title, _face(_BODY_PT), DAY.muted)),
                (12.0, _Words(self.device, figure, _face(_FIGURE_PT, is_bold=True), INK[headline.cell.tone])),
                (34.0, _Words(self.device, headline.words, _face(_CELL_PT), DAY.muted)),
            )
            self._put(_frame(box))
            for down, written in words:
                self._put(written.stroke(inner.adjusted(0, _dots(down), 0, _dots(14))))
        self.y += high + gap

    def _part(self, part: ReportPart) -> None:
        head = _Words(self.device, part.title, _face(_HEAD_PT, is_bold=True))
        words = _Words(self.device, part.words, _face(_BODY_PT), DAY.muted)
        rows = [part.charts[place : place + 2] for place in range(0, len(part.charts), 2)]
        table = _Table(self.device, part, self.report.base_currency, self.width) if part.rows else None
        first = self._charts_height(rows[0]) if rows else table.least if table is not None else 0.0
        heading = _dots(_GAP_PT * 2) + head.height(self.width) + words.height(self.width) + _dots(4)
        self._need(heading + first)
        if self.y:
            self.y += _dots(_GAP_PT)
            self._put(_rule(self.y, self.width, DAY.text, 1.2))
            self.y += _dots(_GAP_PT * 0.6)
        self._write(head)
        self._write(words)
        self.y += _dots(4)
        for row in rows:
            self._charts(row)
        if table is not None:
            self._table(table)
            if part.n_left_out:
                self._say(left_out_words(part), _face(_BODY_PT), DAY.muted)

    def _charts_height(self, charts: Sequence[Chart]) -> float:
        scale = self._chart_width() / WIDTH
        return max(drawing_of(chart, "").height for chart in charts) * scale + _dots(_GAP_PT)

    def _chart_width(self) -> float:
        return (self.width - _dots(_GAP_PT * 2.5)) / 2

    def _charts(self, charts: Sequence[Chart]) -> None:
        high = self._charts_height(charts)
        self._need(high)
        wide = self._chart_width()
        for place, chart in enumerate(charts):
            drawing = drawing_of(chart, self.report.base_currency)
            x = place * (wide + _dots(_GAP_PT * 2.5))
            self._put(_picture(drawing.svg, QRectF(x, self.y, wide, drawing.height * wide / WIDTH)))
        self.y += high

    def _table(self, table: "_Table") -> None:
        self._need(table.least)
        self._table_head(table)
        last = len(table.heights) - 1
        for place, high in enumerate(table.heights):
            # The last row never stands alone on a page.
            wanted = high + (table.heights[last] if place == last - 1 else 0.0)
            if self._need(wanted):
                self._table_head(table)
            for stroke in table.row(place, self.y):
                self._put(stroke)
            self.y += high
        self.y += _dots(_GAP_PT * 0.5)

    def _table_head(self, table: "_Table") -> None:
        for stroke in table.head(self.y):
            self._put(stroke)
        self.y += table.head_height

    def _say(self, text: str, face: QFont, colour: str = DAY.text) -> None:
        words = _Words(self.device, text, face, colour)
        self._need(words.height(self.width))
        self._write(words)
        self.y += _dots(2)

    def _write(self, words: _Words) -> None:
        high = words.height(self.width)
        self._put(words.stroke(QRectF(0, self.y, self.width, high)))
        self.y += high

    def _put(self, stroke: Stroke) -> None:
        self.pages[-1].append(stroke)

    def _need(self, high: float) -> bool:
        """Begin a new page where so much does not fit on this one any more; tell whether it did."""
        if self.y + high <= self.height or not self.y:
            return False
        self.pages.append([])
        self.y = 0.0
        return True


class _Table:
    """A part's table, measured for a width."""

    def __init__(self, device: QPdfWriter, part: ReportPart, currency: str, width: float) -> None:
        self._device, self._part = device, part
        self._face, self._bold = _face(_CELL_PT), _face(_CELL_PT, is_bold=True)
        words = table_words(part, currency)
        self._captions, self._texts = words.captions, words.rows
        self._flags = [int(_LEFT if column.kind.is_text else _RIGHT) for column in part.columns]
        gap = _dots(_CELL_GAP_PT)
        captions = [self._least_caption(place) for place in range(len(self._captions))]
        natural = [max(self._wide(texts), captions[place]) for place, texts in self._columns()]
        least = [
            max(self._wide(" ".join(texts).split()), captions[place])
            if self._is_words(place)
            else natural[place]
            for place, texts in self._columns()
        ]
        weights = [column.weight for column in part.columns]
        self._widths = column_widths(natural, least, weights, width - gap * (len(part.columns) - 1))
        self._x = [sum(self._widths[:place]) + gap * place for place in range(len(self._widths))]
        self._width = width
        pad = 2 * _dots(_ROW_PAD_PT)
        self.head_height = max(words.height(wide) for words, wide in self._head_words()) + pad
        self.heights = [
            max(words.height(wide) for words, wide in self._row_words(place)) + pad
            for place in range(len(self._texts))
        ]
        self.least = self.head_height + sum(self.heights[:_KEPT_ROWS])

    def head(self, y: float) -> list[Stroke]:
        """Return the strokes of the captions."""
        strokes = [
            words.stroke(QRectF(x, y + _dots(_ROW_PAD_PT), wide, self.head_height))
            for x, (words, wide) in zip(self._x, self._head_words(), strict=True)
        ]
        return [*strokes, _rule(y + self.head_height, self._width, DAY.faint, 0.8)]

    def row(self, place: int, y: float) -> list[Stroke]:
        """Return the strokes of a row."""
        high = self.heights[place]
        strokes = [
            words.stroke(QRectF(x, y + _dots(_ROW_PAD_PT), wide, high))
            for x, (words, wide) in zip(self._x, self._row_words(place), strict=True)
        ]
        return [*strokes, _rule(y + high, self._width, DAY.rule, 0.5)]

    def _columns(self) -> list[tuple[int, list[str]]]:
        return [(place, [row[place] for row in self._texts]) for place in range(len(self._captions))]

    def _is_words(self, place: int) -> bool:
        is_text = self._part.columns[place].kind.is_text
        return is_text and any(isinstance(row[place].value, str) for row in self._part.printed)

    def _wide(self, texts: Sequence[str]) -> float:
        metrics = QFontMetricsF(self._bold, self._device)  # what is grave is set in bold
        return max((metrics.horizontalAdvance(text) for text in texts), default=0.0) + _dots(1)

    def _least_caption(self, place: int) -> float:
        """Return the width of a short caption, or of the longest word of a long one, which wraps."""
        metrics = QFontMetricsF(self._bold, self._device)
        caption = self._captions[place]
        words = [caption] if len(caption) <= _SHORT_CAPTION else caption.split()
        return max((metrics.horizontalAdvance(word) for word in words), default=0.0) + _dots(1)

    def _head_words(self) -> list[tuple[_Words, float]]:
        return [
            (_Words(self._device, caption, self._bold, DAY.muted, flags), wide)
            for caption, flags, wide in zip(self._captions, self._flags, self._widths, strict=True)
        ]

    def _row_words(self, place: int) -> list[tuple[_Words, float]]:
        cells = zip(self._part.printed[place], self._texts[place], self._flags, self._widths, strict=True)
        return [
            (
                _Words(
                    self._device,
                    text,
                    self._face if cell.tone in {Tone.PLAIN, Tone.MUTED, Tone.WITHIN} else self._bold,
                    INK[cell.tone],
                    flags,
                ),
                wide,
            )
            for cell, text, flags, wide in cells
        ]


def _foot(report: Report, number: int, n_pages: int, device: QPdfWriter) -> Stroke:
    box = QRectF(0, device.height() - _dots(11), device.width(), _dots(11))
    face = _face(_CELL_PT)
    name = report.book_name or "Plimsoll"
    left = _Words(device, f"{name} · {report.kind.caption} · {report.period}", face, DAY.muted)
    right = _Words(device, f"Page {number} of {n_pages}", face, DAY.muted, int(_RIGHT))
    strokes = (left.stroke(box), right.stroke(box))

    def draw(painter: QPainter) -> None:
        for stroke in strokes:
            stroke(painter)

    return draw


def _frame(box: QRectF) -> Stroke:
    def draw(painter: QPainter) -> None:
        painter.setPen(QColor(DAY.rule))
        painter.drawRect(box)

    return draw


def _rule(y: float, width: float, colour: str, thick_pt: float) -> Stroke:
    def draw(painter: QPainter) -> None:
        painter.fillRect(QRectF(0, y, width, _dots(thick_pt)), QColor(colour))

    return draw


def _picture(svg: str, box: QRectF) -> Stroke:
    def draw(painter: QPainter) -> None:
        QSvgRenderer(QByteArray(svg.encode())).render(painter, box)

    return draw


def _face(points: float, *, is_bold: bool = False) -> QFont:
    face = QFont(FAMILY)
    face.setPixelSize(round(points * DOTS_A_POINT))
    face.setWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    face.setFeature(QFont.Tag("tnum"), 1)
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return face


def _dots(points: float) -> float:
    return points * DOTS_A_POINT
