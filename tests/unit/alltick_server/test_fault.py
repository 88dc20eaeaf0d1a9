"""Faults on demand: what can be switched, and how often it strikes."""

from typing import Any

import pytest

from plimsoll.alltick_server.fault import OCCASIONS, SHARES, SWITCHES, Faults, UnknownFault
from plimsoll.alltick_server.frame import PLAIN, Wording


def test_that_all_faults_are_off_at_first_and_after_clearing() -> None:
    faults = Faults()
    for name in SHARES | SWITCHES | OCCASIONS:
        faults.switch(name)
    assert faults.disturbs_pushes
    faults.clear()
    assert faults == Faults()
    assert faults.reworded(PLAIN) == PLAIN


def test_that_an_occasion_strikes_as_often_as_it_was_asked_to() -> None:
    faults = Faults()
    faults.switch("refuse_429", times=2)
    assert [faults.strikes("refuse_429") for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "value"), [("gremlins", {}), ("late", {"share": 1.5}), ("cut", {"times": -1})]
)
def test_that_what_cannot_be_is_refused(name: str, value: dict[str, Any]) -> None:
    with pytest.raises(UnknownFault, match="expected"):
        Faults().switch(name, **value)


def test_that_spellings_are_laid_over_the_servers_own() -> None:
    faults = Faults()
    for name in ("strings", "second_stamps", "zero_asks", "empty_strings", "missing_turnover"):
        faults.switch(name)
    assert faults.reworded(Wording(fx_volume="given")) == Wording(
        "strings",
        "s",
        fx_volume="given",
        has_empty_strings=True,
        has_no_turnover=True,
        gone_sides=frozenset({"asks"}),
    )
