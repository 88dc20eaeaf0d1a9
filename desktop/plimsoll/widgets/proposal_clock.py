"""A proposal's time: the ring of its countdown where it acts by itself, else for how long it is good."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.proposal import Proposal
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

RING = 42
WIDTH = 4.5


class ProposalClock(QWidget):
    """Shows nothing for a proposal about which nothing can be decided any more."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = _Ring(theme, self)
        self.words = ToneLabel(bold(), self)
        self._below = ToneLabel(face(SMALL), self, tone="muted")
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(self.words)
        lines.addWidget(self._below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._ring)
        row.addLayout(lines)
        self.hide()

    def show_at(self, standing: ProposalStanding | None, now_ns: int) -> None:
        """Show how much time a proposal has left at an instant of the desk's clock."""
        is_open = standing is not None and not standing.state.is_end
        self.setVisible(is_open)
        if standing is None or not is_open:
            return
        proposal = standing.proposal
        if proposal.executes_ns and standing.state is ProposalState.OPEN:
            self._show_countdown(proposal, now_ns)
        else:
            self._show_validity(proposal, now_ns)
        self.setToolTip(proposal.what_happens_at_zero)
        self.setAccessibleDescription(f"{self.words.text()}. {proposal.what_happens_at_zero}")

    def _show_countdown(self, proposal: Proposal, now_ns: int) -> None:
        left_s = max((proposal.executes_ns - now_ns) / NS_PER_S, 0.0)
        whole_s = (proposal.executes_ns - proposal.made_ns) / NS_PER_S
        self._ring.show_left(left_s, whole_s, Meaning.OVER)
        self.words.say(f"Executes in {whole_seconds(left_s)} s" if left_s else "Executes now", "over")
        self._below.say("unless you override or reject")

    def _show_validity(self, proposal: Proposal, now_ns: int) -> None:
        left_s = max((proposal.expires_ns - now_ns) / NS_PER_S, 0.0)
        whole_s = (proposal.expires_ns - proposal.made_ns) / NS_PER_S
        self._ring.show_left(left_s, whole_s, Meaning.PLAIN)
        self.words.say(f"Good for {whole_seconds(left_s)} s" if left_s else "Has expired", "")
        self._below.say("nothing happens by itself" if left_s else "to be worked out again")


class _Ring(QWidget):
    """What is left, as a number within a ring that runs out."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown = (0, 0, Meaning.PLAIN)
        self.setFixedSize(RING, RING)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(RING, RING)

    def show_left(self, left_s: float, whole_s: float, meaning: Meaning) -> None:
        """Show the seconds that are left of so many; painted only where the picture is another."""
        share = min(left_s / whole_s, 1.0) if whole_s > 0.0 else 0.0
        shown = (whole_seconds(left_s), round(share * 360 * 16), meaning)
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        seconds, span, meaning = self._shown
        colours = self._theme.colours
        box = QRectF(self.rect()).adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.rule), WIDTH))
        painter.drawEllipse(box)
        painter.setPen(QPen(QColor(colours.fill(meaning)), WIDTH))
        painter.drawArc(box, 90 * 16, span)
        painter.setFont(bold(SMALL))
        painter.setPen(QColor(colours.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(seconds))
        painter.end()


def whole_seconds(left_s: float) -> int:
    """Return the seconds to show: 0 only once nothing is left."""
    return int(-(-left_s // 1))
