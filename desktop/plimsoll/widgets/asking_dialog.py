"""A form that asks the desk for a change: with a reason, signed where it must be, never by a stray key."""

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.person import Right
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.sign_dialog import SignRow
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, face

WAITING_WORDS = "Asked; waiting for the desk's answer."


class AskingDialog(QDialog):
    """Enter, Space and Esc never ask for anything; what the desk refuses stays as it was typed.

    Signals
    -------
    asked(DeskRequest)
        A person asks for the change; the answer comes to `show_taken` or `show_refusal`.
    """

    asked = Signal(object)

    def __init__(
        self, title: str, button: DeliberateButton, sign: PeopleSign, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._sign = sign
        self._asks_for_pin = sign.asks_for_pin
        self._asked: object = None
        self._may_lose = False
        self.setModal(False)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.button = button

    @abstractmethod
    def has_edits(self) -> bool:
        """Tell whether anything was typed but the reason."""

    @abstractmethod
    def waits(self) -> bool:
        """Tell whether what is typed loosens, so that it has to be signed and waits."""

    @abstractmethod
    def fault(self) -> str:
        """Return why what is typed cannot be asked for yet; empty if it can."""

    @abstractmethod
    def button_text(self) -> str:
        """Return what the button would do now."""

    @abstractmethod
    def request(self, person: str, reason: str) -> object:
        """Return what is asked for."""

    @property
    def is_changed(self) -> bool:
        """Whether closing would lose something typed."""
        return self._asked is None and (self.has_edits() or bool(self.reason.text().strip()))

    @Slot(object)
    def show_taken(self, request: object) -> None:
        """Close if this was what the desk took."""
        if self._asked is not None and request == self._asked:
            self._may_lose = True
            self.close()

    @Slot(object, str)
    def show_refusal(self, request: object, reason: str) -> None:
        """Show why the desk refused; everything typed stands as it was."""
        if self._asked is None or request != self._asked:
            return
        self._asked = None
        self._refuse(reason)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.is_changed and not self._may_lose:
            self._leave.show()
            event.ignore()
            return
        event.accept()

    def reject(self) -> None:
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # Enter ends an edit; by itself it decides nothing
            return
        super().keyPressEvent(event)

    def lay_out(self, *parts: QWidget | QLayout | None) -> None:
        """Stand these one above the other, None for what gives; reason, signature and answer beneath.

        Called once, when those are made: the Tab key goes through a form in the order of making.
        """
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText(f"Why, in at least {SHORTEST_REASON} characters: the journal keeps it")
        self.sign_row = SignRow(self._sign, Right.LOOSEN, parent=self)
        self.answer = ToneLabel(face(SMALL), self)
        self.answer.setWordWrap(True)
        self.button.setParent(self)
        self._arming = Arming(self, (self.button,))
        self._leave = self._leaving()
        self.reason.textChanged.connect(self.tell_button)
        self.sign_row.edited.connect(self.tell_button)
        self.button.decided.connect(self._ask)
        # A chord of its own, as in the breach dialog: it acts only while the button is armed.
        QShortcut(QKeySequence("Ctrl+Return"), self, self.button.click)
        body = QVBoxLayout()
        body.setContentsMargins(18, 14, 18, 12)
        body.setSpacing(10)
        for part in (*parts, self.reason, self.sign_row):
            if part is None:
                body.addStretch(1)
            elif isinstance(part, QLayout):
                body.addLayout(part)
            else:
                body.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(self._leave)
        column.addWidget(self.line("foot", self.answer, self.quiet("Close", self.close), self.button))

    def show_above(self, widget: QWidget) -> None:
        """Show something above everything else."""
        column = self.layout()
        if isinstance(column, QVBoxLayout):
            column.insertWidget(0, widget)

    def line(self, surface: str, words: QWidget, *others: QWidget) -> QFrame:
        """Return words with buttons at their right."""
        frame = QFrame(self)
        frame.setProperty("surface", surface)
        row = QHBoxLayout(frame)
        row.setContentsMargins(18, 8, 18, 8)
        row.addWidget(words, 1)
        for widget in others:
            row.addWidget(widget)
        return frame

    def quiet(self, text: str, act: Callable[[], object]) -> QPushButton:
        """Return a button that decides nothing."""
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    @Slot()
    def tell_button(self) -> None:
        """Let the button and the signature say what asking would do now."""
        waits, text = self.waits(), self.button_text()
        if text != self.button.text():  # it would do something else now
            self.button.setText(text)
            self._arming.restart()
        needs_pin = waits and self._asks_for_pin
        self.sign_row.setVisible(needs_pin)
        self.button.setToolTip(self._why_not_yet(needs_pin=needs_pin))
        self.button.setEnabled(not self.button.toolTip() and self._asked is None)

    def _why_not_yet(self, *, needs_pin: bool) -> str:
        fault = self.fault()
        if fault:
            return fault
        if len(self.reason.text().strip()) < SHORTEST_REASON:
            return f"A reason of at least {SHORTEST_REASON} characters is needed"
        return "A name and a PIN are needed" if needs_pin and not self.sign_row.is_filled_in else ""

    @Slot()
    def _ask(self) -> None:
        person = self._sign.account
        if self.waits() and self._asks_for_pin:
            person = self.sign_row.person
            refusal = self.sign_row.why_not()
            if refusal:
                self._refuse(refusal)
                return
        self._asked = self.request(person, self.reason.text().strip())
        self.answer.say(WAITING_WORDS, "muted")
        self.tell_button()
        self.asked.emit(self._asked)

    def _refuse(self, reason: str) -> None:
        self.answer.say(f"Refused: {reason}", "loss")
        self._arming.restart()
        self.tell_button()

    def _leaving(self) -> QFrame:
        lose = ToneLabel(face(BODY), self)
        lose.say("Typed and not asked for: closing loses it.")
        frame = self.line(
            "alarm",
            lose,
            self.quiet("Close without asking", self._lose),
            self.quiet("Keep editing", self._stay),
        )
        frame.hide()
        return frame

    @Slot()
    def _stay(self) -> None:
        self._leave.hide()

    @Slot()
    def _lose(self) -> None:
        self._may_lose = True
        self.close()
