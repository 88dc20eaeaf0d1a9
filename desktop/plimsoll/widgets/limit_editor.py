"""Add, change or remove a limit, or let another stand in for it: what would happen is seen beforehand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.bridge.limit_draft import FIELDS, LimitDraft, draft_of, texts_of
from plimsoll.bridge.limit_outlook import Outlook, outlook_of, value_now
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.resting_limit import minute_words
from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.desk_request import LimitChangeAsked
from plimsoll.domain.limit import Limit, Severity
from plimsoll.domain.limit_change import LOOSENING_DELAY_S
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.asking_dialog import AskingDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.limit_form import LimitForm
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, bold, face

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


class LimitEditor(AskingDialog):
    """Asks for a `LimitChangeAsked`; its use and what would happen stand beneath the fields.

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
        title = task.value if limit is None else f"{task.value}: {limit.name}"
        tone = "grave" if task is Task.REMOVE else "primary"
        super().__init__(title, DeliberateButton(BUTTONS[task], tone), sign, parent)
        self._snapshot, self._known = snapshot, known
        self._task, self._make_id, self._delay_s = task, make_id, delay_s
        self._before = limit if task in (Task.CHANGE, Task.REMOVE) else None
        self._draft = LimitDraft(None)
        self._outlook: Outlook | None = None
        self.resize(1120, 600)
        self.form = LimitForm(snapshot, self)
        self.bar = UseBar(theme, self)
        self.use_words = ToneLabel(face(BODY), self)
        self.what_happens = ToneLabel(bold(BODY), self)
        self.what_happens.setWordWrap(True)
        self._lay_out()
        self.form.show_texts(_first_texts(task, limit, known))
        self._first = self.form.texts()
        self.form.freeze(GIVEN[task])
        self.form.edited.connect(self._weigh)
        self._weigh()

    @Slot(object)
    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Follow the figures: the use now, and the time at which a loosening would act."""
        self._snapshot = snapshot
        self._show_use()
        self._look_ahead()

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
        self.lay_out(self.form, None, outlook)

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
        self.tell_button()

    def has_edits(self) -> bool:
        return self.form.texts() != self._first

    def waits(self) -> bool:
        return self._outlook is not None and self._outlook.waits

    def button_text(self) -> str:
        return TO_LOOSEN if self.waits() else BUTTONS[self._task]

    def fault(self) -> str:
        if self._outlook is None:
            return "A field is not right yet"
        if self._task is not Task.REMOVE and self._draft.limit == self._before:
            return "Nothing would change"
        return ""

    def request(self, person: str, reason: str) -> LimitChangeAsked:
        after = None if self._task is Task.REMOVE else self._draft.limit
        named = self._before or after
        limit_id = named.limit_id if named is not None else ""
        return LimitChangeAsked(self._make_id(), limit_id, after, person, reason)


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
