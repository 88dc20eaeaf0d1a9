"""A desk in a process of its own, on which breach dialogs rise while a trader types; it tells what it saw."""

import json
import sys
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from fakes.snapshot_maker import make_breaches, make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.engine.events import BreachRaised
from plimsoll.widgets.main_window import MainWindow

N_DIALOGS = 6


class Notes(QPlainTextEdit):
    """Where the trader is typing; counts the Enters and Spaces that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.n_enters = self.n_spaces = 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.n_enters += event.text() == "\r"
        self.n_spaces += event.text() == " "
        super().keyPressEvent(event)


class Scene(QObject):
    """Raises breaches on demand (a line on standard input), and tells what was decided."""

    def __init__(self) -> None:
        super().__init__()
        self.model = RiskModel("ana", is_demo=True)
        self.window = MainWindow(self.model, workspace_path=None, theme="night")
        self.notes = Notes()
        self.window.setCentralWidget(self.notes)
        self.decisions: list[str] = []
        self.n_raised = 0
        self.model.decision_made.connect(self.note_decision)
        self.model.take_snapshot(make_snapshot(breaches=make_breaches()))
        self.window.resize(1200, 760)
        self.window.show()
        self.window.activateWindow()
        self.notes.setFocus()
        self.raising = QTimer(self)
        self.raising.setInterval(400)
        self.raising.timeout.connect(self.raise_breach)
        self.told = QTimer(self)
        self.told.setInterval(50)
        self.told.timeout.connect(self.tell)
        self.told.start()

    @Slot(object)
    def note_decision(self, decision: object) -> None:
        self.decisions.append(repr(decision))

    @Slot()
    def raise_breach(self) -> None:
        if self.n_raised == N_DIALOGS:
            self.raising.stop()
            return
        self.n_raised += 1
        dialog = self.window.queue.dialog
        if dialog is not None:
            dialog.close()
        breach = make_breaches()[self.n_raised % 4]
        self.model.take_event(BreachRaised(replace(breach, breach_id=f"B-{self.n_raised}"), 0))

    @Slot()
    def tell(self) -> None:
        dialog = self.window.queue.dialog
        told = {
            "focused": self.notes.hasFocus() and self.window.isActiveWindow(),
            "enters": self.notes.n_enters,
            "spaces": self.notes.n_spaces,
            "raised": self.n_raised,
            "is_dialog_visible": dialog is not None and dialog.isVisible(),
            "decisions": self.decisions,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        if told["focused"] and not self.raising.isActive() and self.n_raised == 0:
            self.raising.start()


def main() -> None:
    application = QApplication(sys.argv)
    scene = Scene()
    application.exec()
    del scene


if __name__ == "__main__":
    main()
