"""When one rule was last evaluated and last fired, and how often."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """One line of the rule table.

    Attributes
    ----------
    limit_id : str
        The rule.
    last_evaluated_ns : int
        When its measure was last known and compared, on the desk's clock; 0 never in this session.
    last_fired_ns : int
        When it last raised a breach, in this session or an earlier one; 0 never.
    n_fired_in_week : int
        Breaches raised in the seven days before now.
    n_fired : int
        Breaches raised as far as the journal reaches.
    """

    limit_id: str
    last_evaluated_ns: int
    last_fired_ns: int
    n_fired_in_week: int
    n_fired: int
