"""Gives breaches of one storm one cause, so that a thousand crossings at once ask one question."""

from plimsoll.domain.units import NS_PER_S

STORM_GAP_NS = 2 * NS_PER_S
"""A storm lasts while its breaches follow each other within this time on the desk's clock."""

LONGEST_STORM_NS = 30 * NS_PER_S
"""And no longer than this: a slow crisis that breaks a limit each second is more than one thing."""


class Storm:
    """The storm that lasts now, if one does."""

    def __init__(self) -> None:
        self._cause_id = ""
        self._began_ns = 0
        self._newest_ns = 0

    def cause_of(self, breach_id: str, now_ns: int) -> str:
        """Return the cause of a breach about to be raised; the first breach of a storm names it."""
        is_over = (
            not self._cause_id
            or now_ns - self._newest_ns > STORM_GAP_NS
            or now_ns - self._began_ns > LONGEST_STORM_NS
        )
        return f"C-{breach_id.removeprefix('B-')}" if is_over else self._cause_id

    def note_raised(self, cause_id: str, now_ns: int) -> None:
        """Hear that a breach of this cause was raised: it is in the journal."""
        if cause_id != self._cause_id:
            self._cause_id, self._began_ns = cause_id, now_ns
        self._newest_ns = now_ns
