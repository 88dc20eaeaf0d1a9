"""The long history that comes with the program (resources/market/README.md names its sources)."""

from pathlib import Path

import numpy as np

from plimsoll.engine.study_history import CloseColumns

ADJUSTMENT = "shares for splits and dividends"


def bundled_history(path: Path) -> CloseColumns:
    """Return the bundled daily closes.

    Parameters
    ----------
    path : Path
        ``resources/market/closes.npz``: `code` and `n_days` per code, `day` and `close` per row.
    """
    with np.load(path, allow_pickle=False) as file:
        codes = tuple(str(code) for code in file["code"])
        index = np.repeat(np.arange(len(codes), dtype=np.int64), file["n_days"])
        days = file["day"].astype(np.int64)
        closes = file["close"].astype(np.float64)
    return CloseColumns("bundled", ADJUSTMENT, codes, days, index, closes)
