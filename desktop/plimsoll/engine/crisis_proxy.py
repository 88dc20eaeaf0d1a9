"""Which series stands in for an instrument that had no price in a window, and how closely."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.stand_in import StandIn
from plimsoll.engine.proxy_map import LEAST_R_SQUARED, STAND_IN_CLASSES
from plimsoll.engine.study_history import StudyHistory
from plimsoll.risk.errors import InsufficientHistory, NotPositive
from plimsoll.risk.proxy import ProxyFill, fill_by_proxy

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_COMMON_DAYS = 60
"""Fewer common days say too little of how two series move together to carry a crisis."""


class StandIns:
    """Chooses a stand-in for each instrument and window, from the whole history both have in common.

    The instrument master's `proxy` counts first. Without one, an index or fund stands in for a share, fund or
    an index, and a member of its own class for anything else: of those with a price on every day wanted, the
    one that explains most of the instrument's variance, if it is a tenth or more.

    Parameters
    ----------
    history : StudyHistory
        The codes and their common days.

    Attributes
    ----------
    returns : ndarray, shape (n_days, n_codes)
        Of the history; see `StudyHistory.returns`.
    """

    def __init__(self, history: StudyHistory) -> None:
        self._history = history
        self.returns = history.returns()
        self._is_known: BoolArray = np.isfinite(self.returns)
        self._r_squared: FloatArray | None = None
        self._fits: dict[tuple[int, int], ProxyFill | str] = {}

    def choice(self, number: int, rows: slice) -> tuple[StandIn, int]:
        """Return how an instrument's returns in some rows are made, and its proxy's number; −1 for none.

        Parameters
        ----------
        number : int
            The instrument's column.
        rows : slice
            The returns wanted: the days after the window's first.
        """
        item = self._history.instruments[number]
        missing = ~self._is_known[rows, number]
        is_whole: BoolArray = np.logical_and.reduce(self._is_known[rows][missing], axis=0)
        if item.proxy:
            proxy = self._history.codes.index(item.proxy) if item.proxy in self._history.codes else -1
            if proxy < 0 or not is_whole[proxy]:
                reason = f"{item.proxy} had no price then either"
                return StandIn(item.code, item.proxy, is_by_user=True, reason=reason), -1
        else:
            proxy = self._best(number, is_whole)
            if proxy < 0:
                return StandIn(
                    item.code, reason="nothing of its kind had a price then and explains enough"
                ), -1
        return self._stand_in(number, proxy, int(missing.sum()))

    def fill(self, number: int, proxy: int, beta: float, rows: slice) -> FloatArray:
        """Return own returns, or beta times the proxy's where there is none, shape (n_rows,)."""
        own, stand_in = self.returns[rows, number], self.returns[rows, proxy]
        # What falls by more than it is worth is worth nothing, never less.
        return np.where(np.isfinite(own), own, np.maximum(beta * stand_in, -0.99))

    def residuals(self, number: int, proxy: int, rows: slice) -> FloatArray:
        """Return the same with what the proxy does not explain drawn into it, shape (n_rows,).

        Each instrument draws residuals of its own, the same at every run.
        """
        seed = crc32(self._history.codes[number].encode())
        table, _ = fill_by_proxy(self.returns[:, [number, proxy]], 0, 1, seed=seed)
        drawn: FloatArray = np.maximum(table[rows, 0], -0.99)
        return drawn

    def _stand_in(self, number: int, proxy: int, n_filled: int) -> tuple[StandIn, int]:
        code, stands_in = self._history.codes[number], self._history.codes[proxy]
        by_user = bool(self._history.instruments[number].proxy)
        fit = self._fit(number, proxy)
        if isinstance(fit, str):
            return StandIn(code, stands_in, is_by_user=by_user, reason=fit), -1
        explained = float(self._explained()[number, proxy])
        volatility = fit.residual_volatility
        return (
            StandIn(code, stands_in, fit.beta, explained, volatility, fit.n_overlap, n_filled, by_user),
            proxy,
        )

    def _fit(self, number: int, proxy: int) -> ProxyFill | str:
        if (number, proxy) not in self._fits:
            try:
                _, fit = fill_by_proxy(self.returns[:, [number, proxy]], 0, 1)
                self._fits[number, proxy] = fit
            except (InsufficientHistory, NotPositive) as refusal:
                self._fits[number, proxy] = str(refusal)
        return self._fits[number, proxy]

    def _best(self, number: int, is_whole: BoolArray) -> int:
        kinds = STAND_IN_CLASSES[self._history.instruments[number].asset_class]
        may = np.array(
            [item.asset_class in kinds and item.fixed_price is None for item in self._history.instruments]
        )
        may[number] = False
        explained = np.where(may & is_whole, self._explained()[number], 0.0)
        best = int(explained.argmax())
        return best if explained[best] > LEAST_R_SQUARED else -1

    def _explained(self) -> FloatArray:
        """Return the squared correlation of every pair over its common days, 0 where they are too few."""
        if self._r_squared is None:
            known = self._is_known.astype(np.float64)
            value = np.where(self._is_known, self.returns, 0.0)
            n = known.T @ known
            total = value.T @ known  # of the row's returns on the days the column has one
            square = np.square(value).T @ known
            with np.errstate(divide="ignore", invalid="ignore"):
                covariance = value.T @ value - total * total.T / n
                spread = square - np.square(total) / n
                r_squared = np.square(covariance) / (spread * spread.T)
            usable = np.isfinite(r_squared) & (n >= LEAST_COMMON_DAYS)
            self._r_squared = np.where(usable, r_squared, 0.0)
        return self._r_squared
