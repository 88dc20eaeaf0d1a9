"""The settings of a protocol backtest in two rows: period, policies, people, costs and draws."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from plimsoll.domain.named_policy import NamedPolicy, compared_policies
from plimsoll.domain.protocol_terms import CostModel, HumanModel, ProtocolTerms
from plimsoll.domain.response_policy import ResponsePolicy

PERIODS = (
    ("last year", 1.0),
    ("last 2 years", 2.0),
    ("last 5 years", 5.0),
    ("last 10 years", 10.0),
    ("last 20 years", 20.0),
    ("the ticks kept", 0.0),
)
DAYS_A_YEAR = 365.25
FEW, ALL = "my policy, and told only", "all policies"
N_FEW = 2


class ProtocolForm(QWidget):
    """What to assume; nothing typed here reaches the desk itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Settings of the protocol backtest")
        default = ProtocolTerms(0, 0)
        human, costs = default.human, default.costs
        self.period = self._box("Period", [words for words, _ in PERIODS], 1)
        self.policies = self._box("Policies to compare", [FEW, ALL], 0)
        self.median = self._number("Median reaction", "answers in ", " s", human.median_s, 7_200)
        self.absent = self._share("Absent", "absent ", human.absent_fraction)
        self.override = self._share("Overridden", "overrides ", human.override_fraction)
        self.reject = self._share("Rejected", "rejects ", human.reject_fraction)
        self.spread = self._number("Spread", "spread ", " bp", costs.spread_fraction * 1e4, 500)
        self.fee = self._number("Fee", "fee ", " bp", costs.fee_fraction * 1e4, 100)
        self.draws = self._number("Draws of people and of histories", "", " draws", default.n_humans, 200)
        self.seed = self._number("Seed", "seed ", "", default.seed, 1_000_000)
        self.draws.setToolTip(
            "So often each policy is tried with other draws of the people, and so often with histories made "
            "of blocks of the real one."
        )
        self.seed.setToolTip("The same seed gives the same result to the cent.")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 2)
        column.setSpacing(4)
        # Two rows: they fit beside the book on a small screen.
        for fields in (
            (self.period, self.policies, self.draws, self.seed),
            (self.median, self.absent, self.override, self.reject, self.spread, self.fee),
        ):
            row = QHBoxLayout()
            row.setSpacing(6)
            for field in fields:
                row.addWidget(field)
            row.addStretch(1)
            column.addLayout(row)
        self.override.valueChanged.connect(self._fit)
        self.reject.valueChanged.connect(self._fit)
        self._fit()

    @property
    def wants_ticks(self) -> bool:
        """Whether the ticks that the desk kept shall be heard, and not the closes of a period."""
        return not PERIODS[self.period.currentIndex()][1]

    def terms(self, last_day: int) -> ProtocolTerms:
        """Return what is to be assumed, for a period that ends with a day."""
        years = PERIODS[self.period.currentIndex()][1]
        return ProtocolTerms(
            first_day=last_day - int(years * DAYS_A_YEAR),
            last_day=last_day,
            human=HumanModel(
                median_s=float(self.median.value()),
                absent_fraction=self.absent.value() / 100.0,
                override_fraction=self.override.value() / 100.0,
                reject_fraction=self.reject.value() / 100.0,
            ),
            costs=CostModel(self.spread.value() / 1e4, self.fee.value() / 1e4),
            n_humans=max(self.draws.value(), 1),
            n_histories=self.draws.value(),
            seed=self.seed.value(),
        )

    def policies_of(self, own: ResponsePolicy) -> tuple[NamedPolicy, ...]:
        """Return the policies to compare, the desk's own first."""
        every = compared_policies(own)
        return every if self.policies.currentText() == ALL else every[:N_FEW]

    def _fit(self) -> None:
        """Keep what is overridden and what is rejected within all that is seen."""
        self.override.setMaximum(100 - self.reject.value())
        self.reject.setMaximum(100 - self.override.value())

    def _box(self, name: str, values: list[str], chosen: int) -> QComboBox:
        box = QComboBox(self)
        box.addItems(values)
        box.setCurrentIndex(chosen)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return box

    def _share(self, name: str, prefix: str, value: float) -> QSpinBox:
        return self._number(name, prefix, " %", value * 100.0, 100)

    def _number(self, name: str, prefix: str, suffix: str, value: float, most: int) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(0, most)
        field.setValue(round(value))
        field.setPrefix(prefix)
        field.setSuffix(suffix)
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return field
