"""A rule that never fires and one that cannot be computed look alike only without this table."""

from dataclasses import replace

import numpy as np

from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.engine.rule_record import WEEK_NS, RuleRecord

VAR = Limit("var", "VaR", Measure.VAR, 1.0, Severity.HIGH)
ES = replace(VAR, limit_id="es", measure=Measure.ES)
NOW_NS = 10 * WEEK_NS


def test_that_only_a_rule_that_could_be_compared_counts_as_evaluated() -> None:
    record = RuleRecord((VAR, ES))
    record.note_evaluated(np.array([True, False]), NOW_NS)
    assert [rule.last_evaluated_ns for rule in record.standings(NOW_NS)] == [NOW_NS, 0]


def test_that_fires_are_counted_over_seven_days_and_in_all() -> None:
    record = RuleRecord((VAR, ES))
    for fired_ns in (NOW_NS - 2 * WEEK_NS, NOW_NS - WEEK_NS, NOW_NS - WEEK_NS + 1, NOW_NS - 5):
        record.note_fired("var", fired_ns)
    assert record.standings(NOW_NS) == (
        RuleStanding("var", 0, NOW_NS - 5, 2, 4),
        RuleStanding("es", 0, 0, 0, 0),
    )
    assert record.standings(NOW_NS + WEEK_NS)[0].n_fired_in_week == 0


def test_that_another_set_of_rules_keeps_what_is_known_of_those_that_stay() -> None:
    record = RuleRecord((VAR, ES))
    record.note_evaluated(np.array([True, True]), NOW_NS)
    record.note_fired("es", NOW_NS)
    record.take_limits((replace(ES, line=2.0), replace(VAR, limit_id="new")))
    assert record.standings(NOW_NS) == (
        RuleStanding("es", NOW_NS, NOW_NS, 1, 1),
        RuleStanding("new", 0, 0, 0, 0),
    )
