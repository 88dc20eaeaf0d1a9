"""A series that stands in for the history an instrument does not have, stated."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandIn:
    """How one instrument's missing returns were made, or why they could not be.

    Attributes
    ----------
    code : str
        The instrument.
    proxy_code : str
        Whose returns stand in; empty where none does.
    beta : float
        Return of the instrument per return of its proxy, over the days both have; NaN where none.
    r_squared : float
        Share of the instrument's variance that the proxy explains on those days.
    residual_volatility : float
        Standard deviation per day of the rest; it is drawn into the filled returns, not left out.
    n_overlap, n_filled : int
        Days both have, and days filled.
    is_by_user : bool
        Whether the instrument master names the proxy; else it was the best correlated one.
    reason : str
        Why no series stands in; empty where one does.
    """

    code: str
    proxy_code: str = ""
    beta: float = float("nan")
    r_squared: float = float("nan")
    residual_volatility: float = float("nan")
    n_overlap: int = 0
    n_filled: int = 0
    is_by_user: bool = False
    reason: str = ""

    @property
    def is_filled(self) -> bool:
        """Whether the instrument enters the scenarios by its proxy."""
        return bool(self.proxy_code) and not self.reason

    @property
    def words(self) -> str:
        """What the tooltip and the list of proxies say."""
        if not self.is_filled:
            return f"{self.code}: no proxy, {self.reason}"
        residual = f"residual {self.residual_volatility:.2%} a day drawn"
        return (
            f"{self.code}: {self.n_filled} days by {self.proxy_code} × {self.beta:.2f}, R² "
            f"{self.r_squared:.2f} over {self.n_overlap} common days, {residual}"
        )
