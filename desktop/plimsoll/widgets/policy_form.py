"""The fields of one response of the policy, and beneath each what is wrong with it."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from plimsoll.bridge.policy_draft import GRADES, NO, RESPONSE_FIELDS, YES
from plimsoll.domain.response_policy import Autonomy, PlanKind
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.typeface import SMALL, face

CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "plan": tuple((kind.caption, kind.value) for kind in PlanKind),
    "autonomy": tuple((autonomy.words, autonomy.value) for autonomy in Autonomy),
    "minimum_grade": tuple((letter, letter) for letter in GRADES),
    "two_persons": (("one person decides", NO), ("a second person confirms", YES)),
}
UNITS = {
    "countdown_s": "s, then it executes",
    "reduce_fraction": "% of the exposure then held",
    "volume_share": "% of a day's volume at once",
    "price_band_fraction": "% before it is asked again",
    "expires_s": "s",
    "loss_budget_fraction": "% of the line beyond it",
}
HINTS = {"name": "short, of small letters, like cut-half", "hedge_instruments": "codes: US500, GOLD"}
N_COLUMNS = 3

Field = QLineEdit | QComboBox


class PolicyForm(QWidget):
    """Texts in and out, as the file names them.

    Signals
    -------
    edited()
        Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_filling = False
        self.fields: dict[str, Field] = {name: self._field(name) for name in RESPONSE_FIELDS}
        self.complaints: dict[str, ElidedLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(22)
        grid.setVerticalSpacing(2)
        for number, name in enumerate(RESPONSE_FIELDS):
            grid.addLayout(self._cell(name), number // N_COLUMNS, number % N_COLUMNS)
        for column in range(N_COLUMNS):
            grid.setColumnStretch(column, 1)

    def texts(self) -> dict[str, str]:
        """Return the text of each field."""
        return {name: _text(field) for name, field in self.fields.items()}

    def show_texts(self, texts: Mapping[str, str]) -> None:
        """Fill every field; that is no edit."""
        self._is_filling = True
        for name, field in self.fields.items():
            if isinstance(field, QLineEdit):
                field.setText(texts[name])
            else:
                field.setCurrentIndex(field.findData(texts[name]))
        self._is_filling = False

    def show_complaints(self, complaints: Mapping[str, str]) -> None:
        """Show beneath each field what it should have held."""
        for name, label in self.complaints.items():
            words = complaints.get(name, "")
            label.say(words)
            self.fields[name].setAccessibleDescription(words)

    def _field(self, name: str) -> Field:
        if name not in CHOICES:
            line = QLineEdit(self)
            line.setPlaceholderText(HINTS.get(name, ""))
            line.setAccessibleName(RESPONSE_FIELDS[name])
            line.textChanged.connect(self._tell)
            return line
        box = choice_box(RESPONSE_FIELDS[name], CHOICES[name], self)
        box.currentIndexChanged.connect(self._tell)
        return box

    def _cell(self, name: str) -> QVBoxLayout:
        caption = QLabel(RESPONSE_FIELDS[name], self)
        caption.setFont(face(SMALL))
        caption.setProperty("tone", "muted")
        complaint = ElidedLabel(face(SMALL), self)
        complaint.setProperty("tone", "loss")
        complaint.setMinimumHeight(15)
        self.complaints[name] = complaint
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.fields[name], 1)
        if name in UNITS:
            self.fields[name].setMaximumWidth(90)
            unit = QLabel(UNITS[name], self)
            unit.setProperty("tone", "muted")
            row.addWidget(unit, 1)
        cell = QVBoxLayout()
        cell.setSpacing(1)
        cell.addWidget(caption)
        cell.addLayout(row)
        cell.addWidget(complaint)
        return cell

    def _tell(self) -> None:
        if not self._is_filling:
            self.edited.emit()


def choice_box(name: str, choices: tuple[tuple[str, str], ...], parent: QWidget) -> QComboBox:
    """Return a box of choices, each with what it stands for; the wheel over it changes nothing."""
    box = QComboBox(parent)
    box.setAccessibleName(name)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(10)
    box.setMinimumHeight(27)  # as high as the line edits beside it
    for words, value in choices:
        box.addItem(words, value)
    return box


def _text(field: Field) -> str:
    return field.text() if isinstance(field, QLineEdit) else str(field.currentData())
