import threading

import pytest

from plimsoll.feed.alltick_rest import CallCancelled, CallFailed, CallRefused, TokenRefused
from plimsoll.feed.daily_bars import DailyBars, daily_bars
from plimsoll.feed.history_loader import HistoryProgress, load_history


class Library:
    """A REST side that knows some codes and raises for others."""

    def __init__(self, **trouble: Exception) -> None:
        self.trouble = trouble
        self.asked: list[tuple[str, int, int | None]] = []

    def daily_bars(self, code: str, n_weekdays: int, *, formed_before_ns: int | None = None) -> DailyBars:
        self.asked.append((code, n_weekdays, formed_before_ns))
        if code in self.trouble:
            raise self.trouble[code]
        return daily_bars(code, [])


def load(
    library: Library, codes: str, stop: threading.Event | None = None
) -> tuple[list[str], list[HistoryProgress]]:
    told: list[HistoryProgress] = []
    found = load_history(library, list(codes), 500, stop or threading.Event(), told.append)  # type: ignore[arg-type]
    return [bars.code for bars in found], told


def test_that_codes_come_in_order_of_importance_with_progress() -> None:
    codes, told = load(Library(), "ABC")
    assert codes == ["A", "B", "C"]
    assert [(each.n_done, each.code) for each in told] == [(0, "A"), (1, "B"), (2, "C"), (3, "")]


@pytest.mark.parametrize("trouble", [CallRefused(600), CallFailed("nothing in 5 tries")])
def test_that_a_code_without_history_is_named_and_the_others_go_on(trouble: Exception) -> None:
    codes, told = load(Library(B=trouble), "ABC")
    assert codes == ["A", "C"]
    assert [(each.code, each.trouble) for each in told if each.trouble] == [("B", str(trouble))]


def test_that_a_refused_token_ends_it_loudly() -> None:
    with pytest.raises(TokenRefused):
        load(Library(B=TokenRefused("no")), "ABC")


def test_that_cancelling_keeps_what_was_there() -> None:
    codes, told = load(Library(B=CallCancelled("stopped")), "ABC")
    assert codes == ["A"]
    assert told[-1].code == "B"


def test_that_a_stop_before_the_start_asks_for_nothing() -> None:
    stop = threading.Event()
    stop.set()
    library = Library()
    assert load(library, "ABC", stop) == ([], [])
    assert library.asked == []


def test_that_the_forming_day_is_left_to_the_caller_to_judge() -> None:
    library = Library()
    list(load_history(library, ["A"], 250, threading.Event(), lambda _: None, formed_before_ns=7))  # type: ignore[arg-type]
    assert library.asked == [("A", 250, 7)]
