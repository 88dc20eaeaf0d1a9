"""The worst window of a history, found by looking at every one, and the gap no window contains."""

import math

import numpy as np
import pytest

from plimsoll.risk import stressed_period as module
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.stressed_period import gap_add_on, stressed_es, stressed_var, stressed_window
from plimsoll.risk.value_at_risk import historical_var

HISTORY = np.random.default_rng(2).standard_t(4, size=700)
HISTORY[330:420] *= 4.0


@pytest.mark.parametrize(("measure", "figure"), [("es", historical_es), ("var", historical_var)])
@pytest.mark.parametrize("confidence", [0.975, 0.99])
def test_that_no_other_window_is_worse(measure: str, figure: object, confidence: float) -> None:
    found = stressed_window(HISTORY, confidence=confidence, measure=measure)
    every = [figure(HISTORY[first : first + 250], confidence=confidence) for first in range(451)]
    assert getattr(found, measure) == pytest.approx(max(every), rel=1e-12)
    assert found.first == int(np.argmax(np.round(every, 9)))
    assert found.last == found.first + 249
    assert found.n_windows == 451


def test_that_the_storm_is_inside_the_window() -> None:
    found = stressed_window(HISTORY, confidence=0.975)
    assert found.first <= 345
    assert found.last >= 400
    assert found.es > 2 * historical_es(HISTORY[:250], confidence=0.975)


def test_that_the_two_short_forms_are_the_window() -> None:
    by_var = stressed_window(HISTORY, confidence=0.99, measure="var")
    assert stressed_var(HISTORY, confidence=0.99) == by_var.var
    assert stressed_es(HISTORY, confidence=0.99) == stressed_window(HISTORY, confidence=0.99).es


def test_that_a_long_history_is_searched_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stressed_window(HISTORY, confidence=0.99)
    monkeypatch.setattr(module, "_CHUNK", 1_000)
    assert stressed_window(HISTORY, confidence=0.99) == whole


def test_that_of_equal_windows_the_earliest_is_named() -> None:
    found = stressed_window(np.tile([-5.0, 1.0, 1.0, 1.0], 5), confidence=0.75, window_days=4)
    assert found.first == 0


def test_that_a_history_shorter_than_the_window_is_refused() -> None:
    with pytest.raises(InsufficientHistory, match="had 249 days, expected at least 250"):
        stressed_window(HISTORY[:249], confidence=0.99)


def test_that_a_window_without_a_tail_is_refused() -> None:
    with pytest.raises(InsufficientHistory, match="expected at least 100"):
        stressed_window(HISTORY, confidence=0.99, window_days=99)


@pytest.mark.parametrize("wrong", [{"measure": "median"}, {"window_days": 0}, {"confidence": 0.3}])
def test_that_an_option_without_meaning_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OutOfRange, match=f"{next(iter(wrong))} was"):
        stressed_window(HISTORY, **{"confidence": 0.99, **wrong})


def test_that_the_gap_of_the_worst_name_is_added() -> None:
    found = gap_add_on([1e6, 2e5, -3e5], fall_fraction=[0.2, 0.5, 0.1], rise_fraction=[1.0, 1.0, 0.6])
    assert found.losses == pytest.approx([200_000, 100_000, 180_000])
    assert (found.add_on, found.names) == (200_000, (0,))


def test_that_what_the_var_holds_already_is_not_counted_twice() -> None:
    found = gap_add_on([1e6, 2e5], fall_fraction=0.2, standalone_var=[190_000, 1e9], n_names=2)
    assert (found.add_on, found.names) == (pytest.approx(10_000), (0,))


def test_that_several_names_may_gap_at_once() -> None:
    found = gap_add_on([1.0, 3.0, 2.0], fall_fraction=1.0, n_names=2)
    assert (found.add_on, found.names) == (5.0, (1, 2))


def test_that_an_empty_book_has_no_gap() -> None:
    assert gap_add_on([], fall_fraction=0.2).add_on == 0.0


def test_that_gaps_without_meaning_are_refused() -> None:
    with pytest.raises(OutOfRange, match="n_names"):
        gap_add_on([1.0], fall_fraction=0.2, n_names=0)
    with pytest.raises(OutOfRange, match="fall_fraction held"):
        gap_add_on([1.0], fall_fraction=-0.2)
    with pytest.raises(ShapeMismatch, match="rise_fraction had shape"):
        gap_add_on([1.0], fall_fraction=0.2, rise_fraction=[0.1, 0.2])
    with pytest.raises(NotFinite):
        gap_add_on([1.0], fall_fraction=math.nan)
