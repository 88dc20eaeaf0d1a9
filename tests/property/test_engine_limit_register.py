"""Laws of changing limits: tightening is never delayed, loosening never early, a restart finds the same."""

import json
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.limit_change import LimitChange, tightened_part
from plimsoll.domain.person import Person
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.limit_register import LimitRegister

NAMES = ("Ada", "Ben")
DAY = 86_400 * NS_PER_S
WHY = "the law has to hold always"
LINES = st.sampled_from([50.0, 80.0, 100.0, 150.0, 300.0])
IDS = st.sampled_from(["var", "cushion"])
START = {
    "var": Limit("var", "VaR", Measure.VAR, 100.0, Severity.HIGH),
    "cushion": Limit("cushion", "Cushion", Measure.MARGIN_CUSHION, 100.0, Severity.HIGH),
}


def allows_no_more(limit: Limit | None, than: Limit | None) -> bool:
    """Tell whether a limit is at least as strict, judged without the code under test."""
    if than is None:
        return True
    if limit is None:
        return False
    is_tight = limit.line >= than.line if limit.measure.is_floor else limit.line <= than.line
    severities = list(Severity)
    return (
        is_tight
        and limit.confirm_s <= than.confirm_s
        and limit.cool_down_s <= than.cool_down_s
        and severities.index(limit.severity) >= severities.index(than.severity)
    )


class Register(RuleBasedStateMachine):
    """One or two people change limits while time passes."""

    @initialize()
    def begin(self) -> None:
        self.now_ns = 1_000 * DAY
        self.register = LimitRegister(tuple(START.values()))
        self.rows = [self.register.first_row()]
        self.n = 0
        self.asked: dict[str, list[tuple[int, Limit | None]]] = {limit_id: [] for limit_id in START}
        self.confirmed_ns: dict[str, int] = {}
        self.before = self.standing()

    def standing(self) -> dict[str, Limit]:
        return {limit.limit_id: limit for limit in self.register.standing(self.now_ns)}

    def take(self, change: LimitChange) -> None:
        kind, body = LimitRegister.row(change)
        self.rows.append((kind, json.loads(json.dumps(body, allow_nan=False))))
        self.register.restore(kind, body)

    def propose(self, limit_id: str, after: Limit | None, name: str) -> None:
        self.n += 1
        try:
            change = self.register.propose(f"C{self.n}", limit_id, after, Person(name), WHY, self.now_ns)
        except DecisionRefused:
            return
        self.take(change)
        self.asked[limit_id].append((self.now_ns, after))
        stands = self.standing().get(limit_id)
        assert allows_no_more(stands, change.before), "a proposal alone never loosens"
        if allows_no_more(after, change.before):
            assert stands == after, "a tightening is never delayed"

    @rule(
        limit_id=IDS,
        line=LINES,
        confirm_s=st.sampled_from([0.0, 5.0]),
        cool_down_s=st.sampled_from([10.0, 60.0]),
        severity=st.sampled_from(Severity),
        name=st.sampled_from(NAMES),
    )
    def change(
        self, limit_id: str, line: float, confirm_s: float, cool_down_s: float, severity: Severity, name: str
    ) -> None:
        after = replace(
            START[limit_id], line=line, confirm_s=confirm_s, cool_down_s=cool_down_s, severity=severity
        )
        self.propose(limit_id, after, name)

    @rule(limit_id=IDS, name=st.sampled_from(NAMES))
    def remove(self, limit_id: str, name: str) -> None:
        self.propose(limit_id, None, name)

    @precondition(lambda self: bool(self.register.pending))
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def confirm(self, data: st.DataObject, name: str) -> None:
        change = data.draw(st.sampled_from(self.register.pending))
        try:
            confirmed = self.register.confirm(change.change_id, Person(name), self.now_ns)
        except DecisionRefused:
            assert name == change.person or change.acts_ns <= self.now_ns
            return
        assert name != change.person
        self.take(confirmed)
        self.confirmed_ns[change.limit_id] = self.now_ns
        assert self.standing().get(change.limit_id) == change.after

    @precondition(lambda self: bool(self.register.pending))
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def cancel(self, data: st.DataObject, name: str) -> None:
        change = data.draw(st.sampled_from(self.register.pending))
        before = self.standing()
        try:
            self.take(self.register.cancel(change.change_id, Person(name), WHY, self.now_ns))
        except DecisionRefused:
            assert change.acts_ns <= self.now_ns
            return
        assert self.standing() == before
        assert change.change_id not in {waiting.change_id for waiting in self.register.pending}

    @rule(hours=st.sampled_from([0.0, 1.0, 11.0, 24.0, 30.0]))
    def pass_time(self, hours: float) -> None:
        self.now_ns += int(hours * 3_600) * NS_PER_S

    @rule()
    def write_what_is_due(self) -> None:
        before = self.standing()
        for change in self.register.due(self.now_ns):
            self.take(change)
        assert self.standing() == before
        assert not self.register.due(self.now_ns)

    @rule()
    def restart(self) -> None:
        again = LimitRegister(())
        for kind, body in self.rows:
            again.restore(kind, body)
        assert again.pending == self.register.pending
        for later in (0, DAY, 9 * DAY):
            assert again.standing(self.now_ns + later) == self.register.standing(self.now_ns + later)
        self.register = again

    @invariant()
    def nothing_loosens_that_nobody_asked_for_a_day_ago_or_confirmed(self) -> None:
        if not hasattr(self, "register"):
            return
        now = self.standing()
        for limit_id, old in self.before.items():
            new = now.get(limit_id)
            if allows_no_more(new, old):
                continue
            old_enough = [after for asked_ns, after in self.asked[limit_id] if asked_ns + DAY <= self.now_ns]
            is_confirmed = self.confirmed_ns.get(limit_id) == self.now_ns
            assert is_confirmed or any(new == after for after in old_enough)
        self.before = now


Register.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestThatTighteningIsNeverDelayedAndLooseningNeverEarly = Register.TestCase


def test_that_the_laws_are_judged_by_something_else_than_the_code_under_test() -> None:
    """The judge above and `tightened_part` agree on the plain cases, each in its own words."""
    var = START["var"]
    for line in (50.0, 100.0, 150.0):
        after = replace(var, line=line)
        assert allows_no_more(after, var) == (tightened_part(var, after) == after)
