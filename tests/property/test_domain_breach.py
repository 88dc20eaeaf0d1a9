from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plimsoll.domain.breach import OPEN_STATES, TRANSITIONS, BreachState, BreachStep, state_after
from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.limit import Limit, LimitState, Measure, Severity


class BreachLife(RuleBasedStateMachine):
    """A breach under any sequence of steps, against what a person would expect of it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = BreachState.RAISED
        self.is_over = True
        self.has_ended = False

    @rule(step=st.sampled_from(BreachStep))
    def take_a_step(self, step: BreachStep) -> None:
        before = self.state
        try:
            self.state = state_after(before, step)
        except IllegalTransition:
            assert (before, step) not in TRANSITIONS
            return
        if step is BreachStep.FILE:
            assert self.state is before
            assert self.has_ended or not self.is_over, "an incident was filed while its limit was broken"
            return
        assert not self.has_ended, "a closed breach took a step"
        if step is BreachStep.EASE:
            self.is_over = False
        if step in {BreachStep.WORSEN, BreachStep.RESUME}:
            self.is_over = True
        if self.state is BreachState.CLOSED:
            self.has_ended = True

    @precondition(lambda self: not self.has_ended and self.is_over)
    @rule()
    def hide_it(self) -> None:
        try:
            self.state = state_after(self.state, BreachStep.SNOOZE)
        except IllegalTransition:
            assert self.state in {BreachState.OVERRIDDEN, BreachState.SUPERSEDED}

    @invariant()
    def a_broken_limit_is_counted_however_it_is_hidden(self) -> None:
        # One that is superseded is laid aside: the temporary limit raises its own.
        if not self.has_ended and self.state is not BreachState.SUPERSEDED:
            assert (self.state in OPEN_STATES) == self.is_over

    @invariant()
    def the_end_is_the_end(self) -> None:
        assert self.has_ended == (self.state is BreachState.CLOSED)


TestBreachLife = BreachLife.TestCase
TestBreachLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

LINES = st.floats(1e-6, 1e9)
VALUES = st.floats(-1e12, 1e12)


@given(LINES, VALUES, VALUES)
def test_that_a_worse_value_is_never_shown_as_a_better_state(line: float, one: float, other: float) -> None:
    limit = Limit("l", "limit", Measure.VAR, line, Severity.HIGH)
    order = [LimitState.FINE, LimitState.NEAR, LimitState.OVER]
    low, high = sorted((one, other))
    assert order.index(limit.state_of(low)) <= order.index(limit.state_of(high))
    assert 0.0 <= limit.use_of(low) <= limit.use_of(high)


@given(LINES, VALUES)
def test_that_over_means_more_than_the_whole_limit_is_used(line: float, value: float) -> None:
    limit = Limit("l", "limit", Measure.VAR, line, Severity.HIGH)
    if limit.state_of(value) is LimitState.OVER:
        assert limit.use_of(value) >= 1.0
    else:
        assert limit.use_of(value) <= 1.0
