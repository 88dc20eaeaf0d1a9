"""F1: a few sentences on the panel in use."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import TITLE, bold

BOOK = """Start plimsoll with your own files: plimsoll --portfolio positions.csv --limits limits.toml.
plimsoll check-portfolio positions.csv names every line it cannot read and what it expected.
The sample beside the program shows the columns."""
HELP = {
    "Positions": """Every position of the book. Click a header to sort by value; Ctrl+F filters by
symbol, name, sector or class; a right click chooses columns and copies rows. The
last column says how old a price is. A dash is a figure that cannot be known; it is
never taken for nought.""",
    "Limits": """Every limit with its line, how much of it is used and where it stands: within, near
from 75 %, close from 90 %, over. Unknown is never fine: the reason stands beside
it.""",
    "Gauges": """Water rises in the hull as a measure nears its limit. The circle with the bar is the
load line. A hatched hull is a figure that is not known yet. A frame at the upper
right warns of poor data.""",
    "Breaches": """Every limit that is broken. Review opens the evidence; Acknowledge says that you
have seen it; Snooze hides the dialog for a while, never the breach. Overriding
needs the dialog and a reason.""",
    "Equity": """Net asset value with its high-water mark, and the drawdown from it with its limit,
both followed at every tick. The other tab shows what each day of history would do
to today's book.""",
    "Exposure": """Net weight of NAV by group, gross weight behind it, and the tightest limit as a
mark. HHI and the effective number of groups are computed on gross weights.""",
    "Risk contribution": """How much each position adds to the book's expected shortfall. Bars to the left
diversify: without them the shortfall would be larger. All bars together are the
whole.""",
    "Limits by use": """The limits that come next, the most used one first. Those that cannot be computed
lead.""",
}


class HelpCard(QDialog):
    """A small window with the help of one panel; it does not stand in anybody's way."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("Help")
        # On the window the help is about, which keeps the keyboard: Esc there closes the card all the same.
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), parent)
        escape.activated.connect(self.close)
        self.destroyed.connect(escape.deleteLater)
        self._title = ToneLabel(bold(TITLE), self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(400)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self._words)

    def show_help(self, title: str, words: str) -> None:
        """Show the help of a panel."""
        self._title.say(title)
        self._words.setText(words.replace("\n", " "))
        self.setAccessibleName(f"Help: {title}")
        self.setAccessibleDescription(words)
        self.adjustSize()
        self.show()
