"""The trading state in the status strip: what may be sent at all, and the signed way to another state."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.desk_request import TradingStateAsked
from plimsoll.domain.trading_state import TradingState
from plimsoll.widgets.sign_dialog import SignDialog, SignRequest

WORDS = {
    TradingState.ACTIVE: "Every order passes that a person has approved, or the policy lets go alone.",
    TradingState.REDUCING: "Only orders pass that bring a position nearer to flat; none may add or flip.",
    TradingState.HALTED: "No order passes; cancels always do. What works at the broker goes on working.",
}


class TradingStateButton(QToolButton):
    """Shows the state and opens the menu of the others; each asks for a signature and a reason.

    Signals
    -------
    signing_opened(SignDialog)
        A signature is asked for.
    """

    signing_opened = Signal(object)

    def __init__(self, model: RiskModel, sign: PeopleSign, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._sign = sign
        self._signing: SignDialog | None = None
        self._asked: TradingStateAsked | None = None
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for state in TradingState:
            action = menu.addAction(f"{state.value}: {WORDS[state][0].lower()}{WORDS[state][1:]}")
            action.triggered.connect(lambda _checked=False, state=state: self.ask_for(state))
        self.setMenu(menu)
        model.trading_state_changed.connect(self.show_state)
        model.request_taken.connect(self._take)
        model.request_rejected.connect(self._refuse)
        self.show_state(model.trading_state)

    @Slot(object)
    def show_state(self, state: TradingState) -> None:
        """Show what is in force."""
        self.setText(state.value)
        self.setProperty("tone", "" if state is TradingState.ACTIVE else "grave")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setToolTip(f"Trading is {state.value}. {WORDS[state]}")
        self.setAccessibleName(f"Trading state {state.value}")

    def ask_for(self, state: TradingState) -> None:
        """Ask for a signature under another state."""
        if self._signing is not None:
            self._signing.raise_()
            return
        request = SignRequest(
            f"Put trading to {state.value}",
            WORDS[state],
            f"Sign: {state.value}",
            needs_reason=True,
        )
        dialog = self._signing = SignDialog(self._sign, request, self.window())
        dialog.signed.connect(lambda person, reason: self._ask(TradingStateAsked(state, person, reason)))
        dialog.finished.connect(self._forget)
        dialog.show()
        self.signing_opened.emit(dialog)

    def _ask(self, request: TradingStateAsked) -> None:
        self._asked = request
        self._model.ask(request)

    @Slot(object)
    def _take(self, request: object) -> None:
        if request is self._asked and self._signing is not None:
            self._signing.close()

    @Slot(object, str)
    def _refuse(self, request: object, reason: str) -> None:
        if request is self._asked and self._signing is not None:
            self._signing.show_refusal(reason)

    @Slot()
    def _forget(self) -> None:
        if self._signing is not None:
            self._signing.deleteLater()
        self._signing = None
