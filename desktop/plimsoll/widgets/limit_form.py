"""The fields of a limit: choices that fit the measure, and beneath each field what is wrong with it."""

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from plimsoll.bridge.limit_draft import FIELDS, measure_of, scope_of, texts_of, unit_words
from plimsoll.bridge.limit_outlook import DETAIL_CAPTIONS, details_of, members_of
from plimsoll.domain.limit import Limit, Measure, ScopeKind, Severity
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

COLUMNS = (
    ("What is measured", ("name", "id", "measure", "detail", "scope", "member")),
    ("When it breaks", ("line", "severity", "warning_fraction", "reset_fraction", "confirm", "confirm_s")),
    (
        "How it eases, and when it stands",
        ("cool_down_s", "effective_from", "effective_until", "stands_in_for", "response", "next_review"),
    ),
)
WIDE = ("owner", "purpose")
HINTS = {
    "name": "What the trader calls it",
    "id": "short, of small letters",
    "member": "each of them",
    "effective_from": "always, or 2026-11-23T17:00:00Z",
    "effective_until": "always, or 2026-12-01T17:00:00Z",
    "stands_in_for": "an official limit",
    "response": "nothing is bound to it",
    "next_review": "2027-05-31",
    "owner": "Who answers for it",
    "purpose": "Why it stands",
}
UNITS = {
    "warning_fraction": "% of the line",
    "reset_fraction": "% of the line",
    "confirm_s": "s",
    "cool_down_s": "s",
    "confirm_of": "updates",
}
CHOSEN = frozenset({"measure", "scope", "severity"})
OFFERED = frozenset({"detail", "member"})
ID_LENGTH = 40

Field = QLineEdit | QComboBox


class LimitForm(QWidget):
    """Every field of a limit; texts in and out, and a complaint beneath each.

    Signals
    -------
    edited()
        Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, snapshot: RiskSnapshot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot = snapshot
        self._is_filling = False
        self._touched: set[str] = set()
        self._own_id = False
        self._typed: dict[str, QLineEdit] = {}
        self.fields: dict[str, Field] = {name: self._field(name) for name in FIELDS}
        self._boxes = {name: field for name, field in self.fields.items() if isinstance(field, QComboBox)}
        self.complaints: dict[str, ElidedLabel] = {}
        self._captions: dict[str, QLabel] = {}
        self._unit = QLabel("", self)
        self._lay_out()
        for name, field in self.fields.items():
            signal = field.textChanged if isinstance(field, QLineEdit) else field.currentTextChanged
            signal.connect(lambda _text, name=name: self._note(name))

    def texts(self) -> dict[str, str]:
        """Return the text of each field as a limit's file would name it."""
        return {name: self._text(name) for name in self.fields}

    def show_limit(self, limit: Limit) -> None:
        """Fill every field from a limit."""
        self.show_texts(texts_of(limit))

    def show_texts(self, texts: Mapping[str, str]) -> None:
        """Fill fields; the choices of measure and scope come first, for the others depend on them."""
        self._is_filling = True
        for name in ("measure", "scope", *FIELDS):
            if name in texts:
                self._put(name, texts[name])
                if name in ("measure", "scope"):
                    self._offer()
        self._is_filling = False
        self._own_id = bool(texts.get("id"))
        self._touched.clear()
        self.edited.emit()

    def show_complaints(self, complaints: Mapping[str, str]) -> None:
        """Show what is wrong beneath each field; where nothing was typed yet it is only asked for."""
        for name, label in self.complaints.items():
            words = complaints.get(name, "")
            if name == "confirm_updates":
                words = words or complaints.get("confirm_of", "")
            label.say(words)
            tone = "loss" if name in self._touched or self._text(name) else "muted"
            if label.property("tone") != tone:
                label.setProperty("tone", tone)
                label.style().unpolish(label)
                label.style().polish(label)
            self.fields[name].setAccessibleDescription(words)

    def freeze(self, names: Sequence[str]) -> None:
        """Make fields unchangeable: what they say is given."""
        for name in names:
            self.fields[name].setEnabled(False)
            caption = self._captions.get(name)
            if caption is not None and caption.text():
                caption.setText(f"{caption.text()} (given)")

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(26)
        grid.setVerticalSpacing(3)
        for number, (title, names) in enumerate(COLUMNS):
            grid.setColumnStretch(number, 1)
            head = ToneLabel(bold(BODY), self)
            head.say(title)
            grid.addWidget(head, 0, number)
            for row, name in enumerate(names, start=1):
                grid.addLayout(self._cell(name), row, number)
        last = len(COLUMNS[0][1]) + 1
        for number, name in enumerate(WIDE):
            grid.addLayout(self._cell(name), last, number, 1, 1 if number == 0 else len(COLUMNS) - 1)

    def _cell(self, name: str) -> QVBoxLayout:
        names = ("confirm_updates", "confirm_of") if name == "confirm" else (name,)
        caption = QLabel("Confirmed by" if name == "confirm" else FIELDS[name], self)
        caption.setFont(face(SMALL))
        caption.setProperty("tone", "muted")
        self._captions[names[0]] = caption
        complaint = ElidedLabel(face(SMALL), self)
        complaint.setMinimumHeight(15)
        self.complaints[names[0]] = complaint
        row = QHBoxLayout()
        row.setSpacing(6)
        for place, one in enumerate(names):
            if place:
                row.addWidget(QLabel("of the last", self))
            row.addWidget(self.fields[one], 1)
        if name == "line" or names[-1] in UNITS:
            unit = self._unit if name == "line" else QLabel(UNITS[names[-1]], self)
            unit.setProperty("tone", "muted")
            row.addWidget(unit)
        cell = QVBoxLayout()
        cell.setSpacing(1)
        cell.addWidget(caption)
        cell.addLayout(row)
        cell.addWidget(complaint)
        return cell

    def _field(self, name: str) -> Field:
        if name not in CHOSEN | OFFERED:
            line = QLineEdit(self)
            line.setPlaceholderText(HINTS.get(name, ""))
            line.setAccessibleName(FIELDS[name])
            return line
        box = QComboBox(self)
        box.setAccessibleName(FIELDS[name])
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.setMinimumHeight(27)  # as high as the line edits beside it
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel over a passing pointer changes nothing
        if name in OFFERED:
            typed = QLineEdit(box)
            typed.setPlaceholderText(HINTS.get(name, ""))
            box.setLineEdit(typed)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self._typed[name] = typed
        if name == "measure":
            for measure in Measure:
                box.addItem(measure.caption, measure.value)
        if name == "severity":
            for severity in Severity:
                box.addItem(severity.value, severity.value)
        return box

    def _text(self, name: str) -> str:
        field = self.fields[name]
        if isinstance(field, QLineEdit):
            return field.text()
        return str(field.currentData()) if name in CHOSEN else field.currentText()

    def _put(self, name: str, text: str) -> None:
        field = self.fields[name]
        if isinstance(field, QLineEdit):
            field.setText(text)
        elif name in CHOSEN:
            field.setCurrentIndex(field.findData(text))
        else:
            field.setEditText(text)

    def _note(self, name: str) -> None:
        """Follow one edit: the choices that depend on it, and the id while nobody wrote one."""
        if self._is_filling:
            return
        self._touched.add(name)
        self._is_filling = True
        if name in ("measure", "scope"):
            self._offer()
        if name == "id":
            self._own_id = True
        if name == "name" and not self._own_id and self.fields["id"].isEnabled():
            self._put("id", slug(self._text("name")))
        self._is_filling = False
        self.edited.emit()

    def _offer(self) -> None:
        """Offer the scopes, members and details that fit the measure; what was chosen stays if it may."""
        texts = self.texts()
        measure = measure_of(texts) or Measure.VAR
        scopes = self._refill("scope")
        for kind in measure.scopes:
            scopes.addItem(
                "book" if kind is ScopeKind.BOOK else f"by {kind.value.replace('_', ' ')}", kind.value
            )
        scopes.setCurrentIndex(max(scopes.findData(texts["scope"]), 0))
        kind = scope_of(self.texts())
        members = self._refill("member")
        members.addItems(["", *members_of(kind, self._snapshot)])
        members.setEditText("" if kind is ScopeKind.BOOK else texts["member"])
        details = self._refill("detail")
        choices = details_of(measure, kind, self._snapshot)
        details.addItems(["", *choices])
        has_detail = measure in DETAIL_CAPTIONS
        details.setEditText(texts["detail"] if has_detail else "")
        needs_one = measure in (Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION)
        self._typed["detail"].setPlaceholderText("" if needs_one or not choices else choices[0])
        details.setVisible(has_detail)
        self._captions["detail"].setText(DETAIL_CAPTIONS.get(measure, ""))
        members.setVisible(kind is not ScopeKind.BOOK)
        self._captions["member"].setText("" if kind is ScopeKind.BOOK else FIELDS["member"])
        self._unit.setText(unit_words(measure.unit, self._snapshot.base_currency))
        floor = "breaks below it" if measure.is_floor else "breaks above it"
        self._captions["line"].setText(f"Line: {floor}")

    def _refill(self, name: str) -> QComboBox:
        box = self._boxes[name]
        box.clear()
        return box


def slug(name: str) -> str:
    """Return an id made of a name: small letters and digits, the rest hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:ID_LENGTH].rstrip("-")
