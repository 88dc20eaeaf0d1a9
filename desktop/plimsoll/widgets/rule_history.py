"""The history of a rule in sentences: how often it broke, what was done last, what that was worth."""

import math
from datetime import UTC, datetime

from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.score import Horizon, PastBreach, ProposalScore, Scoreboard, tallies
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats

SPAN_DAYS = 30
_SPAN_NS = SPAN_DAYS * 24 * 3600 * NS_PER_S
STATE_WORDS = {
    ProposalState.APPROVED: "approved",
    ProposalState.CHANGED: "changed",
    ProposalState.EXECUTED_ALONE: "carried out alone",
    ProposalState.REJECTED: "rejected",
    ProposalState.OVERRIDDEN: "overridden",
    ProposalState.OUTDATED: "ran out",
    ProposalState.INTERRUPTED: "lost at the desk's end",
}
"""What became of a proposal."""
_RAN_OUT = frozenset({ProposalState.OUTDATED, ProposalState.INTERRUPTED})


def rule_history(board: Scoreboard, limit_id: str, *, besides: str = "") -> tuple[str, ...]:
    """Return what is known of a limit's breaches and of what was decided about them.

    Parameters
    ----------
    board : Scoreboard
        The newest.
    limit_id : str
        Which limit.
    besides : str
        The breach it is told for: it is no history yet.
    """
    past = [one for one in board.breaches if one.limit_id == limit_id and one.breach_id != besides]
    if not past:
        return ("This rule has not been broken before, as far as the journal goes.",)
    recent = [one for one in past if one.raised_ns >= board.exchange_ns - _SPAN_NS]
    scores = [one for one in board.scores if one.limit_id == limit_id and one.breach_id != besides]
    times = "once" if len(recent) == 1 else f"{len(recent)} times"
    told = f"Breached {times} in {SPAN_DAYS} days." if recent else f"Not breached in {SPAN_DAYS} days."
    sentences = [f"{told} Last: {_last(past[-1], scores, board.currency)}."]
    if len(scores) > 1:
        sentences.append(_summary(scores, board.currency))
    return tuple(sentences)


def recorded_words(board: Scoreboard, limit_id: str) -> str:
    """Return how often the journal has a limit broken, and since when; empty before it was read."""
    if not board.exchange_ns:
        return ""
    past = [one for one in board.breaches if one.limit_id == limit_id]
    if not past:
        return "The journal has no breach of this limit."
    times = "once" if len(past) == 1 else f"{len(past)} times"
    return f"The journal has it broken {times}, first on {_day(past[0].raised_ns)}, as the book then was."


def saved_words(base: float, currency: str) -> str:
    """Return what a decision was worth: saved +$38,200, or cost −$1,200."""
    if base == 0.0:
        return "neither saved nor cost anything"
    return f"{'saved' if base > 0.0 else 'lost'} {formats.money(abs(base), currency)}"


def _last(breach: PastBreach, scores: list[ProposalScore], currency: str) -> str:
    parts = [_day(breach.raised_ns)]
    score = next((one for one in reversed(scores) if one.breach_id == breach.breach_id), None)
    if score is not None:
        parts.append(_became(score))
    else:
        parts.append("nothing was decided about a plan")
    if breach.eased_ns:
        minutes = formats.age((breach.eased_ns - breach.raised_ns) / NS_PER_S)
        parts.append(f"{breach.caption} back under in {minutes}")
    else:
        parts.append("not back under yet")
    if score is not None:
        parts.append(_worth(score, currency))
    return ", ".join(parts)


def _became(score: ProposalScore) -> str:
    if score.state in _RAN_OUT:
        return f"{score.planner} {STATE_WORDS[score.state]}"
    return f"{STATE_WORDS[score.state]} {score.planner}" + (f" ({score.person})" if score.person else "")


def _worth(score: ProposalScore, currency: str) -> str:
    known = score.newest_known
    if known is None:
        return f"worth not known ({score.horizons[0].why_unknown})"
    if score.state.was_executed:
        return f"{saved_words(known.acted_base, currency)} against doing nothing after {known.horizon}"
    return f"{saved_words(known.against_plan_base, currency)} against the plan after {known.horizon}"


def _summary(scores: list[ProposalScore], currency: str) -> str:
    (tally,) = tallies(scores, Horizon.DAY, lambda _: "")
    if math.isnan(tally.mean_base):
        return f"{tally.n} decisions about it; none is a day old."
    few = f", too few to conclude from ({tally.n_known})" if tally.is_few else ""
    return (
        f"{tally.n} decisions about it: after a day {tally.n_hits} of {tally.n_known} paid, on average they "
        f"{saved_words(tally.mean_base, currency)}{few}."
    )


def _day(exchange_ns: int) -> str:
    moment = datetime.fromtimestamp(exchange_ns / NS_PER_S, UTC).astimezone(formats.NEW_YORK)
    return f"{moment:%b} {moment.day}"
