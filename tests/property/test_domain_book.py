from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from plimsoll.domain.book import Book
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import ZERO, Fill
from plimsoll.domain.tick import TickCounts

SHARE = Instrument("S", "share", AssetClass.EQUITY, "USD", Settlement.FUNDED, multiplier=1.0)
FUTURE = Instrument(
    "F", "future", AssetClass.COMMODITY, "EUR", Settlement.UNFUNDED, multiplier=50.0, may_be_negative=True
)
MASTER = {item.code: item for item in (SHARE, FUTURE)}
EMPTY = Book("desk", "USD", ())
# Few enough digits that every product fits the 28 digits of a Decimal: the laws are then exact.
QUANTITIES = st.integers(-10_000, 10_000).filter(bool).map(Decimal)
PRICES = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
FEES = st.integers(0, 1000).map(lambda cents: Decimal(cents) / 100)
CODES = st.sampled_from(sorted(MASTER))
FILLS = st.lists(st.builds(Fill, st.just("F1"), CODES, QUANTITIES, PRICES, FEES), max_size=12)
DUST = Decimal("1e-12")


def after(fills: list[Fill], book: Book = EMPTY) -> Book:
    for fill in fills:
        book = book.after_fill(fill, MASTER)
    return book


def flat(fills: list[Fill], prices: dict[str, Decimal]) -> Book:
    """Return the book after the fills and one more a code that closes what they left."""
    book = after(fills)
    closing = [
        Fill("C", held.code, -held.quantity, prices[held.code]) for held in book.positions if held.quantity
    ]
    return after(closing, book)


@given(FILLS, PRICES, PRICES)
def test_that_buying_then_selling_everything_leaves_nothing_but_the_cash_flows(
    fills: list[Fill], share: Decimal, future: Decimal
) -> None:
    prices = {"S": share, "F": future}
    book = flat(fills, prices)
    for held in book.positions:
        assert (held.quantity, held.cost, held.average_price) == (ZERO, ZERO, None)
        multiplier = Decimal(str(MASTER[held.code].multiplier))
        mine = [fill for fill in fills if fill.code == held.code]
        left = sum((fill.quantity for fill in mine), ZERO)
        paid = sum((fill.quantity * fill.price for fill in mine), ZERO) - left * prices[held.code]
        assert abs(held.realised + paid * multiplier) <= DUST
        assert held.fees == sum((fill.fee for fill in mine), ZERO)
        assert abs(book.cash_in(MASTER[held.code].currency) - (held.realised - held.fees)) <= DUST


@given(FILLS, CODES, QUANTITIES, PRICES, FEES, st.integers(1, 99))
def test_that_a_fill_in_two_parts_changes_nothing(
    fills: list[Fill], code: str, quantity: Decimal, price: Decimal, fee: Decimal, percent: int
) -> None:
    part = quantity * percent / 100
    book = after(fills)
    whole = book.after_fill(Fill("W", code, quantity, price, fee), MASTER)
    parts = after([Fill("A", code, part, price, fee), Fill("B", code, quantity - part, price)], book)
    for one, two in zip(whole.positions, parts.positions, strict=True):
        assert one.quantity == two.quantity
        assert abs(one.cost - two.cost) <= DUST
        assert abs(one.realised - two.realised) <= DUST
        assert one.fees == two.fees
    currency = MASTER[code].currency
    assert abs(whole.cash_in(currency) - parts.cash_in(currency)) <= DUST


@given(FILLS, PRICES, PRICES)
def test_that_what_is_owned_changes_by_price_and_fee_only(
    fills: list[Fill], share: Decimal, future: Decimal
) -> None:
    """NAV (SEMANTICS, Money) at one set of prices: a fill at that price costs its fee and nothing else."""
    prices = {"S": share, "F": future}

    def nav(book: Book) -> Decimal:
        total = sum((line.amount for line in book.cash), ZERO)
        for held in book.positions:
            multiplier = Decimal(str(MASTER[held.code].multiplier))
            paid = ZERO if MASTER[held.code].is_funded else held.cost
            total += (held.quantity * prices[held.code] - paid) * multiplier
        return total

    book = EMPTY
    for fill in fills:
        before = nav(book)
        book = book.after_fill(Fill("M", fill.code, fill.quantity, prices[fill.code], fill.fee), MASTER)
        assert abs(nav(book) - (before - fill.fee)) <= DUST


@given(FILLS, FILLS)
def test_that_codes_do_not_touch_each_other(first: list[Fill], second: list[Fill]) -> None:
    shares = [fill for fill in first if fill.code == "S"]
    futures = [fill for fill in second if fill.code == "F"]
    assume(shares and futures)
    assert after(shares + futures).position("S") == after(shares).position("S")
    assert after(shares + futures).position("F") == after(futures).position("F")


@given(FILLS)
def test_that_an_average_price_lies_between_the_prices_paid(fills: list[Fill]) -> None:
    bought = [Fill("B", "S", abs(fill.quantity), fill.price) for fill in fills]
    assume(bought)
    held = after(bought).position("S")
    assert held is not None
    assert held.average_price is not None
    prices = [fill.price for fill in bought]
    assert min(prices) - DUST <= held.average_price <= max(prices) + DUST


@given(st.lists(st.tuples(st.sampled_from(["USD", "EUR", "JPY"]), st.integers(-(10**9), 10**9).map(Decimal))))
def test_that_flows_add_up_by_currency_in_any_order(flows: list[tuple[str, Decimal]]) -> None:
    there, back = EMPTY, EMPTY
    for flow in flows:
        there = there.after_flow(*flow)
    for flow in reversed(flows):
        back = back.after_flow(*flow)
    for currency in ("USD", "EUR", "JPY"):
        total = sum((amount for of, amount in flows if of == currency), ZERO)
        assert there.cash_in(currency) == back.cash_in(currency) == total
    assert there.version == len(flows)


PLACES = st.lists(st.integers(0, 10**6), min_size=7, max_size=7)
COUNTS = PLACES.map(lambda places: TickCounts(sum(places), *places))


@given(COUNTS, COUNTS, COUNTS)
def test_that_tick_counts_that_add_up_still_do_when_added(
    a: TickCounts, b: TickCounts, c: TickCounts
) -> None:
    assert a.unaccounted == 0
    assert (a + b).unaccounted == 0
    assert (a + b).received == a.received + b.received
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + TickCounts() == a
