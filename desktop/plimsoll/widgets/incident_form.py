"""Where an incident is filed: its cause and its resolution from fixed lists, and the rest in words."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from plimsoll.domain.decision import SHORTEST_REASON
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import face


class IncidentForm(QWidget):
    """One line of choices; its button lives only once all three are given.

    Signals
    -------
    filed(IncidentCause, Resolution, str)
        A person meant it.
    """

    filed = Signal(object, object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ToneLabel(face(), self, tone="muted")
        self._words.say("Back under its line. File what happened, or close the window when you have seen it.")
        self.cause = QComboBox(self)
        self.cause.setAccessibleName("Cause")
        self.cause.addItem("Cause…", None)
        for cause in IncidentCause:
            self.cause.addItem(cause.caption, cause)
        self.resolution = QComboBox(self)
        self.resolution.setAccessibleName("Resolution")
        self.resolution.addItem("Resolution…", None)
        for resolution in Resolution:
            self.resolution.addItem(resolution.caption, resolution)
        self.comment = QLineEdit(self)
        self.comment.setAccessibleName("Comment")
        self.comment.setPlaceholderText(f"Comment (at least {SHORTEST_REASON} characters)")
        self.button = DeliberateButton("Close &incident", "primary", self)
        self.button.decided.connect(self._file)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.cause)
        row.addWidget(self.resolution)
        row.addWidget(self.comment, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._words)
        column.addLayout(row)
        self.cause.currentIndexChanged.connect(self._weigh)
        self.resolution.currentIndexChanged.connect(self._weigh)
        self.comment.textChanged.connect(self._weigh)
        self._weigh()

    def show_number(self, n_incidents: int) -> None:
        """Say how many incidents the button files."""
        text = f"Close {n_incidents} &incidents" if n_incidents > 1 else "Close &incident"
        if self.button.text() != text:
            self.button.setText(text)

    @Slot()
    def _weigh(self) -> None:
        is_whole = (
            self.cause.currentData() is not None
            and self.resolution.currentData() is not None
            and len(self.comment.text().strip()) >= SHORTEST_REASON
        )
        self.button.setEnabled(is_whole)
        self.button.setToolTip(
            "" if is_whole else "Choose a cause and a resolution, and say more in the comment"
        )

    @Slot()
    def _file(self) -> None:
        cause, resolution = IncidentCause(self.cause.currentData()), Resolution(self.resolution.currentData())
        self.filed.emit(cause, resolution, self.comment.text().strip())
