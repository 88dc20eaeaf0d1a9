"""The live desk as a child process against a local AllTick that misbehaves on demand."""

import json
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fakes.smtp_server import Manners, running_mail_server
from plimsoll.alltick_server.serve import ServeOptions, ServerThread

TOKEN = "canary-4f1d2b7e9a"  # noqa: S105  made up, and looked for everywhere afterwards
FATES = ("applied", "folded", "refused", "repeated", "late", "not_held", "waiting")
Line = dict[str, Any]


@pytest.fixture
def market() -> Iterator[ServerThread]:
    """One long simulated day of the crisis, ten messages a second and code."""
    options = ServeOptions(
        plan="Professional",
        first_day=date(2020, 3, 9),
        last_day=date(2020, 3, 9),
        day_seconds=600.0,
        rate=10.0,
    )
    with ServerThread(options, token=TOKEN) as server:
        yield server


@pytest.fixture
def live(
    desk: Callable[..., Any], market: ServerThread, live_book: Path, tmp_path: Path
) -> Callable[..., Any]:
    """Return a function that starts the desk on that market, its token on standard input."""

    def start(*options: object, token: str = TOKEN, alerts: str = "") -> Any:
        config = tmp_path / "data" / "config"
        config.mkdir(parents=True, exist_ok=True)
        host = market.url.removeprefix("ws://")
        (config / "settings.toml").write_text(
            f'person = "Ada"\n[alltick]\nhost = "{host}"\nplan = "Professional"\n{alerts}', encoding="utf-8"
        )
        files = ("--portfolio", live_book / "positions.csv", "--limits", live_book / "limits.toml")
        return desk(
            "--json", "--data-dir", tmp_path / "data", *files, *options,
            first_line=token,
        )  # fmt: skip

    return start


def n_applied(line: Line) -> int:
    return int(line["ticks_applied"] + line["books_applied"])


def is_whole(line: Line) -> bool:
    return all(
        line[f"{kind}_received"] == sum(line[f"{kind}_{fate}"] for fate in FATES)
        for kind in ("ticks", "books")
    )


def is_priced(line: Line) -> bool:
    return line["nav"] is not None and line["coverage"] == 1.0


def log_of(tmp_path: Path) -> str:
    return (tmp_path / "data" / "logs" / "plimsoll.log").read_text(encoding="utf-8")


def notices(tmp_path: Path) -> list[bool]:
    """Return of each notice in the journal whether it was an alarm."""
    with closing(sqlite3.connect(tmp_path / "data" / "journal.sqlite")) as connection:
        rows = connection.execute("SELECT body FROM entry WHERE kind = 'notice' ORDER BY number").fetchall()
    return [json.loads(body)["is_alarm"] for (body,) in rows]


def test_that_a_feed_cut_without_a_close_frame_comes_back_with_its_counts_whole(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    running = live()
    before = running.until(is_priced)
    market.fault("cut")
    still = running.until(lambda line: "waiting" in log_of(tmp_path))
    assert still["nav"] is not None, "the figures stay on the screen, with their age"
    assert still["received_time"] > before["received_time"]
    seen = n_applied(running.lines[-1])
    running.until(lambda line: n_applied(line) > seen + 100 and line["coverage"] == 1.0)
    assert log_of(tmp_path).count(": live") >= 2
    assert [line for line in running.lines if not is_whole(line)] == []
    assert running.end() == 0


def test_that_a_server_silent_on_an_open_socket_is_found_within_fifteen_seconds(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    running = live()
    running.until(is_priced)
    market.fault("stall")
    began_s = time.monotonic()
    running.until(lambda line: "waiting" in log_of(tmp_path), within_s=20.0)
    assert time.monotonic() - began_s < 17.0, "15 s, and a line a second"
    quiet = running.lines[-1]
    market.clear_faults()
    running.until(lambda line: n_applied(line) > n_applied(quiet) + 50)
    assert all(is_whole(line) for line in running.lines)
    assert running.end() == 0


def test_that_a_breach_is_mailed_by_the_running_desk(live: Callable[..., Any]) -> None:
    with running_mail_server(Manners()) as post:
        running = live(
            alerts='[alerts.mail]\nhost = "127.0.0.1"\nsecurity = "none"\nsender = "desk@example.com"\n'
            f'recipients = ["risk@example.com"]\nport = {post.port}\n'
            'from_severity = "MEDIUM"\nfrom_level = 0\n'
        )
        running.until(lambda line: line["open_breaches"] > 0)
        running.until(lambda _: bool(post.delivered), within_s=20.0)
        assert running.end() == 0
    (mail, *_) = post.delivered
    assert mail.recipients == ["risk@example.com"]
    assert "Gross leverage" in mail.message.as_string()


@pytest.mark.timeout(120)  # a minute without a feed takes a minute
def test_that_a_minute_without_a_feed_leaves_limits_unknown_with_one_alert_and_is_recovered_from(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    # Coins have no closing time: their silence is never that of a closed market, whenever this test is run.
    book = tmp_path / "coins"
    book.mkdir()
    (book / "positions.csv").write_text(
        "code,quantity,average_price,currency\nBTCUSDT,10,8000,\nETHUSDT,-50,200,\nCASH,50000,,USD\n",
        encoding="utf-8",
    )
    (book / "instruments.csv").write_text(
        "code,name,asset_class,currency,settlement,fixed_price\n"
        "BTCUSDT,Bitcoin,crypto,USDT,funded,\nETHUSDT,Ether,crypto,USDT,funded,\n"
        "USDTUSD,Tether,fx,USD,funded,1\n",
        encoding="utf-8",
    )
    (book / "limits.toml").write_text(
        '[[limit]]\nid = "gross"\nname = "Gross"\nmeasure = "gross_leverage"\n'
        'line = 9.0\nseverity = "HIGH"\n',
        encoding="utf-8",
    )
    running = live("--portfolio", book / "positions.csv", "--limits", book / "limits.toml")
    running.until(lambda line: is_priced(line) and line["unknown_limits"] == 0, within_s=20.0)
    market.fault("stall")
    began_s = time.monotonic()
    running.until(lambda line: line["unknown_limits"] > 0, within_s=25.0)
    running.until(lambda _: time.monotonic() - began_s > 60.0, within_s=60.0)
    assert running.lines[-1]["unknown_limits"] > 0, "never fine while nothing is heard"
    assert notices(tmp_path) == [True]
    market.clear_faults()
    running.until(lambda line: line["unknown_limits"] == 0 and line["coverage"] == 1.0, within_s=40.0)
    running.until(lambda _: notices(tmp_path) == [True, False], within_s=10.0)
    assert all(is_whole(line) for line in running.lines)
    assert running.end() == 0


@pytest.mark.parametrize(
    ("fault", "counter"),
    [
        ("repeats", "repeated"),
        ("late", "late"),
        ("bad_price", "refused"),
        ("bad_json", None),
        ("unknown_cmd", None),
        ("zero_bids", None),
        ("strings", None),
    ],
)
def test_that_a_misbehaving_feed_is_counted_and_survived(
    live: Callable[..., Any], market: ServerThread, fault: str, counter: str | None
) -> None:
    market.fault(fault, share=0.2)
    running = live()
    line = running.until(lambda line: n_applied(line) > 150)
    if counter is not None:
        line = running.until(lambda line: line[f"ticks_{counter}"] > 5)
    assert all(is_whole(line) for line in running.lines)
    assert line["gross"] is not None
    assert running.end() == 0


def test_that_a_refused_token_ends_the_asking_and_is_said(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    running = live(token="not-the-token")  # noqa: S106  made up
    running.until_text("commodities: refused")
    later = running.until(lambda line: len(running.lines) > 11)
    assert running.said.count("(401)") == 2, "each of the two doors says it once, and asks no more"
    assert "not-the-token" not in running.said + log_of(tmp_path)
    assert (later["nav"], later["ticks_received"]) == (None, 0)
    assert running.end() == 0, "the desk stayed; only the asking ended"


def test_that_without_a_token_it_ends_with_code_2_and_says_what_to_do(
    live: Callable[..., Any],
) -> None:
    running = live(token="")
    assert running.end(None) == 2
    assert "set-token" in running.said


def test_that_the_token_stands_nowhere(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    running = live("--verbose")
    running.until(lambda line: is_priced(line) and line["open_breaches"] > 0)
    processes = [running.pid, *running.children()]
    public = [
        Path(f"/proc/{pid}/{name}").read_bytes() for pid in processes for name in ("cmdline", "environ")
    ]
    market.fault("cut")
    seen = n_applied(running.lines[-1])
    running.until(lambda line: n_applied(line) > seen + 30)
    market.fault("refuse_401", times=10)
    market.fault("cut")
    running.until_text(": refused")
    assert running.end(signal.SIGTERM) == 0
    canary = TOKEN.encode()
    assert [text for text in public if canary in text] == []
    assert TOKEN not in "".join(running.texts)
    assert TOKEN not in running.said
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"plimsoll.log", "journal.sqlite", "price_history.sqlite"} <= {path.name for path in written}
    assert [path for path in written if canary in path.read_bytes()] == []


def test_that_a_breach_of_the_live_book_is_journalled_with_its_source(
    live: Callable[..., Any], market: ServerThread, tmp_path: Path
) -> None:
    running = live()
    running.until(lambda line: line["open_breaches"] > 0)
    assert running.end() == 0
    with closing(sqlite3.connect(tmp_path / "data" / "journal.sqlite")) as connection:
        rows = connection.execute("SELECT kind, body, source FROM entry").fetchall()
    raised = [json.loads(body) for kind, body, _ in rows if kind == "breach_raised"]
    assert raised[0]["limit"]["limit_id"] == "gross"
    assert {source for _, _, source in rows} == {f"live {market.url.removeprefix('ws://')}"}
