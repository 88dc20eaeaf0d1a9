"""What a protocol backtest assumes: the history, the people, the costs, and how often it is tried."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HumanModel:
    """How the people at the desk answer proposals.

    Attributes
    ----------
    median_s : float
        Half of all answers come within so many seconds after the proposal; above zero, or zero for at once.
    spread : float
        Standard deviation of the logarithm of that time (a lognormal law); zero answers always alike.
    absent_fraction : float
        Share of breaches that nobody sees on their day; looked at anew each day.
    override_fraction, reject_fraction : float
        Of what is seen, the share that is overridden until the day roll, and the share that is turned down.
    second_look_s : float
        To approve a plan that was worked out anew while it was looked at, and for a second person to confirm.
    """

    median_s: float = 180.0
    spread: float = 0.8
    absent_fraction: float = 0.1
    override_fraction: float = 0.1
    reject_fraction: float = 0.1
    second_look_s: float = 20.0

    def __post_init__(self) -> None:
        shares = (self.absent_fraction, self.override_fraction, self.reject_fraction)
        if not all(0.0 <= share <= 1.0 for share in shares) or shares[1] + shares[2] > 1.0:
            raise ValueError(
                f"shares were {shares}, expected each in [0, 1] and the last two to sum to 1 at most"
            )
        if min(self.median_s, self.spread, self.second_look_s) < 0.0:
            raise ValueError("a time or a spread was below zero, expected zero or more")

    @property
    def words(self) -> str:
        """What the page says of it."""
        return (
            f"answers after {self.median_s:.0f} s in the median, {self.absent_fraction:.0%} absent, "
            f"{self.override_fraction:.0%} overridden, {self.reject_fraction:.0%} rejected"
        )


@dataclass(frozen=True, slots=True)
class CostModel:
    """What trading costs beside the price.

    Attributes
    ----------
    spread_fraction : float
        Ask less bid over the mid; half of it is paid.
    fee_fraction : float
        Of the money traded.
    """

    spread_fraction: float = 0.001
    fee_fraction: float = 0.0002

    def __post_init__(self) -> None:
        if not (0.0 <= self.spread_fraction < 1.0 and 0.0 <= self.fee_fraction < 1.0):
            raise ValueError("a cost was outside [0, 1), expected shares like 0.001")

    @property
    def words(self) -> str:
        """What the page says of it."""
        return f"spread {self.spread_fraction * 1e4:.0f} bp, fee {self.fee_fraction * 1e4:.0f} bp"


@dataclass(frozen=True, slots=True)
class ProtocolTerms:
    """One protocol backtest.

    Attributes
    ----------
    first_day, last_day : int
        Days from 1970-01-01 between which the book is led, both included.
    human : HumanModel
        Who answers.
    costs : CostModel
        What it costs.
    n_humans : int
        How often the same history is tried with other draws of the human, the first among them.
    n_histories : int
        How many block-bootstrapped histories are tried.
    mean_block_days : float
        Mean length of their blocks.
    seed : int
        The same seed gives the same result to the cent.
    """

    first_day: int
    last_day: int
    human: HumanModel = field(default_factory=HumanModel)
    costs: CostModel = field(default_factory=CostModel)
    n_humans: int = 5
    n_histories: int = 5
    mean_block_days: float = 20.0
    seed: int = 1
