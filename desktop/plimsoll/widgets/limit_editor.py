"""Add, change or remove a limit, or let another stand in for it: what would happen is seen beforehand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from plimsoll.bridge.limit_draft import FIELDS, LimitDraft, draft_of, texts_of
from plimsoll.bridge.limit_outlook import Outlook, outlook_of, value_now
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.desk_request import LimitChangeAsked
from plimsoll.domain.limit import Limit, Severity
from plimsoll.domain.limit_change import LOOSENING_DELAY_S
from plimsoll.domain.person import Right
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.limit_form import LimitForm
from plimsoll.widgets.sign_dialog import SignRow
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

FULL_USE = 1.25  # use at the right end of the bar: the line stands at four fifths of it


class Task(StrEnum):
    """What the editor is open for."""

    ADD = "Add a limit"
    CHANGE = "Change the limit"
    STAND_IN = "A temporary limit for"
    REMOVE = "Remove the limit"


BUTTONS = {
    Task.ADD: "Add limit",
    Task.CHANGE: "Change limit",
    Task.STAND_IN: "Add temporary limit",
    Task.REMOVE: "Remove limit",
}
TO_LOOSEN = "Ask for it: it waits"
GIVEN = {
    Task.ADD: ("stands_in_for",),
    Task.CHANGE: ("id", "stands_in_for"),
    Task.STAND_IN: ("measure", "detail", "scope", "member", "stands_in_for"),
    Task.REMOVE: tuple(FIELDS),
}


class UseBar(QWidget):
    """The use of the line being typed, with the line across it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._use = math.nan
        self.setFixedHeight(16)
        self.setAccessibleName("Use now")
        theme.changed.connect(self.update)

    def show_use(self, use: float) -> None:
        """Show a use; NaN shows none."""
        if use != self._use:
            self._use = use
            self.setAccessibleDescription(formats.use(use))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.rule))
        middle = self.height() / 2
        painter.drawRoundedRect(QRectF(0, middle - 3, self.width(), 6), 3, 3)
        if not math.isnan(self._use):
            painter.setBrush(QColor(colours.fill(meaning_of_use(self._use))))
            width = max(self.width() * min(self._use / FULL_USE, 1.0), 3.0)
            painter.drawRoundedRect(QRectF(0, middle - 3, width, 6), 3, 3)
        painter.setPen(QPen(QColor(colours.text), 2))
        line = self.width() / FULL_USE
        painter.drawLine(int(line), int(middle - 7), int(line), int(middle + 7))
        painter.end()


class LimitEditor(QDialog):
    """Enter, Space and Esc never ask for anything; what the desk refuses stays as it was typed.

    Signals
    -------
    asked(LimitChangeAsked)
        A person asks for the change; the answer comes to `show_taken` or `show_refusal`.

    Parameters
    ----------
    theme : Theme
        The look.
    snapshot : RiskSnapshot
        The figures of now.
    known : Mapping
        The limits there are, by id.
    sign : PeopleSign
        Who signs.
    task : Task
        What it is open for.
    limit : Limit or None
        Which limit is changed, removed or stood in for; None to add one.
    make_id : callable
        Returns an id for a request that nobody has used.
    delay_s : float
        How long a loosening waits.
    """

    asked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        snapshot: RiskSnapshot,
        known: Mapping[str, Limit],
        sign: PeopleSign,
        *,
        task: Task,
        limit: Limit | None = None,
        make_id: Callable[[], str],
        delay_s: float = LOOSENING_DELAY_S,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._snapshot, self._known, self._sign = snapshot, known, sign
        self._task, self._make_id, self._delay_s = task, make_id, delay_s
        self._before = limit if task in (Task.CHANGE, Task.REMOVE) else None
        self._draft = LimitDraft(None)
        self._outlook: Outlook | None = None
        self._asked: LimitChangeAsked | None = None
        self._may_lose = False
        self._asks_for_pin = sign.asks_for_pin
        self.setModal(False)
        title = task.value if limit is None else f"{task.value}: {limit.name}"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.resize(1120, 600)
        self.form = LimitForm(snapshot, self)
        self.bar = UseBar(theme, self)
        self.use_words = ToneLabel(face(BODY), self)
        self.what_happens = ToneLabel(bold(BODY), self)
        self.what_happens.setWordWrap(True)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText(f"Why, in at least {SHORTEST_REASON} characters: the journal keeps it")
        self.sign_row = SignRow(sign, Right.LOOSEN, parent=self)
        self.answer = ToneLabel(face(SMALL), self)
        self.answer.setWordWrap(True)
        self.button = DeliberateButton(BUTTONS[task], "grave" if task is Task.REMOVE else "primary", self)
        self._arming = Arming(self, (self.button,))
        self._lay_out()
        self.form.show_texts(_first_texts(task, limit, known))
        self._first = self.form.texts()
        self.form.freeze(GIVEN[task])
        self.form.edited.connect(self._weigh)
        self.reason.textChanged.connect(self._tell_button)
        self.sign_row.edited.connect(self._tell_button)
        self.button.decided.connect(self._ask)
        # A chord of its own, as in the breach dialog: it acts only while the button is armed.
        QShortcut(QKeySequence("Ctrl+Return"), self, self.button.click)
        self._weigh()

    @property
    def is_changed(self) -> bool:
        """Whether closing would lose something typed."""
        return self._asked is None and (self.form.texts() != self._first or bool(self.reason.text().strip()))

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Follow the figures: the use now, and the time at which a loosening would act."""
        self._snapshot = snapshot
        self._show_use()
        self._look_ahead()

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

    def _lay_out(self) -> None:
        use = QHBoxLayout()
        use.setSpacing(12)
        use.addWidget(self.bar)
        use.addWidget(self.use_words, 1)
        outlook = QFrame(self)
        outlook.setProperty("surface", "panel")
        inside = QVBoxLayout(outlook)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(6)
        inside.addLayout(use)
        inside.addWidget(self.what_happens)
        lose = ToneLabel(face(BODY), self)
        lose.say("Typed and not asked for: closing loses it.")
        self._leave = self._line(
            "alarm",
            lose,
            self._quiet("Close without asking", self._lose),
            self._quiet("Keep editing", self._stay),
        )
        self._leave.hide()
        body = QVBoxLayout()
        body.setContentsMargins(18, 14, 18, 12)
        body.setSpacing(10)
        body.addWidget(self.form)
        body.addStretch(1)
        body.addWidget(outlook)
        body.addWidget(self.reason)
        body.addWidget(self.sign_row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(self._leave)
        column.addWidget(self._line("foot", self.answer, self._quiet("Close", self.close), self.button))

    def _line(self, surface: str, words: QWidget, *others: QWidget) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", surface)
        row = QHBoxLayout(frame)
        row.setContentsMargins(18, 8, 18, 8)
        row.addWidget(words, 1)
        for widget in others:
            row.addWidget(widget)
        return frame

    def _quiet(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    @Slot()
    def _weigh(self) -> None:
        is_new = self._task in (Task.ADD, Task.STAND_IN)
        if self._task is Task.REMOVE:
            self._draft = LimitDraft(self._before)
        else:
            self._draft = draft_of(self.form.texts(), self._known, is_new=is_new)
        self.form.show_complaints(self._draft.complaints)
        self._show_use()
        self._look_ahead()

    def _show_use(self) -> None:
        limit = self._draft.limit
        if limit is None:
            self.bar.show_use(math.nan)
            self.use_words.say("The use now is shown as soon as every field is right.", "muted")
            return
        value, member = value_now(limit, self._snapshot)
        use = limit.use_of(value) if not math.isnan(value) else math.nan
        self.bar.show_use(use)
        if math.isnan(use):
            words = "The use now is not known here: the desk works it out once the limit stands."
            self.use_words.say(words, "muted")
            return
        unit, currency = limit.measure.unit, self._snapshot.base_currency
        is_over = meaning_of_use(use) is Meaning.OVER
        at = f" ({member})" if member and not limit.scope.member else ""
        words = (
            f"Use now would be {formats.use(use)}: {formats.in_unit(value, unit, currency)}{at} "
            f"against a line of {formats.in_unit(limit.line, unit, currency)}"
        )
        self.use_words.say(f"{words}. It would break." if is_over else f"{words}.", "over" if is_over else "")

    def _look_ahead(self) -> None:
        after = None if self._task is Task.REMOVE else self._draft.limit
        if after is None and self._task is not Task.REMOVE:
            self._outlook = None
            n_wrong = len(self._draft.complaints)
            self.what_happens.say(f"{n_wrong} {'field is' if n_wrong == 1 else 'fields are'} not right yet.")
        else:
            now_ns = self._snapshot.received_time_ns
            when = minute_words(now_ns + round(self._delay_s * NS_PER_S))
            self._outlook = outlook_of(self._before, after, self._known, now_ns, when, self._delay_s)
            self.what_happens.say(self._outlook.words)
        self._tell_button()

    @property
    def _waits(self) -> bool:
        return self._outlook is not None and self._outlook.waits

    @Slot()
    def _tell_button(self) -> None:
        text = TO_LOOSEN if self._waits else BUTTONS[self._task]
        if text != self.button.text():  # it would do something else now
            self.button.setText(text)
            self._arming.restart()
        needs_pin = self._waits and self._asks_for_pin
        self.sign_row.setVisible(needs_pin)
        self.button.setToolTip(self._why_not_yet(needs_pin=needs_pin))
        self.button.setEnabled(not self.button.toolTip() and self._asked is None)

    def _why_not_yet(self, *, needs_pin: bool) -> str:
        if self._outlook is None:
            return "A field is not right yet"
        if self._task is not Task.REMOVE and self._draft.limit == self._before:
            return "Nothing would change"
        if len(self.reason.text().strip()) < SHORTEST_REASON:
            return f"A reason of at least {SHORTEST_REASON} characters is needed"
        return "A name and a PIN are needed" if needs_pin and not self.sign_row.is_filled_in else ""

    @Slot()
    def _ask(self) -> None:
        person = self._sign.account
        if self._waits and self._asks_for_pin:
            person = self.sign_row.person
            refusal = self.sign_row.why_not()
            if refusal:
                self._refuse(refusal)
                return
        after = None if self._task is Task.REMOVE else self._draft.limit
        named = self._before if self._before is not None else after
        if named is None:
            return
        self._asked = LimitChangeAsked(
            self._make_id(), named.limit_id, after, person, self.reason.text().strip()
        )
        self.answer.say("Asked; waiting for the desk's answer.", "muted")
        self._tell_button()
        self.asked.emit(self._asked)

    def _refuse(self, reason: str) -> None:
        self.answer.say(f"Refused: {reason}", "loss")
        self._arming.restart()
        self._tell_button()

    @Slot()
    def _stay(self) -> None:
        self._leave.hide()

    @Slot()
    def _lose(self) -> None:
        self._may_lose = True
        self.close()


def _first_texts(task: Task, limit: Limit | None, known: Mapping[str, Limit]) -> dict[str, str]:
    """Return what the form says first: the limit as it stands, or a twin of it for a while."""
    if limit is None:
        defaults = dict.fromkeys(FIELDS, "")
        return defaults | {
            "measure": "var", "scope": "book", "severity": Severity.HIGH.value, "warning_fraction": "80",
            "reset_fraction": "95", "confirm_updates": "1", "confirm_of": "1", "confirm_s": "0",
            "cool_down_s": "60",
        }  # fmt: skip
    if task is not Task.STAND_IN:
        return texts_of(limit)
    number = next(n for n in range(1, len(known) + 2) if f"{limit.limit_id[:30]}-tmp{n}" not in known)
    twin = replace(
        limit,
        limit_id=f"{limit.limit_id[:30]}-tmp{number}",
        name=f"{limit.name}, temporary",
        stands_in_for=limit.limit_id,
    )
    return texts_of(twin)
