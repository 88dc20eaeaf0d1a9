"""The desk's Protocol page runs today's book through its past, by the limits and the policy in force."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.protocol_case import DRAWDOWN, METHOD, halve, rules_of
from fakes.study_case import MASTER, book_of, walk
from plimsoll import desk_studies
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.desk_studies import DeskStudies, StudySources
from plimsoll.domain.crisis_window import date_of, day_number
from plimsoll.domain.named_policy import AS_SET, TOLD_ONLY
from plimsoll.storage.protocol_shelf import kept_result
from plimsoll.widgets.main_window import MainWindow


@pytest.fixture
def studies(
    window: MainWindow, model: RiskModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeskStudies]:
    pools = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
    monkeypatch.setattr(desk_studies, "study_executor", lambda: pools[0])
    monkeypatch.setattr(desk_studies, "rehearsal_executor", lambda _cluster: pools[1])
    today = day_number(datetime.now(UTC).date())
    days = [day for day in range(today - 700, today) if date_of(day).weekday() < 5]
    lines = ["date,code,close"]
    for seed, code in enumerate(("A.US", "B.US")):
        prices = walk(seed, len(days), 0.015)
        lines += [f"{date_of(day)},{code},{price:.4f}" for day, price in zip(days, prices, strict=True)]
    closes = tmp_path / "closes.csv"
    closes.write_text("\n".join(lines))
    made = DeskStudies(
        window,
        model,
        StudySources(
            method=METHOD,
            codes=("A.US", "B.US", "EURUSD"),
            master=MASTER,
            base_currency="USD",
            history_file=tmp_path / "none.sqlite",
            source="test",
            finished_day_of=lambda _ns: 0,
            own_history=(closes,),
            rules=rules_of(replace(DRAWDOWN, line=0.02), policy=halve()),
            protocol_file=tmp_path / "protocol.json",
        ),
    )
    made.begin()
    yield made
    made.end()
    for pool in pools:
        pool.shutdown()


def test_that_a_run_fills_the_page_and_is_kept(
    qtbot, studies: DeskStudies, model: RiskModel, tmp_path: Path
) -> None:
    panel, job = studies._protocol_panel, studies._protocol._job
    panel.form.period.setCurrentIndex(0)
    panel.form.draws.setValue(0)
    with qtbot.waitSignal(model.study_book_asked):
        panel.bar.button.click()
    with qtbot.waitSignal(job.finished, timeout=40_000):
        model.study_book_made.emit(book_of({"A.US": 400_000.0, "B.US": 500_000.0}, nav=1_000_000.0))
    names = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    assert names == [AS_SET, TOLD_ONLY]
    assert panel.result.courses[0].figures.n_breaches
    kept = kept_result(tmp_path / "protocol.json")
    assert kept is not None
    assert kept.courses[0].seal == panel.result.courses[0].seal
