"""The instrument master in a window: edited in place, checked at the cell, written when all is right."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QKeySequence, QPainter, QPen, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.instrument_table_model import InstrumentRole, InstrumentTableModel
from plimsoll.bridge.roles import Meaning, Role
from plimsoll.bridge.share_facts_job import FetchFacts, ShareFactsJob
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import Instrument, is_stock_code
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, SMALL, face

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 26
WIDTHS = (110, 190, 90, 76, 90, 160, 70, 80, 70, 90, 96, 90, 150, 120, 110, 110, 90)
CSV_FILES = "CSV files (*.csv)"
MOST_NAMED = 6


class CellDelegate(QStyledItemDelegate):
    """Marks a wrong cell with a frame and a changed one with a corner; classes are chosen from a list."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        inner = QStyleOptionViewItem(option)
        inner.rect = option.rect.adjusted(5, 0, 0, 0)
        super().paint(painter, inner, index)
        colours = self._theme.colours
        rect = option.rect
        painter.save()
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        if index.data(Role.MEANING) == Meaning.OVER:
            painter.setPen(QPen(QColor(colours.over), 1))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        elif index.data(InstrumentRole.CHANGED):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            corner = rect.topLeft()
            painter.drawPolygon([corner, corner + QPoint(7, 0), corner + QPoint(0, 7)])
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        choices = index.data(InstrumentRole.CHOICES)
        if not choices:
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        box.addItems(list(choices))
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data()))
        else:
            super().setEditorData(editor, index)


class InstrumentEditor(QDialog):
    """The master as a table; nothing typed is lost, and nothing wrong is written.

    Parameters
    ----------
    theme : Theme
        The look.
    instruments : iterable of Instrument
        What the master says now.
    path : Path
        Where it is written; a file that is not there is made.
    fetch : callable or None
        Asks for what the market knows of shares, on another thread; None for no such button.
    takes_effect : str
        When what is written acts, in words.
    """

    def __init__(
        self,
        theme: Theme,
        instruments: Iterable[Instrument],
        path: Path,
        *,
        model_path: Path | None = None,
        fetch: FetchFacts | None = None,
        takes_effect: str = "at the next start",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._path = path
        self._model_path = model_path
        self._takes_effect = takes_effect
        self.setModal(False)
        self.setAccessibleName("Instruments")
        self.resize(1180, 640)
        self.model = InstrumentTableModel(self)
        self.view = QTableView(self)
        self._banner = ElidedLabel(face(BODY), self)
        self._only = QCheckBox("Only these", self)
        self._find = QLineEdit(self)
        self._words = ElidedLabel(face(SMALL), self)
        self._job = ShareFactsJob(fetch, self) if fetch is not None else None
        self.fill_button = self._button("&Fill from AllTick", self.fill)
        self.save_button = self._button("&Save", self.save)
        self._may_lose = False
        self._lay_out(theme)
        if self._job is not None:
            self._job.answered.connect(self._take_facts)
            self._job.failed.connect(self._tell_failure)
        self.model.standing_changed.connect(self._tell_standing)
        self.model.show(instruments)
        self._filter()

    def _lay_out(self, theme: Theme) -> None:
        self._prepare_view(theme)
        lose = ElidedLabel(face(BODY), self)
        lose.say("Changed and not saved: closing loses it.")
        self._leave = self._line(
            "alarm",
            lose,
            self._button("Close without saving", self._lose),
            self._button("Keep editing", self._stay),
        )
        self._leave.hide()
        self._notice = self._line("notice", self._banner, self._only)
        foot = self._line("foot", self._words, self._button("Close", self.close), self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._notice)
        column.addLayout(self._tools())
        column.addWidget(self.view, 1)
        column.addWidget(self._leave)
        column.addWidget(foot)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self, self.save)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._find.setFocus)

    def _line(self, surface: str, words: QWidget, *others: QWidget) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", surface)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 6, 12, 6)
        row.addWidget(words, 1)
        for widget in others:
            row.addWidget(widget)
        return frame

    def _prepare_view(self, theme: Theme) -> None:
        view = self.view
        view.setModel(self.model)
        view.setItemDelegate(CellDelegate(theme, view))
        view.setAccessibleName("Instrument master")
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        view.setShowGrid(False)
        header = view.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(WIDTHS):
            view.setColumnWidth(column, width)

    def _tools(self) -> QHBoxLayout:
        self._find.setPlaceholderText("Filter by code, name, sector, tag …")
        self._find.setAccessibleName("Filter")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._filter)
        self._only.toggled.connect(self._filter)
        self.fill_button.setVisible(self._job is not None)
        self.save_button.setProperty("tone", "primary")
        row = QHBoxLayout()
        row.setContentsMargins(12, 10, 12, 8)
        row.addWidget(self._find, 1)
        row.addWidget(self._button("&Add", self.add))
        row.addWidget(self._button("&Remove", self.remove))
        row.addWidget(self.fill_button)
        row.addWidget(self._button("&Import CSV …", self._import))
        row.addWidget(self._button("&Export CSV …", self._export))
        return row

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    @Slot()
    def add(self) -> None:
        """Add an instrument and begin with its code."""
        self._find.clear()
        self._only.setChecked(False)
        cell = self.model.index(self.model.add(), 0)
        self.view.scrollToBottom()
        self.view.setCurrentIndex(cell)
        self.view.edit(cell)

    @Slot()
    def remove(self) -> None:
        """Take the chosen rows away; closing without saving brings them back."""
        rows = {index.row() for index in self.view.selectedIndexes()}
        self.model.remove(row for row in rows if not self.view.isRowHidden(row))

    @Slot()
    def fill(self) -> None:
        """Ask for what the market knows of the shares."""
        codes = [code for code in self.model.codes if is_stock_code(code)]
        if self._job is None or not codes:
            self._words.say("There is no share to ask for.")
            return
        self.fill_button.setEnabled(False)
        self._words.say(f"Asking AllTick for {len(codes)} shares …")
        self._job.ask(codes)

    @Slot()
    def save(self) -> None:
        """Write the master; while a cell is wrong, go there instead."""
        wrong = self.model.first_wrong
        if wrong.isValid():
            self._find.clear()
            self._only.setChecked(False)
            self.view.setCurrentIndex(wrong)
            self.view.scrollTo(wrong)
            self._words.say(str(wrong.data(Qt.ItemDataRole.ToolTipRole)))
            return
        keeps_own = self._path.exists() or self._model_path is None
        if self._write(self._path, None if keeps_own else self._model_path):
            self.model.note_saved()
            self._words.say(f"Saved to {self._path.name}. It takes effect {self._takes_effect}.")

    def import_from(self, path: Path) -> None:
        """Take a file's instruments into the table, to be looked at and saved."""
        try:
            self.model.take_file(path)
        except FileRefused as refusal:
            shown = "; ".join(map(str, refusal.complaints[:3]))
            self._words.say(f"{path.name} was refused: {shown}")
            self._words.setToolTip(str(refusal))
            return
        self._words.say(f"{path.name} is in the table; nothing is saved yet.")

    def export_to(self, path: Path) -> None:
        """Write the table into another file; what is saved stays what it is."""
        if self.model.n_wrong:
            self.save()  # goes to the wrong cell
        elif self._write(path, self._path if self._path.exists() and not path.exists() else None):
            self._words.say(f"Exported to {path.name}.")

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.model.is_changed and not self._may_lose:
            self._leave.show()
            event.ignore()
            return
        if self._job is not None:
            self._job.wait()
        event.accept()

    def reject(self) -> None:
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # Enter ends an edit; by itself it decides nothing
            return
        if event.key() == Qt.Key.Key_Delete and self.view.hasFocus():
            for index in self.view.selectedIndexes():
                self.model.setData(index, "")
            return
        super().keyPressEvent(event)

    def _write(self, path: Path, model: Path | None) -> bool:
        try:
            self.model.write(path, model=model)
        except (FileRefused, OSError) as fault:
            self._words.say(f"{path.name} was not written: {fault}")
            return False
        return True

    @Slot()
    def _tell_standing(self) -> None:
        names = self.model.unclassified()
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        shown = ", ".join(name or "a new line" for name in names[:MOST_NAMED])
        self._banner.say(f"Without sector or country, so in no group: {shown}{more}." if names else "")
        self._notice.setVisible(bool(names))
        if not names:
            self._only.setChecked(False)
        mark = "*" if self.model.is_changed else ""
        self.setWindowTitle(f"Instruments {mark}— {self._path.name}")
        n_wrong = self.model.n_wrong
        cells = "cell is" if n_wrong == 1 else "cells are"
        changed = "Changed, not saved." if self.model.is_changed else ""
        self._words.say(f"{n_wrong} {cells} wrong: nothing is saved until mended." if n_wrong else changed)
        self.save_button.setEnabled(self.model.is_changed)

    @Slot()
    def _filter(self) -> None:
        words = self._find.text().casefold().split()
        for row in range(self.model.rowCount()):
            cells = (self.model.index(row, column).data() for column in range(self.model.columnCount()))
            text = " ".join(cells).casefold()
            is_in = all(word in text for word in words)
            hidden = not is_in or (self._only.isChecked() and not self.model.is_unclassified(row))
            self.view.setRowHidden(row, hidden)

    @Slot(object)
    def _take_facts(self, facts: object) -> None:
        self.fill_button.setEnabled(True)
        if isinstance(facts, (list, tuple)):
            self._words.say(self.model.take_facts(facts))

    @Slot(str)
    def _tell_failure(self, words: str) -> None:
        self.fill_button.setEnabled(True)
        self._words.say(words)

    @Slot()
    def _stay(self) -> None:
        self._leave.hide()

    @Slot()
    def _lose(self) -> None:
        self._may_lose = True
        self.close()

    @Slot()
    def _import(self) -> None:
        chooser = QFileDialog(self, "Import instruments", str(self._path.parent), CSV_FILES)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._import_named)
        chooser.open()

    @Slot()
    def _export(self) -> None:
        chooser = QFileDialog(self, "Export instruments", str(self._path.parent), CSV_FILES)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("csv")
        chooser.fileSelected.connect(self._export_named)
        chooser.open()

    @Slot(str)
    def _import_named(self, name: str) -> None:
        self.import_from(Path(name))

    @Slot(str)
    def _export_named(self, name: str) -> None:
        self.export_to(Path(name))
