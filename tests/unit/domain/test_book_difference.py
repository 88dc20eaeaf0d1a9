from decimal import Decimal

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_difference import LineDifference, differences, restatement_of
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position

D = Decimal
HELD = Book(
    "a",
    "USD",
    (Position("S", D(10), D(1000), D(5)), Position("T", D(3), D(30)), Position("GONE", D(0), D(0))),
    (Cash("USD", D(500)), Cash("EUR", D(1))),
)
STATED = Book(
    "b", "USD", (Position("S", D(12), D(1260)), Position("U", D(-4), D(-40))), (Cash("USD", D(500)),)
)
MASTER = {
    code: Instrument(code, code, AssetClass.EQUITY, "USD", Settlement.FUNDED)
    for code in ("S", "T", "U", "GONE")
}


def test_that_every_line_that_differs_is_named_with_what_happened_to_it() -> None:
    found = differences(HELD, STATED)
    assert [(line.what, line.word) for line in found] == [
        ("S", "changed"),
        ("T", "removed"),
        ("U", "added"),
        ("Cash EUR", "removed"),
    ]
    assert found[0] == LineDifference("S", D(10), D(12), D(100), D(105))


def test_that_the_same_holdings_have_no_differences_whatever_was_realised() -> None:
    assert not differences(HELD, HELD)


def test_that_a_restatement_leaves_no_difference() -> None:
    event = restatement_of(STATED, "f", person="ana", source="positions.csv", time_ns=7)
    assert (event.person, event.source, event.fingerprint) == ("ana", "positions.csv", "f")
    assert not differences(HELD.after_event(event, MASTER), STATED)
    again = restatement_of(STATED, "f", person="ana", source="positions.csv", time_ns=8)
    assert again.event_id != event.event_id
