"""A stretch of being broken: what was held and what could still be lost when it began, and what was done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.domain.breach import Breach, BreachState

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Episode:
    """One limit's member from its first breach until it has eased and closed.

    A breach raised anew when an override runs out belongs to the same episode: the loss is the same loss.

    Attributes
    ----------
    episode_id : str
        The id of its first breach.
    limit_id, member : str
        What is broken.
    began_ns : int
        On the desk's clock.
    held : Mapping
        Signed quantities by code when it began: a share is taken of these.
    loss_budget_base : float
        What could still be lost then, base money; NaN for a measure that is no loss.
    n_executed : int
        Plans carried out; automation acts once.
    """

    episode_id: str
    limit_id: str
    member: str
    began_ns: int
    held: Mapping[str, Decimal] = field(default_factory=dict)
    loss_budget_base: float = float("nan")
    n_executed: int = 0

    def row(self) -> dict[str, object]:
        """Return what the journal keeps."""
        budget = self.loss_budget_base
        return {
            "episode_id": self.episode_id,
            "limit_id": self.limit_id,
            "member": self.member,
            "began_ns": self.began_ns,
            "held": {code: str(quantity) for code, quantity in self.held.items()},
            "loss_budget": None if math.isnan(budget) else budget,
            "n_executed": self.n_executed,
        }


def episode_from(body: Mapping[str, object]) -> Episode:
    """Return an episode from its journal row."""
    held, budget = body["held"], body["loss_budget"]
    quantities = held if isinstance(held, Mapping) else {}
    return Episode(
        episode_id=str(body["episode_id"]),
        limit_id=str(body["limit_id"]),
        member=str(body["member"]),
        began_ns=int(str(body["began_ns"])),
        held={str(code): Decimal(str(quantity)) for code, quantity in quantities.items()},
        loss_budget_base=float("nan") if budget is None else float(str(budget)),
        n_executed=int(str(body["n_executed"])),
    )


class EpisodeBook:
    """Every episode that has not ended; one owner, the risk thread.

    The caller journals `Episode.row()` when one begins or something was executed, before it acts.
    """

    def __init__(self) -> None:
        self._open: dict[_Key, Episode] = {}
        self._state: dict[str, BreachState] = {}

    def of(self, breach: Breach) -> Episode | None:
        """Return the episode a breach belongs to, if it has begun."""
        return self._open.get((breach.limit.limit_id, breach.member))

    def begin(
        self, breach: Breach, held: Mapping[str, Decimal], loss_budget_base: float, now_ns: int
    ) -> Episode:
        """Return the episode of a breach, begun now unless it has begun before."""
        key = (breach.limit.limit_id, breach.member)
        if key not in self._open:
            budget = loss_budget_base
            self._open[key] = Episode(breach.breach_id, *key, now_ns, dict(held), budget)
        return self._open[key]

    def note_executed(self, episode_id: str) -> Episode | None:
        """Count a plan that was carried out, and return the episode as it stands now."""
        for key, episode in self._open.items():
            if episode.episode_id == episode_id:
                self._open[key] = replace(episode, n_executed=episode.n_executed + 1)
                return self._open[key]
        return None

    def follow(self, breach: Breach) -> None:
        """Take each change of a breach: one that closes ends its episode, unless only an override ran out.

        After a restart each open breach is to be told of once.
        """
        if breach.state is not BreachState.CLOSED:
            self._state[breach.breach_id] = breach.state
            return
        # A closed breach is told of once more when its incident is filed: then nobody knows it here.
        before = self._state.pop(breach.breach_id, None)
        if before not in {None, BreachState.OVERRIDDEN}:
            self._open.pop((breach.limit.limit_id, breach.member), None)

    def restore(self, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session; the newest of an episode stands."""
        episode = episode_from(body)
        self._open[(episode.limit_id, episode.member)] = episode
