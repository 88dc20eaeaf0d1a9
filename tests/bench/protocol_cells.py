"""Measures a protocol backtest of ten years and twenty instruments, and that it repeats to the cent."""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from plimsoll.broker.paper_rehearsal import rehearsal_broker
from plimsoll.domain.named_policy import compared_policies
from plimsoll.domain.protocol_result import ProtocolCourse
from plimsoll.domain.protocol_terms import ProtocolTerms
from plimsoll.domain.response_policy import BUILT_IN
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.human_desk import rehearsal_people
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.protocol_course import daily_course
from plimsoll.engine.protocol_market import ProtocolCase, protocol_case
from plimsoll.engine.study_book import study_book
from plimsoll.engine.study_history import study_history
from plimsoll.engine.universe import universe_of
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.limits_file import limits_from_file
from plimsoll.storage.portfolio_file import book_from_files

RESOURCES = Path(__file__).parents[2] / "resources"
TODAY, FIRST, LAST = 18_291, 14_613, 18_261  # 2020-01-30; 2010-01-04 to 2019-12-31
N_INSTRUMENTS = 20


def ten_years() -> ProtocolCase:
    """Return the sample book's first twenty positions that have a history, from 2010 on."""
    samples = RESOURCES / "samples"
    book, master = book_from_files(samples / "instruments.csv", samples / "positions.csv", "USD")
    universe = universe_of(book, master)
    history = study_history([bundled_history(RESOURCES / "market" / "closes.npz")], universe.codes, master)
    mark = history.closes[history.row_at(TODAY), : len(universe.codes)]
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    today = study_book(universe, ledger, mark)
    before = history.closes[history.row_at(FIRST - 1), : universe.n_held]
    kept = np.flatnonzero(np.isfinite(before))[:N_INSTRUMENTS]
    exposure = np.zeros(universe.n_held)
    exposure[kept] = today.exposure[kept]
    return protocol_case(
        replace(today, exposure=exposure),
        history,
        master,
        first_day=FIRST,
        last_day=LAST,
        window_days=500,
        base_currency="USD",
    )


def main() -> int:
    """Run ten years twice; return 1 if the runs differ in a cent."""
    case, terms = ten_years(), ProtocolTerms(FIRST, LAST)
    limits = limits_from_file(RESOURCES / "samples" / "limits.toml")
    rules = DeskRules(limits, policy=BUILT_IN, people=rehearsal_people())
    told_only = replace(rules, policy=compared_policies(BUILT_IN)[1].policy)
    took_s: list[float] = []
    told: list[float] = []

    def run(by: DeskRules) -> ProtocolCourse:
        began_s = time.perf_counter()
        course = daily_course(
            case,
            by,
            terms,
            rehearsal_broker(terms.costs, {}),
            policy="as set",
            seed=1,
            told=lambda _done, _of: told.append(time.perf_counter() - began_s),
        )
        took_s.append(time.perf_counter() - began_s)
        return course

    first, again, untouched = run(rules), run(rules), run(told_only)
    if first.seal != again.seal or first.equity.tobytes() != again.equity.tobytes():
        print("two runs of one seed differed", file=sys.stderr)
        return 1
    if not np.array_equal(untouched.equity.round(2), untouched.untouched.round(2)):
        print("a run that acts on nothing left the untouched book", file=sys.stderr)
        return 1
    n_days = case.market.n_run
    share = np.arange(1, n_days + 1) / n_days
    pace = np.array(told[:n_days]) / took_s[0]
    print(
        json.dumps(
            {
                "ten_years_s": min(took_s[:2]),
                "told_only_s": took_s[2],
                "n_days": n_days,
                "n_instruments": len(case.book.positions),
                "n_breaches": first.figures.n_breaches,
                "n_acted": first.figures.n_acted,
                # How far the progress told is from the time that has truly passed.
                "progress_off_fraction": float(np.abs(pace - share).max()),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
