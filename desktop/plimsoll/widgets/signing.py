"""Has a decision signed where the desk asks for PINs, and lets it pass where it does not."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach
from plimsoll.domain.person import Right
from plimsoll.widgets.sign_dialog import SignDialog, SignRequest

Act = Callable[[str], None]


class Signing(QObject):
    """One signature at a time over a window; what was to be signed is bound to the moment it was asked.

    Parameters
    ----------
    sign : PeopleSign
        Who may sign.
    window : QWidget
        Over which the signature is asked.
    """

    def __init__(self, sign: PeopleSign, window: QWidget) -> None:
        super().__init__(window)
        self.sign = sign
        self._window = window
        self._act: Act | None = None
        self.dialog: SignDialog | None = None

    def ask(self, request: SignRequest, act: Act, *, always: bool = False) -> None:
        """Have `act` called with the name that signed; at once where no PIN is asked for.

        With `always` the dialog opens in any case: a second person is never this session's by default.
        """
        if not always and not self.sign.asks_for_pin:
            act(self.sign.account)
            return
        self.drop()
        self._act = act
        self.dialog = SignDialog(self.sign, request, self._window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.signed.connect(self._take)
        self.dialog.finished.connect(self._forget)
        self.dialog.show()
        self.dialog.activateWindow()

    @Slot()
    def drop(self) -> None:
        """Take the question back: what would be signed is out of date."""
        self._act = None
        if self.dialog is not None:
            self.dialog.close()

    @Slot(str, str)
    def _take(self, person: str, _reason: str) -> None:
        act, self._act = self._act, None
        if self.dialog is not None:
            self.dialog.close()
        if act is not None:
            act(person)

    @Slot()
    def _forget(self) -> None:
        self.dialog = None


def acknowledgement(model: RiskModel, breaches: Sequence[Breach]) -> tuple[SignRequest, Act]:
    """Return what is signed to acknowledge breaches, and what carries it out."""
    words = f"You have seen {named(breaches)}. It stays open and counted."
    request = SignRequest("Acknowledge", words, "Acknowledge", Right.ACKNOWLEDGE)
    return request, _of_each(breaches, lambda breach_id, person: model.acknowledge(breach_id, person=person))


def snooze(model: RiskModel, breaches: Sequence[Breach], seconds: float) -> tuple[SignRequest, Act]:
    """Return what is signed to hide the window of breaches for a while, and what carries it out."""
    words = f"The window of {named(breaches)} comes back in {seconds / 60.0:.0f} minutes."
    request = SignRequest("Snooze", words, "Snooze", Right.ACKNOWLEDGE)
    return request, _of_each(
        breaches, lambda breach_id, person: model.snooze(breach_id, seconds, person=person)
    )


def overriding(model: RiskModel, breaches: Sequence[Breach], reason: str) -> tuple[SignRequest, Act]:
    """Return what is signed to let limits stay broken until the day roll, and what carries it out."""
    words = f"{named(breaches)} may stay broken until the next day roll: {reason}"
    request = SignRequest("Override", words, "Override", Right.OVERRIDE)
    return request, _of_each(
        breaches, lambda breach_id, person: model.override(breach_id, reason, person=person)
    )


def _of_each(breaches: Sequence[Breach], decide: Callable[[str, str], str]) -> Act:
    """Return what decides about each of these, by its id and in the name that signed."""

    def act(person: str) -> None:
        for breach in breaches:
            decide(breach.breach_id, person)

    return act


def named(breaches: Sequence[Breach]) -> str:
    """Return breaches in a word: the title of one, the number of many."""
    return breaches[0].title if len(breaches) == 1 else f"{len(breaches)} breaches"
