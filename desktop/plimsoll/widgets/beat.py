"""A beat of the window: one snapshot shown part by part, a part a frame, before the next beat begins."""

from collections import deque
from collections.abc import Callable, Sequence

from plimsoll.domain.snapshot import RiskSnapshot

Part = Callable[[RiskSnapshot], None]


class Beat:
    """Carries one snapshot through all parts of the window.

    The parts are heavy enough to lose a frame if one frame had to show them all. A beat under way is always
    brought to its end before another begins, so that all parts come to show the same snapshot.

    Attributes
    ----------
    snapshot : RiskSnapshot or None
        The one the parts show, or are about to.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._waiting: deque[Part] = deque()
        self.snapshot: RiskSnapshot | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether some part still shows an older snapshot."""
        return bool(self._waiting)

    def begin(self, snapshot: RiskSnapshot) -> None:
        """Take a snapshot; no part shows it yet."""
        self.snapshot = snapshot
        self._waiting = deque(self._parts)

    def show_next(self) -> None:
        """Let the next part show it."""
        if self._waiting and self.snapshot is not None:
            self._waiting.popleft()(self.snapshot)

    def show_rest(self) -> None:
        """Let every part that still waits show it now."""
        while self._waiting:
            self.show_next()
