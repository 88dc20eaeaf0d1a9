"""The fields of a stress scenario: a line for each shock, and beneath each field what is wrong with it."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.scenario_draft import ScenarioTexts, ShockTexts
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import ScopeKind
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, face

HEAD = (("name", "Name", "What the trader calls it"), ("id", "Id", "short, of small letters"))
SOURCE_HINT = "Where the figures come from"
SCOPES = {
    ScopeKind.ASSET_CLASS: "Asset class",
    ScopeKind.SECTOR: "Sector",
    ScopeKind.INSTRUMENT: "Instrument",
    ScopeKind.CURRENCY: "Currency",
    ScopeKind.COUNTRY: "Country",
    ScopeKind.TAG: "Tag",
    ScopeKind.BOOK: "The whole book",
}
FIELD_HEIGHT = 27


class HypotheticalForm(QWidget):
    """Texts in and out; the wheel over a passing pointer changes nothing.

    Signals
    -------
    edited()
        Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Scenario")
        self._members: dict[ScopeKind, tuple[str, ...]] = {}
        self._is_filling = False
        self.lines: list[ShockLine] = []
        self._n_shown = 0
        self.fields = {name: QLineEdit(self) for name in ("name", "id", "source")}
        self.complaints = {
            name: ToneLabel(face(SMALL), self, tone="loss") for name in (*self.fields, "shock")
        }
        self.add_button = QPushButton("Add a shock", self)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self.add_shock)
        self._rows = QWidget(self)
        self._column = QVBoxLayout(self._rows)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 6, 6)
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(self.complaints["shock"])
        column.addWidget(scroll, 1)
        for field in self.fields.values():
            field.textEdited.connect(self._tell)

    def offer(self, instruments: Iterable[Instrument], currencies: Iterable[str]) -> None:
        """Offer what shocks may name."""
        items = tuple(instruments)
        self._members = {
            ScopeKind.ASSET_CLASS: tuple(sorted({str(item.asset_class) for item in items})),
            ScopeKind.SECTOR: tuple(sorted({item.sector for item in items if item.sector})),
            ScopeKind.INSTRUMENT: tuple(sorted(item.code for item in items)),
            ScopeKind.CURRENCY: tuple(currencies),
            ScopeKind.COUNTRY: tuple(sorted({item.country for item in items if item.country})),
            ScopeKind.TAG: tuple(sorted({tag for item in items for tag in item.tags})),
        }
        for line in self.lines:
            line.offer(self._members)

    def texts(self) -> ScenarioTexts:
        """Return the text of each field."""
        return ScenarioTexts(
            self.fields["id"].text(),
            self.fields["name"].text(),
            self.fields["source"].text(),
            tuple(line.texts() for line in self.lines[: self._n_shown]),
        )

    def show_texts(self, texts: ScenarioTexts) -> None:
        """Fill every field."""
        self._is_filling = True
        for name, text in (("id", texts.scenario_id), ("name", texts.name), ("source", texts.source)):
            self.fields[name].setText(text)
            self.fields[name].setCursorPosition(0)
        self._show_shocks(texts.shocks)
        self._is_filling = False

    def show_complaints(self, complaints: Mapping[str, str]) -> None:
        """Show what is wrong beneath each field."""
        for name, label in self.complaints.items():
            words = complaints.get(name, "")
            label.say(f"expected {words}" if words else "")
            label.setVisible(bool(words))
            if name in self.fields:
                self.fields[name].setAccessibleDescription(words)
        for number, line in enumerate(self.lines[: self._n_shown]):
            line.show_complaints(
                {name: complaints.get(f"{number} {name}", "") for name in ("scope", "member", "change")}
            )

    @Slot()
    def add_shock(self) -> None:
        """Put an empty line behind the others."""
        shocks = self.texts().shocks
        self._show_shocks((*shocks, ShockTexts()))
        self.lines[len(shocks)].member.setFocus()
        self._tell()

    def _remove(self, line: "ShockLine") -> None:
        shocks = list(self.texts().shocks)
        del shocks[self.lines.index(line)]
        self._show_shocks(tuple(shocks))
        self._tell()

    def _show_shocks(self, shocks: tuple[ShockTexts, ...]) -> None:
        was_filling, self._is_filling = self._is_filling, True
        while len(self.lines) < len(shocks):
            line = ShockLine(self._members, self._rows)
            line.edited.connect(self._tell)
            line.remove_wanted.connect(self._remove)
            self._column.insertWidget(len(self.lines), line)
            self.lines.append(line)
        for number, line in enumerate(self.lines):
            if number < len(shocks):
                line.show_texts(shocks[number])
            line.setVisible(number < len(shocks))
        self._n_shown = len(shocks)
        self._is_filling = was_filling

    def _head(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        for number, (name, caption, hint) in enumerate((*HEAD, ("source", "Source", SOURCE_HINT))):
            row, column, span = (0, number, 1) if name != "source" else (3, 0, 2)
            label = QLabel(caption, self)
            label.setFont(face(SMALL))
            label.setProperty("tone", "muted")
            field = self.fields[name]
            field.setPlaceholderText(hint)
            field.setAccessibleName(caption)
            grid.addWidget(label, row, column, 1, span)
            grid.addWidget(field, row + 1, column, 1, span)
            grid.addWidget(self.complaints[name], row + 2, column, 1, span)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        return grid

    @Slot()
    def _tell(self) -> None:
        if not self._is_filling:
            self.edited.emit()


class ShockLine(QWidget):
    """One shock: over what, which, by how much.

    Signals
    -------
    edited()
        Something was typed or chosen.
    remove_wanted(ShockLine)
        Its cross was pressed.
    """

    edited = Signal()
    remove_wanted = Signal(object)

    def __init__(self, members: Mapping[ScopeKind, tuple[str, ...]], parent: QWidget) -> None:
        super().__init__(parent)
        self._members = members
        self.scope = self._box("What moves")
        for kind, caption in SCOPES.items():
            self.scope.addItem(caption, kind.value)
        self.member = self._box("Which")
        self.member.setEditable(True)
        self.member.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.change = QLineEdit(self)
        self.change.setAccessibleName("Change in per cent")
        self.change.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.change.setFixedWidth(78)
        self.change.setPlaceholderText("−20")
        self._unit = QLabel("%", self)
        self._unit.setProperty("tone", "muted")
        self.remove = QToolButton(self)
        self.remove.setText("×")
        self.remove.setProperty("flat", "true")
        self.remove.setAccessibleName("Remove this shock")
        self.remove.setToolTip("Remove this shock")
        self.remove.clicked.connect(self._ask_to_go)
        self.words = ElidedLabel(face(SMALL), self)
        self.words.setProperty("tone", "loss")
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.scope, 4)
        row.addWidget(self.member, 5)
        row.addWidget(self.change)
        row.addWidget(self._unit)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(row)
        column.addWidget(self.words)
        self.words.hide()
        self.scope.activated.connect(self._offer_members)
        self.member.editTextChanged.connect(self.edited)
        self.change.textEdited.connect(self.edited)

    def texts(self) -> ShockTexts:
        """Return the text of each field."""
        return ShockTexts(str(self.scope.currentData()), self.member.currentText(), self.change.text())

    def show_texts(self, texts: ShockTexts) -> None:
        """Fill the fields."""
        self.scope.setCurrentIndex(max(self.scope.findData(texts.scope), 0))
        self._fill_members(texts.member)
        self.change.setText(texts.change)

    def offer(self, members: Mapping[ScopeKind, tuple[str, ...]]) -> None:
        """Offer other members; what is typed stays."""
        self._members = members
        blocked = self.member.blockSignals(True)
        self._fill_members(self.member.currentText())
        self.member.blockSignals(blocked)

    def show_complaints(self, complaints: Mapping[str, str]) -> None:
        """Show what is wrong with it."""
        words = "; ".join(f"{name}: expected {said}" for name, said in complaints.items() if said)
        self.words.say(words)
        self.words.setVisible(bool(words))
        self.member.setAccessibleDescription(complaints.get("member", ""))
        self.change.setAccessibleDescription(complaints.get("change", ""))

    def _fill_members(self, text: str) -> None:
        kind = ScopeKind(str(self.scope.currentData()))
        self.member.clear()
        self.member.addItems(list(self._members.get(kind, ())))
        self.member.setEditText(text)
        self.member.setEnabled(kind is not ScopeKind.BOOK)

    @Slot()
    def _offer_members(self) -> None:
        self._fill_members("")
        self.edited.emit()

    @Slot()
    def _ask_to_go(self) -> None:
        self.remove_wanted.emit(self)

    def _box(self, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(5)
        box.setMinimumHeight(FIELD_HEIGHT)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return box
