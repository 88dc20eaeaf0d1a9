import pytest

from plimsoll.feed.pacing import BASIC, FREE, PLAN_BY_NAME, PREMIUM, PROFESSIONAL, Pacing, Plan


def test_that_alltick_sees_every_rule_of_its_documents_kept_with_a_margin() -> None:
    pacing = Pacing()
    assert pacing.request_gap_s > 1.0
    assert pacing.connection_gap_s >= 3.0
    assert pacing.beat_every_s + 2 * pacing.request_gap_s < 10.0 + pacing.read_wait_s
    assert pacing.read_wait_s <= 0.25


def test_that_an_unanswered_beat_is_noticed_within_the_silence_allowed() -> None:
    pacing = Pacing()
    latest_s = pacing.beat_every_s + pacing.request_gap_s + pacing.beat_answer_s + 2 * pacing.read_wait_s
    assert latest_s <= pacing.silence_s <= 15.0


def test_that_a_twentieth_of_the_pacing_has_a_twentieth_of_every_duration() -> None:
    true, swift = Pacing(), Pacing().scaled(1 / 20)
    for name in Pacing.__dataclass_fields__:
        assert getattr(swift, name) == pytest.approx(getattr(true, name) / 20)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan")])
def test_that_a_pacing_without_time_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        Pacing().scaled(factor)


@pytest.mark.parametrize(
    ("plan", "calls_per_s"), [(FREE, 0.1), (BASIC, 1.0), (PREMIUM, 10.0), (PROFESSIONAL, 20.0)]
)
def test_that_no_plan_is_called_more_often_than_it_allows(plan: Plan, calls_per_s: float) -> None:
    assert 1.0 / plan.rest_gap_s < calls_per_s
    assert PLAN_BY_NAME[plan.name.lower()] is plan


def test_that_a_plan_shrinks_with_the_pacing() -> None:
    swift = BASIC.paced(0.1)
    assert (swift.rest_gap_s, swift.batch_gap_s, swift.reconnect_floor_s) == pytest.approx(
        (0.105, 0.315, 0.3)
    )
    assert swift.batch_groups == BASIC.batch_groups
