"""One limit in full: its facts, its course today, and every change with who, when, why, before and after."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.limit_cells import LimitRow, review_words, scope_words, state_words
from plimsoll.bridge.limit_draft import differences, line_text, unit_words
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.widgets import formats
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, TITLE, bold, face

HEADS = ("When", "Who", "What", "Before", "After", "Why", "Standing")
WIDTHS = (150, 90, 110, 190, 190, 250, 200)
FACTS_PER_COLUMN = 6


class LimitHistory(QDialog):
    """The facts at the top, the changes below, the newest first."""

    def __init__(self, row: LimitRow, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.limit_id = row.status.limit.limit_id
        self._currency = currency
        self.setModal(False)
        self.setWindowTitle(f"Limit: {row.status.limit.name}")
        self.setAccessibleName(self.windowTitle())
        self.resize(1120, 520)
        title = ToneLabel(bold(TITLE), self)
        title.say(f"{row.status.limit.name} ({self.limit_id})")
        self.changes = QTableWidget(0, len(HEADS), self)
        self.changes.setHorizontalHeaderLabels(list(HEADS))
        self.changes.setAccessibleName("Changes of this limit")
        self.changes.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.changes.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.changes.setShowGrid(False)
        self.changes.setWordWrap(True)
        self.changes.verticalHeader().hide()
        header = self.changes.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, width in enumerate(WIDTHS):
            self.changes.setColumnWidth(number, width)
        header.setSectionResizeMode(HEADS.index("Why"), QHeaderView.ResizeMode.Stretch)
        self.words = ToneLabel(face(BODY), self, tone="muted")
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(title)
        column.addLayout(self._facts(row))
        column.addWidget(self.changes, 1)
        column.addLayout(foot)

    def show_changes(self, changes: Sequence[LimitChange], waiting: frozenset[str] = frozenset()) -> None:
        """Show this limit's changes, the newest first; `waiting` are the ids of those that wait now."""
        self.changes.setRowCount(len(changes))
        for row, change in enumerate(changes):
            for column, text in enumerate(self._cells(change, is_waiting=change.change_id in waiting)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.changes.setItem(row, column, item)
        self.changes.resizeRowsToContents()
        n = len(changes)
        self.words.say(
            f"{n} {'change' if n == 1 else 'changes'}; the journal keeps every one."
            if n
            else "No change of this limit is known here: it stands as it was first read."
        )

    def _cells(self, change: LimitChange, *, is_waiting: bool) -> tuple[str, ...]:
        before, after = difference_texts(change, self._currency)
        return (
            minute_words(change.proposed_ns),
            change.person,
            "added" if change.before is None else "removed" if change.after is None else "changed",
            before,
            after,
            change.reason,
            standing_words(change, is_waiting=is_waiting),
        )

    def _facts(self, row: LimitRow) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        for place, (caption, text) in enumerate(fact_texts(row, self._currency)):
            column, line = divmod(place, FACTS_PER_COLUMN)
            head = ToneLabel(face(SMALL), self, tone="muted")
            head.say(caption)
            words = ToneLabel(face(BODY), self)
            words.say(text or formats.UNKNOWN)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(head, line, 2 * column)
            grid.addWidget(words, line, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        return grid


def fact_texts(row: LimitRow, currency: str) -> tuple[tuple[str, str], ...]:
    """Return every fact of a limit as caption and text."""
    status, limit = row.status, row.status.limit
    unit = limit.measure.unit
    return (
        ("Measure", ", ".join(filter(None, (limit.measure.caption, limit.detail)))),
        ("Scope", scope_words(status)),
        ("Now", formats.in_unit(status.value, unit, currency)),
        ("Line", formats.in_unit(limit.line, unit, currency)),
        ("Use", formats.use(status.use_fraction)),
        ("State", state_words(row)),
        ("Severity", limit.severity.value),
        (
            "Warns at, eases below",
            f"{formats.use(limit.warning_fraction)}, {formats.use(limit.reset_fraction)}",
        ),
        ("Confirmed by", _confirmation(limit)),
        ("Cool-down", f"{limit.cool_down_s:g} s"),
        ("Stands", _presence(limit)),
        ("Stands in for", limit.stands_in_for),
        ("Owner", limit.owner),
        ("Purpose", limit.purpose),
        ("Next review", review_words(row)),
        ("Response", limit.response),
    )


def standing_words(change: LimitChange, *, is_waiting: bool) -> str:
    """Return where a change is on its way, and who else had a hand in it."""
    match change.state:
        case ChangeState.PENDING if is_waiting:
            return f"waits until {minute_words(change.acts_ns)}"
        case ChangeState.PENDING:  # nobody tells a wish that a newer one took its place
            return "no longer waits: it acted, or a later change replaced it"
        case ChangeState.CONFIRMED:
            return f"confirmed by {change.second_person} {minute_words(change.decided_ns)}"
        case ChangeState.CANCELLED:
            return f"withdrawn by {change.second_person}: {change.second_reason}"
        case ChangeState.ACTED:
            return f"acted {minute_words(change.acts_ns)}"


def difference_texts(change: LimitChange, currency: str) -> tuple[str, str]:
    """Return what a change was before and is after, the fields that differ alone."""
    before, after = change.before, change.after
    if before is None or after is None:
        return _whole(before, currency), _whole(after, currency)
    found = differences(before, after, currency)
    olds = "\n".join(f"{caption} {old}" for caption, old, _ in found)
    return olds, "\n".join(f"{caption} {new}" for caption, _, new in found)


def _whole(limit: Limit | None, currency: str) -> str:
    if limit is None:
        return formats.UNKNOWN
    return f"{limit.measure.caption}, line {_line(limit, currency)}, {limit.severity.value}"


def _line(limit: Limit, currency: str) -> str:
    unit = limit.measure.unit
    return " ".join(filter(None, (line_text(limit.line, unit), unit_words(unit, currency))))


def _confirmation(limit: Limit) -> str:
    n, of = limit.confirm_updates, limit.confirm_of
    updates = "the first update" if n == of == 1 else f"{n} of the last {of} updates"
    return f"{updates}, beyond the line for {limit.confirm_s:g} s" if limit.confirm_s else updates


def _presence(limit: Limit) -> str:
    begin, end = limit.effective_from, limit.effective_until
    if not begin and not end:
        return "always"
    words = (
        f"from {minute_words(limit.from_ns)}" if begin else "",
        f"until {minute_words(limit.until_ns)}" if end else "",
    )
    return " ".join(filter(None, words))
