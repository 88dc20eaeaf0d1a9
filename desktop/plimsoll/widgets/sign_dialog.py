"""A signature: a name, a PIN where the desk has one, and a reason where one is needed."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.person import Right
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, TITLE, bold, face

WIDTH = 540


@dataclass(frozen=True, slots=True)
class SignRequest:
    """What is to be signed.

    Attributes
    ----------
    title, words : str
        What it is, and what the signature does.
    button : str
        What the button says.
    right : Right or None
        What the person has to have the right to; None for anybody.
    but : str
        Who may not: the one who asked for it.
    needs_reason : bool
        Whether a reason is written.
    """

    title: str
    words: str
    button: str
    right: Right | None = None
    but: str = ""
    needs_reason: bool = False


class SignRow(QWidget):
    """A name and a PIN; without a people file the account alone, and no PIN.

    Signals
    -------
    edited()
        A name was chosen or a PIN typed.
    """

    edited = Signal()

    def __init__(
        self, sign: PeopleSign, right: Right | None = None, *, but: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sign, self._right, self._but = sign, right, but
        self._asks_for_pin = sign.asks_for_pin
        self.name = QComboBox(self)
        self.name.setAccessibleName("Name")
        self.name.addItems(list(sign.names(right, but=but)))
        place = self.name.findText(sign.account)
        self.name.setCurrentIndex(max(place, 0))
        self.pin = QLineEdit(self)
        self.pin.setAccessibleName("PIN")
        self.pin.setPlaceholderText("PIN")
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setMaximumWidth(140)
        self.pin.setVisible(self._asks_for_pin)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("Signed by", self))
        row.addWidget(self.name)
        row.addWidget(self.pin)
        row.addStretch(1)
        self.name.currentTextChanged.connect(self.edited)
        self.pin.textChanged.connect(self.edited)

    @property
    def person(self) -> str:
        """Who signs."""
        return self.name.currentText()

    @property
    def is_filled_in(self) -> bool:
        """Whether a name is chosen and a PIN typed where one is asked for."""
        return bool(self.person) and (bool(self.pin.text()) or not self._asks_for_pin)

    def why_not(self) -> str:
        """Return why the signature does not count, empty if it does; the PIN is forgotten either way."""
        pin = self.pin.text()
        self.pin.clear()
        return self._sign.why_not(self.person, pin, self._right, but=self._but)


class SignDialog(QDialog):
    """Asks one person to sign one thing; no stray key signs, and a refusal loses nothing but the PIN.

    Signals
    -------
    signed(str, str)
        Who signed, and the reason.
    """

    signed = Signal(str, str)

    def __init__(self, sign: PeopleSign, request: SignRequest, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._request = request
        self.setModal(False)
        self.setWindowTitle(request.title)
        self.setAccessibleName(request.title)
        self.row = SignRow(sign, request.right, but=request.but, parent=self)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText(f"Why, in at least {SHORTEST_REASON} characters")
        self.reason.setVisible(request.needs_reason)
        self.words = ToneLabel(face(SMALL), self)
        self.words.setWordWrap(True)
        self.button = DeliberateButton(request.button, "primary", self)
        self._arming = Arming(self, (self.button,))
        self._nobody = sign.why_nobody(request.right, but=request.but)
        self.row.setEnabled(not self._nobody)
        self._lay_out()
        self.row.edited.connect(self._weigh)
        self.reason.textChanged.connect(self._weigh)
        self.button.decided.connect(self._sign_it)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.button.click)
        if self._nobody:
            self._say(self._nobody, "loss")
        self._weigh()
        self._fit()

    def show_refusal(self, reason: str) -> None:
        """Show why the desk refused what was signed."""
        self._say(reason, "loss")
        self._arming.restart()
        self._weigh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a stray Enter signs nothing
            return
        super().keyPressEvent(event)

    def _lay_out(self) -> None:
        title = ToneLabel(bold(TITLE), self)
        title.say(self._request.title)
        what = ToneLabel(face(BODY), self)
        what.setWordWrap(True)
        what.say(self._request.words)
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        for widget in (title, what, self.row, self.reason, self.words):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(foot)

    def _say(self, words: str, tone: str) -> None:
        self.words.say(words, tone)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the words need: a wrapped label does not ask for it by itself."""
        layout = self.layout()
        if layout is not None:
            self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))

    @Slot()
    def _weigh(self) -> None:
        is_long = len(self.reason.text().strip()) >= SHORTEST_REASON
        has_reason = is_long or not self._request.needs_reason
        self.button.setEnabled(not self._nobody and has_reason and self.row.is_filled_in)
        self.button.setToolTip("" if has_reason else f"A reason of {SHORTEST_REASON} characters is needed.")

    @Slot()
    def _sign_it(self) -> None:
        person = self.row.person
        refusal = self.row.why_not()
        if refusal:
            self.show_refusal(refusal)
            return
        self._say("Signed; waiting for the desk's answer.", "muted")
        self.signed.emit(person, self.reason.text().strip())
