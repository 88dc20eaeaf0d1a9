"""F1: a few sentences on the panel in use."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import TITLE, bold

BOOK = """Start plimsoll with your own files: plimsoll --portfolio positions.csv --limits limits.toml.
plimsoll check-portfolio positions.csv names every line it cannot read and what it expected.
Trades, cash and events (Ctrl+T) are entered or imported from there on; a first trade in something new is
followed at once. The samples beside the program show the columns."""
HELP = {
    "Positions": """Every position of the book. Click a header to sort by value; Ctrl+F filters by
symbol, name, sector or class; a right click chooses columns and copies rows. The last column says
how old a price is. A dash is a figure that cannot be known; it is never taken for nought.""",
    "Limits": """Every limit with its line, how much of it is used and where it stands: within, near
from 75 %, close from 90 %, over. Unknown is never fine: the reason stands beside it. A tightening
acts at once, a loosening after a day or when a second person signs. A limit that is not in force
keeps its row and says why. Ctrl+L adds one, Ctrl+Shift+L tries another line on the past, Ctrl+P
opens the response policy.""",
    "Alerts": """Everything that happened to breaches, in this session and before, with search and
export; each limit with how often it fires; incidents with their cause. Rewind (Ctrl+R) plays the
desk around a breach again in a window of its own.""",
    "Market": """The market under the figures. Liquidity: days to get out, spread, the cost of
leaving at once. Margin: an estimate by the rates built in, or by margin.toml. VaR and ES by every
method, those that disagree marked.""",
    "Stress by past crises": """Today's book through the crises of the past: path, deepest fall,
recovery, worst day, and who caused it. What did not exist then goes by a proxy, and that is said.
Press Run; it works in a process of its own.""",
    "Backtest of the VaR models": """Seven VaR models rolled out of sample over ten years, each with
its tests, its score, and a lamp that says what it rests on.""",
    "P&L attribution": """Actual, hypothetical and risk-theoretical P&L day by day, and whether the
model's days look like the book's. Days beyond the VaR are counted by actual P&L too.""",
    "Protocol backtest": """What acting on the limits would have brought: today's book led through
the past by the same engine, policy by policy, with people who answer late or not at all. Daily
closes, or the ticks this desk has kept. Nothing here reaches the desk itself.""",
    "Hypothetical stress": """A move of your own, and what it does to today's book, alone and with
what usually moves along. A scenario that is saved is repriced with the others and can be given a
limit.""",
    "Reverse stress": """The likeliest move that loses a given sum, how plausible it is, and when
history came near.""",
    "Stress matrix and detail": """Parts of the book down, scenarios across. A click shows what lies
behind a cell.""",
    "Sources of the history": """Where each position's history comes from: your own files first,
then AllTick's, then the bundled closes; how it was joined, and what stands in where there is none.""",
    "Scoreboard of decisions": """What each decision about a proposal was worth after an hour, a day
and five days, against doing nothing and against its plan, by rule and by person. What is not known
yet is not counted.""",
    "Gauges": """Water rises in the hull as a measure nears its limit. The circle with the bar is
the load line. A hatched hull is a figure that is not known yet. A frame at the upper right warns of
poor data.""",
    "Breaches": """Every limit that is broken. Review opens the evidence, the history of the rule
and the proposal: what to trade, what it costs, and every limit before and after. Approve only by
holding the button for a second; where the policy asks for two persons the second confirms with a
PIN. Orders go to the paper broker, and what became of them stands beneath. Acknowledge says that
you have seen it; Snooze hides the dialog for a while, never the breach. Overriding needs the dialog
and a reason.""",
    "Equity": """Net asset value with its high-water mark, and the drawdown from it with its limit,
both followed at every tick. The other tab shows what each day of history would do to today's book.""",
    "Exposure": """Net weight of NAV by group, gross weight behind it, and the tightest limit as a
mark. HHI and the effective number of groups are computed on gross weights.""",
    "Risk contribution": """How much each position adds to the book's expected shortfall. Bars to
the left diversify: without them the shortfall would be larger. All bars together are the whole.""",
    "Correlation": """How the book moves together: correlations, how much of the movement a few
causes explain (absorption ratio), how unusual today is (turbulence), and the pairs that moved apart
from their habit.""",
    "Limits by use": """The limits that come next, the most used one first. Those that cannot be
computed lead.""",
    "What breaks first": """For every limit the smallest plausible move that breaks it, in σ and in
prices, and when at today's pace. The nearest stands at the top.""",
    "Quick stress": """What each scenario would cost now, the worst first, repriced all the time.""",
    "Data quality": """A grade for each headline figure with its reasons: stale prices, proxies, few
scenarios, sampling error. What is graded too low may be proposed, and never acts alone.""",
}


def title_around(*widgets: QWidget | None) -> str:
    """Return which help speaks of the first of the widgets that stands, or is, in a panel with one."""
    for inner in widgets:
        widget = inner
        while widget is not None:
            if widget.accessibleName() in HELP:
                return widget.accessibleName()
            widget = widget.parentWidget()
    return "Positions"


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
