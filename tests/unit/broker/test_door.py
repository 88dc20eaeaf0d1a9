"""The kill path without threads: latch, cancel, verify, flatten, verify, through bad days and restarts."""

from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.broker.door import Door
from plimsoll.broker.kill_file import KillFile, kill_rows
from plimsoll.broker.kill_run import CANCEL_DEADLINE_NS, FLATTEN_DEADLINE_NS
from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.broker_event import BrokerEvent, OrderFilled, OrderRejected
from plimsoll.domain.kill import WHOLE_BOOK, HaltRelease, KillRequest, KillRow, KillScope, KillStep
from plimsoll.domain.order import Order
from plimsoll.domain.tick import DepthBook

MS = 1_000_000
START = {"AAPL.US": Decimal(250), "XOM.US": Decimal(-100)}
S = KillStep


class Street:
    """A paper broker behind a door, a market, and a clock moved by hand; it can be killed and built again."""

    def __init__(self, folder: Path, mischief: Mischief | None = None) -> None:
        self.folder = folder
        self.mischief = mischief or Mischief()
        self.now_ns = 1_000 * MS
        self.books: dict[str, DepthBook] = {}
        self.volume = 150.0
        self.push()
        self.rows: list[KillRow] = []
        self.said: list[BrokerEvent] = []
        self.open()

    def open(self) -> None:
        self.record = PaperRecord(self.folder / "paper.sqlite")
        self.record.begin_with(START)
        broker = PaperBroker(self.record, self.books.get, PaperTerms(), self.mischief)
        self.door = Door(broker, KillFile(self.folder / "kill.jsonl"))
        self.door.resume(self.now_ns)

    def push(self) -> None:
        for code in START:
            level = self.volume
            self.books[code] = DepthBook(code, ((99.0, level),), ((100.0, level),), self.now_ns, self.now_ns)

    def send(self, client_id: str, quantity: int, code: str = "AAPL.US", limit: str | None = "50") -> None:
        price = None if limit is None else Decimal(limit)
        self.door.send(Order(client_id, "D-1", code, Decimal(quantity), price), self.now_ns)

    def run(self, millis: int, *, push: bool = False) -> None:
        for _ in range(millis // 10):
            self.now_ns += 10 * MS
            if push:
                self.push()
            self.said += self.door.advance(self.now_ns)
            self.rows += self.door.told()

    def press(self, **choice: object) -> KillRequest:
        flattens, is_drill = bool(choice.get("flattens")), bool(choice.get("is_drill"))
        scope = choice.get("scope", WHOLE_BOOK)
        assert isinstance(scope, KillScope)
        kill_id = str(choice.get("kill_id", "K-1"))
        request = KillRequest(kill_id, scope, "Ada", "a runaway order", flattens, is_drill, self.now_ns)
        self.door.kill(request, self.now_ns)
        self.rows += self.door.told()
        return request

    @property
    def steps(self) -> list[KillStep]:
        return [row.step for row in self.rows]

    @property
    def working(self) -> list[str]:
        return [order.client_id for order in self.record.orders() if order.is_working]


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


def test_that_a_kill_is_on_the_disk_before_the_first_cancel(street: Street) -> None:
    street.send("P-1", 500)
    street.run(100)
    street.press()
    assert [row.step for row in kill_rows(street.folder / "kill.jsonl")] == [S.LATCHED]
    assert street.working == ["P-1"]  # the cancel is on its way; the record is there already


def test_that_a_kill_cancels_everything_and_says_so_only_by_the_brokers_word(street: Street) -> None:
    street.send("P-1", 500)
    street.send("P-2", -500, "XOM.US", "200")
    street.run(100)
    street.press()
    street.run(30)
    assert street.steps == [S.LATCHED]
    street.run(100)
    assert street.steps == [S.LATCHED, S.CANCELLED]
    assert street.working == []


def test_that_no_order_passes_the_latch_and_cancels_do(street: Street) -> None:
    street.press()
    street.run(100)
    street.send("P-9", 100)
    street.run(100)
    assert [event.client_id for event in street.said if isinstance(event, OrderRejected)] == ["P-9"]
    assert [order.client_id for order in street.record.orders()] == []


def test_that_a_kill_of_one_instrument_leaves_the_others_alone(street: Street) -> None:
    street.send("P-1", 500, limit="50")
    street.send("P-2", -500, "XOM.US", "200")
    street.run(100)
    street.press(scope=KillScope("AAPL.US", frozenset({"AAPL.US"})))
    street.run(200)
    assert street.steps == [S.LATCHED, S.CANCELLED]
    assert street.working == ["P-2"]
    street.send("P-3", 5)
    street.send("P-4", 5, "XOM.US", None)
    street.run(100)
    assert [event.client_id for event in street.said if isinstance(event, OrderRejected)] == ["P-3"]
    assert [e.client_id for e in street.said if isinstance(e, OrderFilled)] == ["P-4"]


def test_that_flattening_closes_what_the_broker_holds_and_never_flips_it(street: Street) -> None:
    street.send("P-1", 500)
    street.run(100)
    street.press(flattens=True)
    street.run(3_000, push=True)
    assert street.steps == [S.LATCHED, S.CANCELLED, S.FLATTENING, S.FLAT]
    assert street.record.positions() == {}
    closing = street.rows[2].orders
    assert {order.code: order.quantity for order in closing} == {
        "AAPL.US": -START["AAPL.US"],
        "XOM.US": -START["XOM.US"],
    }


@pytest.mark.parametrize("seed", range(20))
def test_that_a_bad_day_neither_flips_a_position_nor_hides_an_order(tmp_path: Path, seed: int) -> None:
    mischief = Mischief(
        lost_answer=0.3, lost_request=0.3, duplicate=0.3, reject=0.2, late_fill=0.5, silence=0.3, seed=seed
    )
    street = Street(tmp_path, mischief)
    for number in range(6):
        street.send(f"P-{number}", 90 if number % 2 else -70, "AAPL.US", "95" if number % 2 else "99.5")
    street.run(60, push=True)
    street.press(flattens=True)
    before = street.record.positions()
    street.run(40_000, push=True)
    assert street.rows[-1].is_end
    assert street.working == [] or street.rows[-1].step is S.GIVEN_UP
    for code, quantity in street.record.positions().items():
        assert quantity * before.get(code, START[code]) >= 0, "it was flipped"
        assert street.rows[-1].step is S.GIVEN_UP, "it was called flat and was not"


def test_that_silence_is_never_taken_for_a_verified_cancel(tmp_path: Path) -> None:
    street = Street(tmp_path, Mischief(silence=1.0))
    street.press(flattens=True)
    street.run(CANCEL_DEADLINE_NS // MS + 500)
    assert street.steps == [S.LATCHED, S.GIVEN_UP]
    assert "Call the broker" in street.rows[-1].words


def test_that_what_cannot_be_closed_is_given_up_by_name(street: Street) -> None:
    street.volume = 40.0
    street.push()
    street.books["XOM.US"] = DepthBook("XOM.US", (), (), street.now_ns, street.now_ns)
    street.press(flattens=True)
    street.run(FLATTEN_DEADLINE_NS // MS + 2_000)
    assert street.steps == [S.LATCHED, S.CANCELLED, S.FLATTENING, S.GIVEN_UP]
    assert "XOM.US -100" in street.rows[-1].words
    assert street.working == []


def test_that_a_drill_sends_nothing_and_halts_nothing(street: Street) -> None:
    street.send("P-1", 500)
    street.run(100)
    before = street.record.positions()
    street.press(flattens=True, is_drill=True)
    street.run(500)
    assert street.steps == [S.LATCHED, S.DRILLED]
    assert "1 orders would have been cancelled" in street.rows[-1].words
    assert street.working == ["P-1"]
    assert street.record.positions() == before
    assert street.door.halts == ()


def test_that_a_drill_nobody_answers_is_given_up(tmp_path: Path) -> None:
    street = Street(tmp_path, Mischief(silence=1.0))
    street.press(is_drill=True)
    street.run(CANCEL_DEADLINE_NS // MS + 500)
    assert street.steps == [S.LATCHED, S.GIVEN_UP]


def test_that_a_halt_outlives_a_crash_and_the_cancel_is_taken_up_again(street: Street) -> None:
    street.send("P-1", 500)
    street.run(100)
    street.press(flattens=True)  # and killed before anything was answered
    street.door.close()
    street.open()
    assert [row.request.kill_id for row in street.door.halts] == ["K-1"]
    street.rows.clear()
    street.run(300, push=True)
    assert street.steps == [S.LATCHED, S.CANCELLED]
    assert "flattens nothing" in street.rows[0].words
    assert street.working == []
    street.send("P-2", 5)
    street.run(100)
    assert [event.client_id for event in street.said if isinstance(event, OrderRejected)] == ["P-2"]


def test_that_a_finished_kill_is_not_begun_again_after_a_restart(street: Street) -> None:
    street.press()
    street.run(200)
    street.door.close()
    street.open()
    street.rows.clear()
    street.run(200)
    assert street.steps == []
    assert len(street.door.halts) == 1


def test_that_a_kill_pressed_twice_under_one_id_is_carried_out_once(street: Street) -> None:
    street.press()
    street.press()
    street.run(200)
    assert street.steps == [S.LATCHED, S.CANCELLED]


def test_that_a_newer_kill_takes_over_so_that_two_never_close_the_same_position(street: Street) -> None:
    street.press(flattens=True)
    street.run(80)
    street.press(flattens=True, kill_id="K-2")
    street.run(3_000, push=True)
    assert street.record.positions() == {}
    ends = {row.request.kill_id: row.step for row in street.rows if row.is_end}
    assert ends == {"K-1": S.GIVEN_UP, "K-2": S.FLAT}


def test_that_a_release_opens_that_halt_alone_and_is_written_first(street: Street) -> None:
    street.press(scope=KillScope("AAPL.US", frozenset({"AAPL.US"})))
    street.press(kill_id="K-2", scope=KillScope("XOM.US", frozenset({"XOM.US"})))
    street.run(200)
    assert street.door.release(HaltRelease("K-1", "Bo", "the runaway was found"), street.now_ns)
    assert not street.door.release(HaltRelease("K-1", "Bo", "the runaway was found"), street.now_ns)
    assert kill_rows(street.folder / "kill.jsonl")[-1].step is S.RELEASED
    street.send("P-3", 5, limit=None)
    street.send("P-4", 5, "XOM.US", None)
    street.run(100)
    assert [e.client_id for e in street.said if isinstance(e, OrderRejected)] == ["P-4"]
    assert [e.client_id for e in street.said if isinstance(e, OrderFilled)] == ["P-3"]


def test_that_a_release_on_the_way_ends_the_kill_for_good(street: Street) -> None:
    street.books["XOM.US"] = DepthBook("XOM.US", (), (), street.now_ns, street.now_ns)
    street.press(flattens=True)
    street.run(500)
    assert street.steps[-1] is S.FLATTENING
    assert street.door.release(HaltRelease("K-1", "Bo", "it was a false alarm"), street.now_ns)
    street.run(200)
    assert street.steps[-2:] == [S.GIVEN_UP, S.RELEASED]
    assert street.working == []
    street.door.close()
    street.open()
    street.rows.clear()
    street.run(300)
    assert (street.steps, street.door.halts) == ([], ())


def test_that_a_full_disk_keeps_no_kill_from_acting_and_it_says_so(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.send("P-1", 500)
    street.run(100)

    def full(_row: KillRow) -> KillRow:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(street.door._latch._file, "append", full)
    street.press()
    street.run(200)
    assert street.working == []
    assert street.steps == [S.LATCHED, S.CANCELLED]
    assert "NOT on the disk: No space left on device" in street.rows[0].words
    with pytest.raises(OSError, match="No space"):
        street.door.release(HaltRelease("K-1", "Bo", "the runaway was found"), street.now_ns)
    assert len(street.door.halts) == 1


def test_that_a_broker_that_fails_ends_in_a_kill_given_up_loudly(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.send("P-1", 500)
    street.run(100)

    def broken(_now_ns: int) -> list[BrokerEvent]:
        raise ConnectionResetError("the line is down")

    monkeypatch.setattr(street.door._broker, "advance", broken)
    street.press()
    for _ in range(CANCEL_DEADLINE_NS // (100 * MS) + 2):
        street.now_ns += 100 * MS
        with pytest.raises(ConnectionResetError):
            street.door.advance(street.now_ns)
    assert [row.step for row in street.door.told()] == [S.GIVEN_UP]


def test_that_a_line_cut_short_swallows_neither_the_lines_before_nor_the_one_after(street: Street) -> None:
    street.press()
    path = street.folder / "kill.jsonl"
    path.write_bytes(path.read_bytes() + b'{"number": 2, "kill_id": "K')
    KillFile(path).append(street.rows[0])
    assert [row.number for row in kill_rows(path)] == [1, 2]
    assert kill_rows(path)[1].request == street.rows[0].request
