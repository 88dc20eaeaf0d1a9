"""The kill switch: a button in the strip, and the dialog where a typed word halts, cancels and flattens."""

from decimal import Decimal

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.kill_preview import KillPreview, preview_of, scopes_of
from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.kill import WHOLE_BOOK, KillRow, KillScope, KillStep
from plimsoll.domain.order import Order
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.kill_progress import KillProgress
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, TITLE, bold, face

HALT, FLATTEN, DRILL, RELEASE = "HALT", "FLATTEN", "DRILL", "RELEASE"
REFRESH_MS = 1_000
DOES = (
    "It halts first: no order of the chosen scope passes any more, not even after a restart, until a person "
    "releases it. Then it cancels what works there and says so only by the broker's word. With the tick it "
    "then closes, at the market, what the broker holds."
)
DOES_NOT = (
    "It does not: reach orders placed outside this account · undo fills that are on their way, which still "
    "count · promise a price, or any price while a market is closed · cancel or close anything at another "
    "broker · release itself. If it cannot verify a step it says NOT verified: then call the broker."
)


class KillSwitch(DeliberateButton):
    """The button in the status strip; it only opens the dialog, and shows when trading is halted.

    Signals
    -------
    dialog_wanted()
        A person meant it; its chord is Ctrl+Shift+K, registered by the window.
    """

    dialog_wanted = Signal()

    def __init__(self, broker: BrokerModel, parent: QWidget | None = None) -> None:
        super().__init__("Kill switch…", "grave", parent)
        self._broker = broker
        self.setAccessibleName("Kill switch")
        self.arm(True)  # it opens a dialog that decides nothing by itself
        self.decided.connect(self.dialog_wanted)
        broker.broker_changed.connect(self.show_state)
        self.show_state()

    @Slot()
    def show_state(self) -> None:
        """Show what is halted."""
        halts = self._broker.halts
        self.setText("HALTED…" if halts else "Kill switch…")
        told = "\n".join(f"{row.request.scope.words}: HALTED by {row.request.person}" for row in halts)
        self.setToolTip(told or "Halt, cancel and, if you say so, flatten (Ctrl+Shift+K)")
        self.setAccessibleDescription(told or "nothing is halted")


class KillDialog(QDialog):
    """Preview, typed confirmation, progress. No key acts but the chord of an armed button; Esc does nothing.

    Signals
    -------
    put_aside()
        It was closed; a kill under way goes on.
    """

    put_aside = Signal()

    def __init__(self, broker: BrokerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._broker = broker
        self._snapshot: RiskSnapshot | None = None
        self._kill_id = ""
        self.setModal(False)
        self.setWindowTitle("Kill switch")
        self.setAccessibleName("Kill switch")
        self.resize(760, 640)
        self._make_controls()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        broker.broker_changed.connect(self._refresh)
        broker.kill_told.connect(self._take_row)
        self._offer_scopes()
        self._change_what_it_would_do()
        self._timer.start()
        broker.ask_positions()

    @property
    def scope(self) -> KillScope:
        """What is chosen."""
        chosen = self.scope_box.currentData()
        return chosen if isinstance(chosen, KillScope) else WHOLE_BOOK

    @property
    def word(self) -> str:
        """What must be typed for what is chosen."""
        if self.drill_box.isChecked():
            return DRILL
        return FLATTEN if self.flatten_box.isChecked() else HALT

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Take the values of what would be closed; the newest there is serves when the engine hangs."""
        is_first = self._snapshot is None
        self._snapshot = snapshot
        if is_first:
            self._offer_scopes()
            self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # QDialog would close on Esc and press a default button on Enter.
        event.accept()

    def reject(self) -> None:
        """Do nothing: Esc never puts away what somebody may be looking for in a hurry."""

    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        event.accept()
        self.put_aside.emit()

    def _make_controls(self) -> None:
        self.scope_box = QComboBox(self)
        self.scope_box.setAccessibleName("Scope")
        self.flatten_box = QCheckBox("&Flatten afterwards: close at the market what the broker holds", self)
        self.drill_box = QCheckBox("&Drill: write everything down, send nothing", self)
        self.preview = QListWidget(self)
        self.preview.setAccessibleName("What would be cancelled and closed")
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.summary = ToneLabel(bold(BODY), self)
        self.summary.setWordWrap(True)
        self.word_field = QLineEdit(self)
        self.word_field.setAccessibleName("Confirmation")
        self.reason_field = QLineEdit(self)
        self.reason_field.setAccessibleName("Reason")
        self.kill_button = DeliberateButton("", "grave", self)
        self.release_button = DeliberateButton("&Release the halt", parent=self)
        self.close_button = DeliberateButton("&Close window", parent=self)
        self.progress = KillProgress(self)
        self._arming = Arming(self, (self.kill_button, self.release_button, self.close_button))
        self.scope_box.currentIndexChanged.connect(self._change_what_it_would_do)
        self.flatten_box.toggled.connect(self._change_what_it_would_do)
        self.drill_box.toggled.connect(self._change_what_it_would_do)
        self.word_field.textChanged.connect(self._weigh)
        self.reason_field.textChanged.connect(self._weigh)
        self.kill_button.decided.connect(self._press)
        self.release_button.decided.connect(self._release)
        self.close_button.decided.connect(self.close)

    def _lay_out(self) -> None:
        self._title = ToneLabel(bold(TITLE), self)
        does, does_not = ToneLabel(face(BODY), self), ToneLabel(face(BODY), self, tone="muted")
        for label, text in ((does, DOES), (does_not, DOES_NOT)):
            label.setWordWrap(True)
            label.say(text)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(9)
        for widget in (self._title, does, self.scope_box, self.flatten_box, self.drill_box, self.summary):
            column.addWidget(widget)
        column.addWidget(self.preview, 1)
        column.addWidget(does_not)
        column.addWidget(self.progress)
        fields, buttons = QHBoxLayout(), QHBoxLayout()
        fields.addWidget(self.word_field, 1)
        fields.addWidget(self.reason_field, 1)
        buttons.addWidget(self.close_button)
        buttons.addStretch(1)
        buttons.addWidget(self.release_button)
        buttons.addWidget(self.kill_button)
        column.addLayout(fields)
        column.addLayout(buttons)

    def _offer_scopes(self) -> None:
        chosen = self.scope.words
        self.scope_box.blockSignals(True)
        self.scope_box.clear()
        for scope in scopes_of(self._broker, self._snapshot):
            self.scope_box.addItem(scope.words[:1].upper() + scope.words[1:], scope)
            if scope.words == chosen:
                self.scope_box.setCurrentIndex(self.scope_box.count() - 1)
        self.scope_box.blockSignals(False)

    @Slot()
    def _change_what_it_would_do(self) -> None:
        """Another choice must be typed and armed for anew: what the buttons would do has changed."""
        self.word_field.clear()
        self._arming.restart()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if self.scope_box.count() <= 1:
            self._offer_scopes()
        found = preview_of(self._broker, self._snapshot, self.scope)
        self.summary.say(self._told(found))
        lines = _lines(found) if self.flatten_box.isChecked() else _lines(found)[: len(found.orders)]
        if lines != [self.preview.item(row).text() for row in range(self.preview.count())]:
            self.preview.clear()
            self.preview.addItems(lines)
        halts = self._broker.halts
        self._title.say(
            "HALTED: " + "; ".join(f"{row.request.scope.words} by {row.request.person}" for row in halts)
            if halts
            else "Kill switch: nothing is halted",
            "over" if halts else "",
        )
        text = {HALT: "&Halt and cancel", FLATTEN: "&Halt, cancel and flatten", DRILL: "&Hold the drill"}
        if self.kill_button.text() != text[self.word]:
            self.kill_button.setText(text[self.word])
        self._weigh()

    def _told(self, found: KillPreview) -> str:
        connection = self._broker.connection
        told = [] if connection.is_open else [f"THE BROKER CANNOT BE REACHED ({connection.words})."]
        told.append(f"Orders to cancel: {len(found.orders)}.")
        if self.flatten_box.isChecked():
            if found.closings is None:
                told.append("The broker has not told yet what is held.")
            else:
                gross = formats.money(found.gross_base, found.currency)
                age = formats.age(found.age_s)
                more = f" and {found.n_unvalued} of unknown value" if found.n_unvalued else ""
                told.append(
                    f"Positions to close: {len(found.closings)}, {gross} gross{more}; told {age} ago."
                )
        return " ".join(told)

    @Slot()
    def _weigh(self) -> None:
        typed, reason = self.word_field.text(), self.reason_field.text().strip()
        halted = bool(self._releasable())
        self.word_field.setPlaceholderText(f"Type {self.word}" + (f" or {RELEASE}" if halted else ""))
        self.reason_field.setPlaceholderText(
            f"Reason (to release: at least {SHORTEST_REASON} characters)"
            if halted
            else "Reason, if there is time"
        )
        self.kill_button.setEnabled(typed == self.word)
        self.release_button.setVisible(halted)
        self.release_button.setEnabled(halted and typed == RELEASE and len(reason) >= SHORTEST_REASON)

    @Slot()
    def _press(self) -> None:
        if self.word_field.text() != self.word:
            return
        flattens, is_drill = self.flatten_box.isChecked(), self.drill_box.isChecked()
        self.progress.begin(flattens=flattens, is_drill=is_drill)
        self.word_field.clear()
        self._kill_id = self._broker.kill(
            self.scope, self.reason_field.text().strip(), flattens=flattens, is_drill=is_drill
        )

    @Slot()
    def _release(self) -> None:
        reason = self.reason_field.text().strip()
        for row in self._releasable():
            self._broker.release(row.request.kill_id, reason)
        self.word_field.clear()

    def _releasable(self) -> tuple[KillRow, ...]:
        """Return the halts that the chosen scope names: every one for the whole book."""
        is_all = self.scope.codes is None
        return tuple(row for row in self._broker.halts if is_all or row.request.scope == self.scope)

    @Slot(object)
    def _take_row(self, row: KillRow) -> None:
        is_this = row.request.kill_id == self._kill_id
        self.progress.take(row, is_this=is_this and row.step is not KillStep.RELEASED)


def _lines(found: KillPreview) -> list[str]:
    cancels = [f"cancel   {order.code}   {_signed(order.remaining)}{_at(order)}" for order in found.orders]
    closes = []
    for each in found.closings or ():
        side, size = "sell" if each.quantity > 0 else "buy", formats.quantity(abs(float(each.quantity)))
        value = formats.money(each.value_base, found.currency)
        closes.append(f"{side}   {each.code}   {size}   {value}")
    return cancels + closes


def _at(order: Order) -> str:
    return " at the market" if order.limit_price is None else f" at {order.limit_price:,f}"


def _signed(quantity: Decimal) -> str:
    digits = 0 if quantity == quantity.to_integral_value() else 4
    return formats.number(float(quantity), digits, plus=True)
