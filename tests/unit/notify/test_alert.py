import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.limit import Severity, Unit
from plimsoll.notify.alert import LONGEST_LINE, MOST_NAMED, alert_about, plain, trial_alert, written


def about(*breaches, level=0):
    return alert_about(breaches, cause_id="C-1", level=level, currency="USD", source="live host")


def test_that_an_alert_says_what_broke_by_how_much_and_from_which_feed(breach) -> None:
    alert = about(breach(7))
    assert alert.title == "CRITICAL: VaR 95 %"
    assert alert.text.splitlines() == [
        "CRITICAL: VaR 95 %",
        "",
        "B-0007  VaR 95 %: VaR 412,380 USD, limit 400,000 USD",
        "",
        "Source: live host",
    ]


def test_that_the_gravest_of_a_cause_gives_the_title_and_the_rest_are_counted(breach) -> None:
    alert = about(breach(1, severity=Severity.MEDIUM, name="small"), breach(2, name="large"))
    assert alert.title == "CRITICAL: large and 1 more"
    assert alert.severity is Severity.CRITICAL
    assert alert.breach_ids == ("B-0001", "B-0002")


def test_that_a_thousand_breaches_are_one_message_that_can_be_read(breach) -> None:
    alert = about(*(breach(number) for number in range(1000)))
    assert len(alert.lines) == MOST_NAMED + 1
    assert alert.lines[-1] == "… and 980 more of the same cause."
    assert len(alert.breach_ids) == 1000


def test_that_an_escalation_says_that_nobody_has_acknowledged(breach) -> None:
    first, second = about(breach()), about(breach(), level=2)
    assert "still not acknowledged, level 2" in second.title
    assert first.alert_id != second.alert_id


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (412_380.4, Unit.MONEY, "412,380 USD"),
        (0.0175, Unit.FRACTION, "1.75 %"),
        (1.834, Unit.RATIO, "1.83x"),
        (0.0712, Unit.INDEX, "0.071"),
    ],
)
def test_that_a_figure_is_written_in_the_unit_of_its_limit(value: float, unit: Unit, text: str) -> None:
    assert written(value, unit, "USD") == text


@given(st.text())
def test_that_no_name_from_a_file_breaks_out_of_its_line(name: str) -> None:
    line = plain(name)
    assert len(line) <= LONGEST_LINE
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in line)


def test_that_a_trial_says_that_no_limit_is_broken() -> None:
    alert = trial_alert(person="ana", now_ns=5, source="demo")
    assert alert.is_test
    assert "no limit is broken" in alert.title
    assert "ana" in alert.text
