"""Before and after of every limit under a plan, the worst first, as the load-line marks show it."""

import math
from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.proposal import LimitEffect, WhatIf
from plimsoll.widgets import formats
from plimsoll.widgets.colours import READABLE_CONTRAST, Colours, contrast
from plimsoll.widgets.row_list import LEFT, RIGHT, RowList
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, bold, face
from plimsoll.widgets.use_track import paint_use_track

ROW, HEAD = 28, 26
LEAST_ROWS = 4  # in sight before the page scrolls as a whole
TRACK_GAP, WORDS_WIDTH = 18.0, 92.0
TITLES = ("Limit", "Now", "After", "Line", "Use of limit")
BREAKS = "breaks"


class EffectList(RowList[LimitEffect]):
    """Rows of LimitEffect: the newly broken first, then what nobody can say, then by use after the plan."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Limits before and after the plan", "No limit was looked at.", parent)
        self._currency = ""

    def show_what_if(self, what_if: WhatIf, broken_id: str, currency: str) -> None:
        """Show what a plan does; the limit whose breach it answers stands before the rest."""
        self._currency = currency
        self.show_rows(in_order(what_if.effects, broken_id))
        self.updateGeometry()

    def row_height(self) -> int:
        return ROW

    def head_height(self) -> int:
        return HEAD

    def height_of(self, n_rows: int) -> int:
        """Return how high the list is with so many rows in sight."""
        return HEAD + ROW * n_rows

    def sizeHint(self) -> QSize:
        return QSize(600, self.height_of(min(len(self.rows), LEAST_ROWS)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_head(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(face(SMALL))
        painter.setPen(QColor(self.theme.colours.muted))
        for title, column in zip(TITLES, _columns(box), strict=True):
            painter.drawText(column, LEFT if title in (TITLES[0], TITLES[-1]) else RIGHT, title)

    def paint_row(self, painter: QPainter, box: QRectF, row: LimitEffect) -> None:
        colours = self.theme.colours
        name, now, after, line, use = _columns(box)
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(box.topLeft(), box.topRight())
        painter.setFont(bold(BODY) if row.newly_broken else face(BODY))
        self.write(painter, name.adjusted(0, 0, -8, 0), effect_name(row), colours.text)
        painter.setFont(face(BODY))
        self.write_right(painter, now, self._written(row, row.before), _ink_of_use(colours, row.use_before))
        self.write_right(painter, line, line_words(row, self._currency), colours.muted)
        painter.setFont(bold(BODY))
        self.write_right(painter, after, self._after(row), ink_after(colours, row))
        track = use.adjusted(0, ROW / 2 - 3, -WORDS_WIDTH, 3 - ROW / 2)
        paint_use_track(painter, track, colours, row.use_before, row.use_after)
        painter.setFont(bold(SMALL) if row.newly_broken else face(SMALL))
        words = QRectF(box.right() - WORDS_WIDTH, box.top(), WORDS_WIDTH - 4, ROW)
        self.write_right(painter, words, use_words(row), _ink_of_use(colours, row.use_after))

    def spoken(self, row: LimitEffect) -> str:
        said = f"{effect_name(row)}: {self._written(row, row.before)} now, {self._after(row)} after"
        said += f", line {line_words(row, self._currency)}, {use_words(row)}"
        if row.newly_broken:
            said += f"; newly broken: {', '.join(filter(None, row.newly_broken)) or 'the limit'}"
        if row.is_estimate:
            said += "; after is an estimate, scaled from another figure"
        return said

    def _written(self, row: LimitEffect, value: float) -> str:
        written = formats.in_unit(value, row.limit.measure.unit, self._currency)
        return "unknown" if written == formats.UNKNOWN else written

    def _after(self, row: LimitEffect) -> str:
        written = self._written(row, row.after)
        if written == self._written(row, row.before):
            return written  # what no digit shows has no direction either
        about = "\N{ALMOST EQUAL TO}" if row.is_estimate and not math.isnan(row.after) else ""
        return f"{formats.arrow(row.after - row.before)} {about}{written}".strip()


def in_order(effects: Iterable[LimitEffect], broken_id: str) -> tuple[LimitEffect, ...]:
    """Return effects the worst first."""

    def weight(effect: LimitEffect) -> tuple[bool, bool, bool, bool, float]:
        is_lost = math.isnan(effect.use_after) and not math.isnan(effect.use_before)
        is_unknown = math.isnan(effect.use_after)
        is_broken = effect.limit.limit_id == broken_id
        use = 0.0 if is_unknown else effect.use_after
        return not effect.newly_broken, not is_lost, not is_broken, is_unknown, -use

    return tuple(sorted(effects, key=weight))


def effect_name(effect: LimitEffect) -> str:
    """Return the limit's name, with the member that is worst after the plan."""
    member = effect.member_after or effect.member_before
    return f"{effect.limit.name} · {member}" if member else effect.limit.name


def line_words(effect: LimitEffect, currency: str) -> str:
    """Return the line; that of a floor with its sign."""
    written = formats.in_unit(effect.limit.line, effect.limit.measure.unit, currency)
    return f"\N{GREATER-THAN OR EQUAL TO} {written}" if effect.limit.measure.is_floor else written


def use_words(effect: LimitEffect) -> str:
    """Return how much of the limit is used after the plan; of a broken one that it breaks."""
    if math.isnan(effect.use_after):
        return "unknown"
    written = formats.use(effect.use_after) if math.isfinite(effect.use_after) else "over"
    return f"{BREAKS} {written}" if effect.newly_broken else written


def ink_after(colours: Colours, effect: LimitEffect) -> str:
    """Return the colour of the figure after: over its line, better or worse; an arrow says it too."""
    if math.isnan(effect.after):
        return colours.ink(Meaning.UNKNOWN)
    if effect.newly_broken or effect.limit.is_crossed_by(effect.after):
        return colours.ink(Meaning.OVER)
    if effect.limit.is_worse(effect.after, effect.before):
        return colours.ink(Meaning.LOSS)
    is_better = effect.limit.is_worse(effect.before, effect.after)
    is_readable = contrast(colours.within, colours.panel) >= READABLE_CONTRAST
    return colours.within if is_better and is_readable else colours.text


def _ink_of_use(colours: Colours, use: float) -> str:
    meaning = meaning_of_use(use)
    return colours.ink(meaning) if meaning in (Meaning.OVER, Meaning.UNKNOWN) else colours.text


def _columns(box: QRectF) -> tuple[QRectF, QRectF, QRectF, QRectF, QRectF]:
    """Return name, now, after, line and use."""
    edges = [box.left() + share * box.width() for share in (0.0, 0.312, 0.424, 0.578, 0.695)]
    name, now, after, line = (
        QRectF(start, box.top(), end - start, box.height()) for start, end in pairwise(edges)
    )
    use = QRectF(edges[-1] + TRACK_GAP, box.top(), box.right() - edges[-1] - TRACK_GAP, box.height())
    return name.adjusted(8, 0, 0, 0), now, after, line, use
