"""One list of codes on a connection: what to ask for next, and what each answer teaches."""

from collections import deque
from collections.abc import Iterable


class Subscription:
    """Finds, from whole-list answers alone, which of the wanted codes AllTick will serve.

    AllTick knows no way to add a code: each request replaces the whole list, and one bad code may have
    the whole request refused. So the list is tried whole first; when refused it is halved, and each half
    tried beside what is known to be good, until the bad codes stand alone. n codes with one bad among
    them take about 2·log2(n) requests.

    Attributes
    ----------
    refused : list of str
        Codes AllTick does not know or does not allow.
    cut : list of str
        Codes left out because the list was too long for the plan.
    """

    def __init__(self, wanted: Iterable[str] = ()) -> None:
        self.refused: list[str] = []
        self.cut: list[str] = []
        self._wanted: tuple[str, ...] = ()
        self._accepted: set[str] = set()
        self._untried: deque[tuple[str, ...]] = deque()
        self._must_send = False
        self._stands = False  # whether AllTick may know of any list on this connection
        self.want(wanted)

    def want(self, wanted: Iterable[str]) -> None:
        """Replace the whole list, most important first; codes known to be refused are not asked again."""
        self._wanted = tuple(dict.fromkeys(wanted))
        self.cut = []
        self._accepted &= set(self._wanted)
        self._plan()

    def forget_answers(self) -> None:
        """Begin anew after a reconnection, on which AllTick knows of no list."""
        self._accepted = set()
        self._stands = False
        self._plan()

    def drop(self, codes: Iterable[str]) -> None:
        """Leave out codes that were refused elsewhere, unless they were accepted here."""
        known = self._accepted.union(self.refused)
        bad = {code for code in codes if code not in known}
        self.refused.extend(code for code in self._wanted if code in bad)
        if bad & {code for group in self._untried for code in group}:
            self._plan()

    @property
    def needs_request(self) -> bool:
        """Whether there is something to send."""
        return bool(self._untried) or self._must_send

    @property
    def accepted(self) -> tuple[str, ...]:
        """The codes in the list AllTick said yes to, most important first."""
        return tuple(code for code in self._wanted if code in self._accepted)

    def next_list(self) -> tuple[str, ...]:
        """Return the whole list to send now, most important first; empty means to cancel."""
        self._stands = True
        trial = self._accepted | set(self._untried[0] if self._untried else ())
        return tuple(code for code in self._wanted if code in trial)

    def accept(self) -> None:
        """Learn that the list last sent was taken."""
        self._must_send = False
        if self._untried:
            self._accepted |= set(self._untried.popleft())

    def refuse(self) -> None:
        """Learn that at least one code of the list last sent is unknown or not allowed."""
        if not self._untried:
            # Even what was good before is refused now (a code was delisted): find out which.
            self.forget_answers()
            return
        group = self._untried.popleft()
        if len(group) == 1:
            self.refused.extend(group)
            # Whether a refused request leaves the earlier list standing is documented nowhere.
            self._must_send = not self._untried
        else:
            half = len(group) // 2
            self._untried.extendleft((group[half:], group[:half]))

    def shorten(self) -> None:
        """Learn that the list last sent was too long for the plan."""
        group = self._untried.popleft() if self._untried else ()
        half = len(group) // 2
        for left_out in (group[half:], *self._untried):
            self.cut.extend(left_out)
        self._untried = deque([group[:half]] if half else [])
        self._must_send = not half

    def give_up(self) -> None:
        """Ask no more until the list changes or the connection is new."""
        self._untried.clear()
        self._must_send = False

    def _plan(self) -> None:
        left_out = self._accepted.union(self.refused, self.cut)
        todo = tuple(code for code in self._wanted if code not in left_out)
        self._untried = deque([todo] if todo else [])
        self._must_send = self._stands and not todo
