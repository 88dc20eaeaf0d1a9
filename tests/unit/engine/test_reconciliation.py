"""Book and broker compared: every kind of mismatch, its policy, when it counts, and when nobody knows."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.mismatch import POLICIES, MismatchKind, MismatchPolicy
from plimsoll.engine.instant import Instant
from plimsoll.engine.reconciliation import (
    PERIOD_NS,
    RECHECK_NS,
    ROW_KIND,
    SILENT_NS,
    Reconciler,
    reconcile,
)

K = MismatchKind
D = Decimal
QUANTITIES = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(-5, 5).map(Decimal))


def kinds(book: dict[str, Decimal], broker: dict[str, Decimal], *to_come: int) -> list[MismatchKind]:
    parts = {"A": tuple(Decimal(part) for part in to_come)}
    return [each.kind for each in reconcile(book, broker, parts, 0).mismatches]


@pytest.mark.parametrize(
    ("in_book", "at_broker", "kind"),
    [
        (100, 0, K.ONLY_IN_BOOK),
        (0, -5, K.ONLY_AT_BROKER),
        (100, -100, K.OTHER_SIDE),
        (100, 90, K.OTHER_QUANTITY),
        (-100, -101, K.OTHER_QUANTITY),
    ],
)
def test_that_each_kind_of_mismatch_is_told_apart(in_book: int, at_broker: int, kind: MismatchKind) -> None:
    assert kinds({"A": D(in_book)}, {"A": D(at_broker)}) == [kind]


def test_that_a_code_one_side_never_heard_of_is_compared_all_the_same() -> None:
    found = reconcile({"A": D(1)}, {"B": D(2)}, {}, 0)
    assert [(each.code, each.kind) for each in found.mismatches] == [
        ("A", K.ONLY_IN_BOOK),
        ("B", K.ONLY_AT_BROKER),
    ]
    assert found.n_codes == 2
    assert "A: only in the book; the book says +1, the broker +0" in found.mismatches[0].words


def test_that_only_what_working_orders_could_have_filled_is_in_flight() -> None:
    assert kinds({"A": D(100)}, {"A": D(60)}, -50) == [K.IN_FLIGHT]
    assert kinds({"A": D(100)}, {"A": D(40)}, -50) == [K.OTHER_QUANTITY]
    assert kinds({"A": D(100)}, {"A": D(110)}, -50) == [K.OTHER_QUANTITY]
    assert kinds({"A": D(100)}, {"A": D(110)}, -50, 10) == [K.IN_FLIGHT]


@given(book=QUANTITIES, broker=QUANTITIES)
def test_that_book_and_broker_disagree_exactly_where_their_quantities_do(
    book: dict[str, Decimal], broker: dict[str, Decimal]
) -> None:
    found = reconcile(book, broker, {}, 0)
    differing = {c for c in book.keys() | broker.keys() if book.get(c, D(0)) != broker.get(c, D(0))}
    assert {each.code for each in found.mismatches} == differing
    assert sum(each.difference for each in found.mismatches) == sum(broker.values()) - sum(book.values())
    mirrored = reconcile(broker, book, {}, 0)
    assert [each.difference for each in mirrored.mismatches] == [
        -each.difference for each in found.mismatches
    ]


def test_that_every_kind_has_a_policy_and_none_trades_by_itself() -> None:
    assert set(POLICIES) == set(K)
    assert {policy for kind, policy in POLICIES.items() if kind is not K.IN_FLIGHT} == {
        MismatchPolicy.TELL,
        MismatchPolicy.HOLD,
    }


def test_that_a_mismatch_counts_once_it_was_seen_again_just_so() -> None:
    first = reconcile({"A": D(1)}, {"A": D(2)}, {}, 0)
    moved = reconcile({"A": D(1)}, {"A": D(3)}, {}, 1, first)
    again = reconcile({"A": D(1)}, {"A": D(3)}, {}, 2, moved)
    assert [len(found.confirmed) for found in (first, moved, again)] == [0, 0, 1]
    assert (moved.has_doubt, again.has_doubt) == (True, False)


def test_that_an_instrument_nobody_can_size_is_held_back_and_a_wrong_quantity_is_not() -> None:
    book, broker = {"A": D(1), "B": D(1)}, {"A": D(-1), "B": D(2)}
    again = reconcile(book, broker, {}, 1, reconcile(book, broker, {}, 0))
    assert again.held_back == {"A"}


class Watch:
    """A reconciler, its journal, and its clock."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.reconciler = Reconciler(self.journal)
        self.now_ns = 0

    def hear(self, book: dict[str, Decimal], broker: dict[str, Decimal]) -> None:
        self.reconciler.take(broker, book, {}, Instant(self.now_ns, self.now_ns))


def test_that_the_broker_is_asked_at_the_start_each_minute_and_again_when_it_is_silent() -> None:
    watch = Watch()
    assert watch.reconciler.wants(0)
    assert not watch.reconciler.wants(RECHECK_NS - 1)
    assert watch.reconciler.wants(RECHECK_NS)
    watch.hear({"A": D(1)}, {"A": D(1)})
    assert not watch.reconciler.wants(PERIOD_NS - 1)
    assert watch.reconciler.wants(PERIOD_NS)
    watch.hear({"A": D(1)}, {"A": D(2)})
    assert watch.reconciler.wants(RECHECK_NS)


def test_that_the_count_is_unknown_before_the_first_answer_and_after_a_long_silence() -> None:
    watch = Watch()
    assert math.isnan(watch.reconciler.mismatch_count(0))
    for _ in range(2):
        watch.hear({"A": D(1)}, {"A": D(2)})
    assert watch.reconciler.mismatch_count(SILENT_NS) == 1.0
    assert math.isnan(watch.reconciler.mismatch_count(SILENT_NS + 1))


def test_that_only_what_changed_is_journalled_the_first_agreement_too() -> None:
    watch = Watch()
    for broker in (1, 1, 2, 2, 2, 1, 1):
        watch.hear({"A": D(1)}, {"A": D(broker)})
    bodies = [row.body["mismatches"] for row in watch.journal.rows((ROW_KIND,))]
    assert [len(body) for body in bodies] == [0, 1, 0]
    assert bodies[1][0]["at_broker"] == "2"
