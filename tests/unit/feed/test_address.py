import pytest

from plimsoll.feed.address import Address, Door, door_of


@pytest.mark.parametrize(
    ("code", "door"),
    [
        ("AAPL.US", Door.STOCKS),
        ("700.HK", Door.STOCKS),
        ("600519.SH", Door.STOCKS),
        ("000001.SZ", Door.STOCKS),
        (".IXIC.US", Door.STOCKS),
        ("BRK.B.US", Door.STOCKS),
        ("EURUSD", Door.OTHERS),
        ("Silver", Door.OTHERS),
        ("BTCUSDT", Door.OTHERS),
        ("US500", Door.OTHERS),
    ],
)
def test_that_a_code_goes_to_the_door_that_serves_it(code: str, door: Door) -> None:
    assert door_of(code) is door


def test_that_the_urls_are_those_of_alltick() -> None:
    address = Address()
    assert address.stream_url(Door.STOCKS, "t") == "wss://quote.alltick.co/quote-stock-b-ws-api?token=t"
    assert address.stream_url(Door.OTHERS, "t") == "wss://quote.alltick.co/quote-b-ws-api?token=t"
    assert address.call_url(Door.STOCKS, "/kline") == "https://quote.alltick.co/quote-stock-b-api/kline"
    assert address.call_url(Door.OTHERS, "/kline") == "https://quote.alltick.co/quote-b-api/kline"


def test_that_a_token_is_escaped_in_the_url() -> None:
    assert Address().stream_url(Door.STOCKS, "a b&c=d\r\n").endswith("?token=a%20b%26c%3Dd%0D%0A")


def test_that_a_local_server_is_spoken_to_without_tls() -> None:
    address = Address("127.0.0.1", 4000, is_secure=False)
    assert address.stream_url(Door.OTHERS, "t") == "ws://127.0.0.1:4000/quote-b-ws-api?token=t"
    assert (
        Address("::1", 4000, is_secure=False).call_url(Door.OTHERS, "/kline").startswith("http://[::1]:4000/")
    )
    assert Address("localhost", 1, is_secure=False).is_loopback


@pytest.mark.parametrize("host", ["quote.alltick.co", "10.0.0.1"])
def test_that_a_token_never_leaves_the_machine_without_tls(host: str) -> None:
    with pytest.raises(ValueError, match="expected a loopback host"):
        Address(host, is_secure=False)
