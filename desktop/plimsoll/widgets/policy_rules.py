"""The rules of the policy in their order: the first that speaks of a limit decides."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from plimsoll.domain.limit import Measure, Severity
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.policy_form import choice_box
from plimsoll.widgets.typeface import SMALL, face

ANY_LIMIT, ANY_SEVERITY, ANY_MEASURE = "any limit", "any severity", "any measure"
UP, DOWN, REMOVE = "Up", "Down", "Remove"
SIGNS = {UP: "↑", DOWN: "↓", REMOVE: "×"}
WIDTH, MOST_LETTERS = 184, 14
WIDEST = {"limit": 112, "severity": 100, "response": 120}
Texts = Mapping[str, str]


class MeasureButton(QToolButton):
    """Chooses measures from a menu; none means any.

    Signals
    -------
    chosen()
        Another choice was made.
    """

    chosen = Signal()

    def __init__(self, measures: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Measures")
        self.setFixedWidth(WIDTH)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        wanted = {part.strip() for part in measures.split(",")}
        self._menu = QMenu(self)
        for measure in Measure:
            action = self._menu.addAction(measure.caption)
            action.setCheckable(True)
            action.setChecked(measure.value in wanted)
            action.setData(measure.value)
            action.toggled.connect(self._tell)
        self.setMenu(self._menu)
        self._say()

    @property
    def text_of_file(self) -> str:
        """The measures as the file names them, with commas between."""
        return ", ".join(str(action.data()) for action in self._menu.actions() if action.isChecked())

    @Slot()
    def _tell(self) -> None:
        self._say()
        self.chosen.emit()

    def _say(self) -> None:
        words = [action.text() for action in self._menu.actions() if action.isChecked()]
        more = f" + {len(words) - 1}" if len(words) > 1 else ""
        first = words[0] if words else ANY_MEASURE
        short = first if len(first) <= MOST_LETTERS or not more else f"{first[:MOST_LETTERS].rstrip()}…"
        self.setText(f"{short}{more} ▾")
        self.setToolTip(", ".join(words))


class PolicyRules(QWidget):
    """One line a rule; whatever is pressed or chosen in one is told as an edit.

    Signals
    -------
    edited()
        A rule was added, removed, moved or changed.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit_ids: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self.lines: list[RuleLine] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        inside = QWidget(self)
        inside.setLayout(self._column)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def texts(self) -> list[dict[str, str]]:
        """Return each rule as the texts of its fields, the first first."""
        return [line.texts() for line in self.lines]

    def show_rules(self, rules: Sequence[Texts], limit_ids: Sequence[str], names: Sequence[str]) -> None:
        """Show these rules instead, with these limits and responses to choose from; that is no edit."""
        self._limit_ids, self._names = tuple(limit_ids), tuple(names)
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()  # it is deleted only when the event that led here is over
            line.deleteLater()
        self.lines = []
        for number, texts in enumerate(rules):
            line = RuleLine(number, texts, self._limit_ids, self._names, self)
            line.edited.connect(self.edited)
            line.act_wanted.connect(self._act)
            self._column.insertWidget(number, line)
            self.lines.append(line)

    def offer_names(self, names: Sequence[str], *, was: str = "", now: str = "") -> None:
        """Offer other responses; a rule that led to one since renamed leads to it under its new name."""
        if tuple(names) != self._names:
            rules = self.texts()
            for texts in rules:
                if texts["response"] == was and was not in names:
                    texts["response"] = now
            self.show_rules(rules, self._limit_ids, names)

    def show_complaints(self, complaints: Mapping[tuple[int, str], str]) -> None:
        """Show at each rule what it should have held."""
        for number, line in enumerate(self.lines):
            words = [expected for (place, _), expected in complaints.items() if place == number]
            line.complaint.say(words[0] if words else "")
            line.complaint.setVisible(bool(words))

    @Slot()
    def add(self) -> None:
        """Add a rule at the end: the last word about what no other speaks of."""
        first = self._names[0] if self._names else ""
        self._show_anew([*self.texts(), {"limit": "", "severity": "", "measures": "", "response": first}])

    @Slot(int, str)
    def _act(self, number: int, act: str) -> None:
        rules = self.texts()
        rule = rules.pop(number)
        if act != REMOVE:
            place = number - 1 if act == UP else number + 1
            rules.insert(max(place, 0), rule)
        self._show_anew(rules)

    def _show_anew(self, rules: Sequence[Texts]) -> None:
        self.show_rules(rules, self._limit_ids, self._names)
        self.edited.emit()


class RuleLine(QWidget):
    """One rule: of which limits it speaks, and to which response it leads.

    Signals
    -------
    edited()
        Something else was chosen.
    act_wanted(int, str)
        Its number, and UP, DOWN or REMOVE.
    """

    edited = Signal()
    act_wanted = Signal(int, str)

    def __init__(
        self, number: int, texts: Texts, limit_ids: Sequence[str], names: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._number = number
        limits = dict.fromkeys((*limit_ids, *filter(None, (texts["limit"],))))
        self.limit = choice_box("Limit", ((ANY_LIMIT, ""), *((name, name) for name in limits)), self)
        severities = ((severity.value, severity.value) for severity in Severity)
        self.severity = choice_box("Severity", ((ANY_SEVERITY, ""), *severities), self)
        self.measures = MeasureButton(texts["measures"], self)
        responses = dict.fromkeys((*names, texts["response"]))
        self.response = choice_box("Response", tuple((name, name) for name in responses), self)
        self.complaint = ElidedLabel(face(SMALL), self)
        self.complaint.setProperty("tone", "loss")
        self.complaint.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(QLabel(f"{number + 1}.", self))
        for box, text in ((self.limit, "limit"), (self.severity, "severity")):
            box.setCurrentIndex(max(box.findData(texts[text]), 0))
            row.addWidget(box)
        row.addWidget(self.measures)
        row.addWidget(QLabel("→", self))
        self.response.setCurrentIndex(max(self.response.findData(texts["response"]), 0))
        row.addWidget(self.response)
        row.addStretch(1)
        for act in (UP, DOWN, REMOVE):
            row.addWidget(self._button(act))
        for name, box in (("limit", self.limit), ("severity", self.severity), ("response", self.response)):
            box.setMaximumWidth(WIDEST[name])
            box.currentIndexChanged.connect(self.edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(row)
        column.addWidget(self.complaint)
        self.measures.chosen.connect(self.edited)

    def texts(self) -> dict[str, str]:
        """Return the rule as the texts of its fields."""
        return {
            "limit": str(self.limit.currentData()),
            "severity": str(self.severity.currentData()),
            "measures": self.measures.text_of_file,
            "response": str(self.response.currentData()),
        }

    def _button(self, act: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(SIGNS[act])
        button.setToolTip(act)
        button.setFixedWidth(26)
        button.setAccessibleName(f"{act}: rule {self._number + 1}")
        button.clicked.connect(lambda: self.act_wanted.emit(self._number, act))
        return button
