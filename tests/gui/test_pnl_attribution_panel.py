"""Each day's three P&Ls stand side by side, judged by the regulator's zones and by the jury's VaR."""

from collections.abc import Iterator

import numpy as np
import pytest
import shiboken6

from plimsoll.domain.backtest_result import BacktestResult, Lamp, MethodBacktest
from plimsoll.domain.pnl_record import PnlRecord
from plimsoll.widgets.pnl_attribution_panel import PnlAttributionPanel
from plimsoll.widgets.theme import Theme

HYPOTHETICAL = np.linspace(-300.0, 300.0, 31)


def record() -> PnlRecord:
    nothing = np.zeros(31)
    return PnlRecord(
        np.arange(18_000, 18_031),
        HYPOTHETICAL - 15.0,
        nothing,
        nothing,
        HYPOTHETICAL,
        HYPOTHETICAL + 1.0,
        "green",
        1.0,
        0.03,
        "31 days",
    )


def backtest() -> BacktestResult:
    days = np.arange(17_990, 18_026)
    line = np.full(len(days), 290.0)
    blank = (0, 0.0, Lamp.GREEN, "", "", "", 1.0, (), 0.0, 0.0, 1.0, 0, "")
    method = MethodBacktest("historical", line, line, line > 0.0, *blank)
    return BacktestResult("", days, line, (method,), var_confidence=0.95)


@pytest.fixture
def panel(theme: Theme) -> Iterator[PnlAttributionPanel]:
    made = PnlAttributionPanel(theme)
    yield made
    shiboken6.delete(made)


def test_that_the_zone_is_said_with_its_figures_and_the_newest_day_leads(panel: PnlAttributionPanel) -> None:
    panel.show_record(record(), "USD")
    assert panel.zone.text() == "P&L attribution: green"
    assert "Spearman 1.00" in panel.words.text()
    assert panel.table.item(0, 0).text() == "2019-05-14"
    assert panel.table.item(0, 1).text() == "$285"
    assert panel.table.item(0, 7).text() == "—"


def test_that_days_beyond_the_jurys_var_are_counted(panel: PnlAttributionPanel) -> None:
    panel.show_record(record(), "USD")
    panel.show_backtest(backtest())
    assert "2 of 26 days lost more than it" in panel.foot.text()
    assert panel.table.item(30, 8).text() == "actual, hypothetical"
    assert panel.table.item(29, 8).text() == "actual"
    panel.show_backtest(BacktestResult("history was short"))
    assert "history was short" in panel.foot.text()


def test_that_an_unknown_attribution_says_why(panel: PnlAttributionPanel) -> None:
    panel.show_record(PnlRecord(words="3 days"), "USD")
    assert panel.zone.text() == "P&L attribution: unknown"
    assert panel.words.text() == "3 days"
    assert panel.table.rowCount() == 0
