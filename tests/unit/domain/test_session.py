"""Sessions: whose hours an instrument keeps, and when a venue is open."""

import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.session import SessionTable, Venue, VenueSessions, venue_of

_A = AssetClass


@pytest.mark.parametrize(
    ("code", "asset_class", "venue"),
    [
        ("AAPL.US", _A.EQUITY, Venue.US_STOCK),
        ("BRK.B.US", _A.EQUITY, Venue.US_STOCK),
        (".SPX.US", _A.INDEX, Venue.US_STOCK),
        ("700.HK", _A.EQUITY, Venue.HONG_KONG_STOCK),
        ("600519.SH", _A.EQUITY, Venue.CHINA_STOCK),
        ("000001.SZ", _A.EQUITY, Venue.CHINA_STOCK),
        ("EURUSD", _A.FX, Venue.FX),
        ("XAUEUR", _A.FX, Venue.COMMODITY),
        ("GOLD", _A.COMMODITY, Venue.COMMODITY),
        ("USOIL", _A.COMMODITY, Venue.COMMODITY),
        ("UKOIL", _A.COMMODITY, Venue.BRENT),
        ("COPPER", _A.COMMODITY, Venue.BASE_METAL),
        ("GER40", _A.INDEX, Venue.INDEX_CFD),
        ("AUS200", _A.INDEX, Venue.AUSTRALIA_CFD),
        ("BTCUSDT", _A.CRYPTO, Venue.ALWAYS),
    ],
)
def test_that_the_code_says_whose_hours_are_kept(code: str, asset_class: AssetClass, venue: Venue) -> None:
    assert venue_of(Instrument(code, code, asset_class, "USD", Settlement.FUNDED)) is venue


def test_that_a_session_holds_its_opening_instant_and_not_its_closing_one() -> None:
    sessions = VenueSessions((10, 30), (20, 40), 0, 50)
    open_at = [at for at in range(50) if not sessions.is_closed(at)]
    assert open_at == [*range(10, 20), *range(30, 40)]


def test_that_outside_what_is_known_a_market_counts_as_open() -> None:
    sessions = VenueSessions((10,), (20,), 5, 25)
    assert [sessions.is_closed(at) for at in (4, 5, 24, 25)] == [False, True, True, False]
    assert SessionTable().is_open(Venue.FX, 0)
    assert SessionTable({Venue.FX: sessions}).is_open(Venue.FX, 4)
    assert not SessionTable({Venue.FX: sessions}).is_open(Venue.FX, 5)


def test_that_no_answer_changes_before_the_next_change() -> None:
    table = SessionTable(
        {
            Venue.FX: VenueSessions((10, 30), (20, 40), 2, 50),
            Venue.US_STOCK: VenueSessions((12,), (33,), 0, 45),
        }
    )
    for at in range(60):
        answer = [table.is_open(venue, at) for venue in table.by_venue]
        until = min(table.next_change_ns(at), 60)
        assert until > at
        same = all([table.is_open(venue, t) for venue in table.by_venue] == answer for t in range(at, until))
        assert same
    assert SessionTable().next_change_ns(0) > 10**18


def test_that_sessions_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="sessions overlapped"):
        VenueSessions((10, 15), (20, 30), 0, 50)
