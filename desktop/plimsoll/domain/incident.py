"""How the incident behind a breach is filed: what caused it and what resolved it, from fixed lists."""

from enum import StrEnum


class IncidentCause(StrEnum):
    """Why a limit was crossed."""

    MARKET_MOVE = "market_move"
    POSITION_ERROR = "position_error"
    BAD_PRICE = "bad_price"
    LIMIT_TOO_TIGHT = "limit_too_tight"
    MODEL = "model"
    OPERATIONAL = "operational"

    @property
    def caption(self) -> str:
        """What the screen calls it."""
        return _CAUSES[self]


class Resolution(StrEnum):
    """What brought the measure back, or let it stand."""

    REDUCED = "reduced"
    HEDGED = "hedged"
    ACCEPTED = "accepted"
    REVERSED = "reversed"
    DATA_CORRECTED = "data_corrected"
    LIMIT_CHANGED = "limit_changed"

    @property
    def caption(self) -> str:
        """What the screen calls it."""
        return _RESOLUTIONS[self]


_CAUSES = {
    IncidentCause.MARKET_MOVE: "Market move",
    IncidentCause.POSITION_ERROR: "Position error",
    IncidentCause.BAD_PRICE: "Bad price",
    IncidentCause.LIMIT_TOO_TIGHT: "Limit too tight",
    IncidentCause.MODEL: "Model",
    IncidentCause.OPERATIONAL: "Operational",
}
_RESOLUTIONS = {
    Resolution.REDUCED: "Position reduced",
    Resolution.HEDGED: "Hedged",
    Resolution.ACCEPTED: "Accepted under override",
    Resolution.REVERSED: "Reversed by itself",
    Resolution.DATA_CORRECTED: "Data corrected",
    Resolution.LIMIT_CHANGED: "Limit changed",
}
