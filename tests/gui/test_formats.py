import math

import pytest

from fakes.snapshot_maker import make_instruments
from plimsoll.domain.limit import Unit
from plimsoll.widgets import formats

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "written"),
    [(-186240.4, "−$186,240"), (412380, "$412,380"), (0.2, "$0"), (-0.2, "$0"), (NAN, "—")],
)
def test_that_money_has_a_true_minus_its_currency_and_separators(value: float, written: str) -> None:
    assert formats.money(value, "USD") == written


def test_that_a_currency_without_a_symbol_is_written_by_its_code() -> None:
    assert formats.money(1200, "SEK") == "SEK\u00a01,200"


def test_that_a_gain_can_carry_its_sign_but_nought_never_does() -> None:
    assert formats.number(5.0, plus=True) == "+5"
    assert formats.number(0.0, plus=True) == "0"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (412380.0, Unit.MONEY, "$412,380"),
        (0.0175, Unit.FRACTION, "1.75\u00a0%"),
        (1.83, Unit.RATIO, "1.83×"),
        (0.1434, Unit.INDEX, "0.143"),
        (NAN, Unit.MONEY, "—"),
        (NAN, Unit.FRACTION, "—"),
        (NAN, Unit.RATIO, "—"),
        (NAN, Unit.INDEX, "—"),
    ],
)
def test_that_a_measure_is_written_in_its_unit_and_unknown_as_a_dash(
    value: float, unit: Unit, written: str
) -> None:
    assert formats.in_unit(value, unit, "USD") == written


@pytest.mark.parametrize(
    ("code", "value", "written"),
    [
        ("EURUSD", 1.08432, "1.08432"),
        ("USDJPY", 154.2134, "154.213"),
        ("AAPL.US", 228.1, "228.10"),
        ("BTCUSDT", 67120.5, "67,120.50"),
        ("ETHUSDT", 0.1234, "0.1234"),
        ("ETHUSDT", 0.000123, "0.000123"),
        ("USOIL", -37.63, "−37.63"),
    ],
)
def test_that_a_price_has_the_digits_its_market_quotes(code: str, value: float, written: str) -> None:
    instrument = next(item for item in make_instruments(24) if item.code == code)
    assert formats.price(value, instrument) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.41, "0.4 s"), (9.96, "10 s"), (38, "38 s"), (180, "3 min"), (7200, "2 h"), (NAN, "—")],
)
def test_that_an_age_is_written_in_the_unit_a_person_would_use(seconds: float, written: str) -> None:
    assert formats.age(seconds).replace("\u00a0", " ") == written


@pytest.mark.parametrize(("value", "written"), [(4200.0, "4,200"), (14.5, "14.5"), (-0.123456, "−0.1235")])
def test_that_a_quantity_has_no_noughts_it_does_not_need(value: float, written: str) -> None:
    assert formats.quantity(value) == written


def test_that_a_replayed_instant_is_told_as_new_york_reads_it() -> None:
    assert formats.market_instant(1_582_554_600_000_000_000) == "Mon 24 Feb 2020 09:30"


@pytest.mark.parametrize(
    ("value", "written"),
    [(24_918_402, "$24.92M"), (-186_240, "−$186k"), (2.5e9, "$2.50B"), (12, "$12"), (NAN, "—")],
)
def test_that_money_on_an_axis_is_short(value: float, written: str) -> None:
    assert formats.short_money(value, "USD") == written
