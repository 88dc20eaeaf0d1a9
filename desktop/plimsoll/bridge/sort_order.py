"""The order of rows by a column: stable, unknown last whichever way."""

import numpy as np
from numpy.typing import NDArray


def sorted_rows(values: NDArray[np.float64], *, descending: bool) -> NDArray[np.intp]:
    """Return the row numbers in the order of `values`.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        The column; NaN is unknown.
    descending : bool
        Largest first. Equal values keep their given order either way.

    Returns
    -------
    ndarray of shape (n_rows,)
        Rows with a value first, rows of NaN last.
    """
    # Negating keeps the sort stable where reversing would not, and leaves NaN last, where argsort puts it.
    return np.argsort(-values if descending else values, kind="stable")


def ranks_of_texts(texts: list[str]) -> NDArray[np.float64]:
    """Return the place of each text in the alphabet of `texts`, without regard to case; empty is unknown."""
    place = {text: rank for rank, text in enumerate(sorted({text.casefold() for text in texts}))}
    return np.array([place[text.casefold()] if text else np.nan for text in texts], dtype=np.float64)
