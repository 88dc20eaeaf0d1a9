"""A proposal in sentences: what it costs, what it breaks, how it stands and why it may not go out alone."""

import math

from plimsoll.domain.proposal import LimitEffect, Plan, PlanOption, Proposal
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats

BASIS_POINTS = 10_000.0
_S = ProposalState
_STATES = {
    _S.OPEN: "",
    _S.AWAITS_SECOND: "approved by {person}, waits for a second person",
    _S.APPROVED: "approved by {person}{second}",
    _S.CHANGED: "changed and approved by {person}{second}",
    _S.EXECUTED_ALONE: "carried out by the desk alone",
    _S.REJECTED: "rejected by {person}",
    _S.OVERRIDDEN: "overridden by {person}: nothing is done",
    _S.OUTDATED: "out of date",
    _S.INTERRUPTED: "interrupted: the desk stopped before it was decided",
}


def caption_of(plan: Plan) -> str:
    """Return a plan's name as its tab says it."""
    return f"{plan.planner[:1].upper()}{plan.planner[1:]}" if plan.planner else "Plan"


def number_words(n: int, noun: str) -> str:
    """Return a number with its noun: 1 order, 3 orders."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def standing_words(standing: ProposalStanding) -> str:
    """Return how a proposal stands, by whom, when, and the words given; empty while it is open."""
    template = _STATES[standing.state]
    if not template:
        return ""
    second = f", confirmed by {standing.second}" if standing.second else ""
    words = template.format(person=standing.person or "nobody named", second=second)
    if standing.changed_ns:
        words += f", {formats.time_utc(standing.changed_ns)} UTC"
    said = f"{words[:1].upper()}{words[1:]}"
    return f"{said}. {sentence(standing.words)}" if standing.words else f"{said}."


def pending_words(standings: tuple[ProposalStanding, ...]) -> tuple[str, bool]:
    """Return what a card says of the proposals about its breaches, and whether one acts by itself."""
    counting = [each for each in standings if each.state is _S.OPEN and each.proposal.executes_ns]
    if counting:
        first = min(counting, key=lambda each: each.proposal.executes_ns).proposal
        what = f"{caption_of(first.plan)}, {_orders(first.plan)}"
        return f"{what}: goes out by itself at {formats.time_utc(first.executes_ns)} UTC", True
    waiting = [each for each in standings if not each.state.is_end]
    if len(waiting) > 1:
        return f"{len(waiting)} proposals await a decision", False
    if waiting:
        plan, state = waiting[0].proposal.plan, waiting[0].state
        whose = "a second person" if state is _S.AWAITS_SECOND else "a decision"
        return f"A proposal awaits {whose}: {caption_of(plan)}, {_orders(plan)}", False
    sent = [each for each in standings if each.state.was_executed]
    return (standing_words(sent[0]), False) if sent else ("", False)


def again_words(before: ProposalStanding, *, had_changes: bool) -> str:
    """Return why another proposal stands in the place of this one, and what was lost with it."""
    if before.state.was_executed:
        return "A further plan: orders went out, and the limit is still broken."
    why = before.words.strip().rstrip(".") if before.state is _S.OUTDATED else ""
    # The desk's own words for "somebody asked": they are no reason.
    because = f" because {why}" if why and not why.endswith("worked out again") else ""
    dropped = "; your changes were dropped" if had_changes else ""
    return f"Worked out again{because}{dropped}."


def cost_words(option: PlanOption, currency: str) -> str:
    """Return what a plan costs: money, basis points of what is traded, volume, margin."""
    plan, what_if = option.plan, option.what_if
    parts = [f"Estimated total cost {_money(what_if.cost_base, currency)}"]
    if what_if.turnover_base > 0.0:
        points = formats.number(what_if.cost_base / what_if.turnover_base * BASIS_POINTS, 1)
        parts[0] += f" ({points} bp of {formats.money(what_if.turnover_base, currency)} traded)"
    if plan.n_cost_unknown:
        parts.append(f"the cost of {number_words(plan.n_cost_unknown, 'order')} is not known and not in it")
    share = what_if.largest_volume_share
    if not math.isnan(share):
        parts.append(f"largest order {formats.fraction(share, 1)} of a day's volume")
    if not math.isnan(what_if.margin_after):
        parts.append(f"margin after {formats.money(what_if.margin_after, currency)}")
    return " · ".join(parts)


def broken_words(option: PlanOption) -> str:
    """Return which limits the plan newly breaks, or makes unknown; empty for none."""
    what_if = option.what_if
    parts = []
    if what_if.newly_broken:
        parts.append(f"This plan newly breaks {', '.join(what_if.newly_broken)}.")
    if what_if.newly_unknown:
        parts.append(f"After it nobody could judge {', '.join(what_if.newly_unknown)}.")
    return " ".join(parts)


def caution_words(plan: Plan) -> tuple[str, ...]:
    """Return what a plan leaves undone, and what goes out later."""
    said = [sentence(warning) for warning in plan.warnings]
    if plan.left_out:
        said.append(f"Left out: {', '.join(plan.left_out)}.")
    if plan.later:
        first_ns = min(leg.not_before_ns for leg in plan.later)
        when = f", the first from {formats.market_instant(first_ns)} New York" if first_ns else ""
        said.append(f"{number_words(len(plan.later), 'order')} of it later{when}.")
    return tuple(said)


def now_alone_words(proposal: Proposal, limit_id: str, currency: str) -> str:
    """Return what the orders of now alone make of the broken limit; empty where there are none of later."""
    effect = proposal.what_if_now.effect(limit_id) if proposal.plan.later else None
    if effect is None:
        return ""
    after = formats.in_unit(effect.after, effect.limit.measure.unit, currency)
    return f"After the orders of now alone: {after}."


def autonomy_words(proposal: Proposal) -> str:
    """Return what the end of the countdown or of the validity brings, and what keeps it from acting alone."""
    said = sentence(proposal.what_happens_at_zero)
    if proposal.why_not_automatic:
        said = f"{said} It does not act alone: {'; '.join(proposal.why_not_automatic)}.".strip()
    return said


def made_words(proposal: Proposal) -> str:
    """Return when it was made and for how long it holds."""
    good_s = (proposal.expires_ns - proposal.made_ns) / NS_PER_S
    made = formats.time_utc(proposal.made_ns)
    return f"Worked out {made} UTC on version {proposal.book_version} of the book, good for {good_s:.0f} s."


def closing_words(effect: LimitEffect | None, status: LimitStatus | None, currency: str) -> str:
    """Return the broken measure before the orders, as the plan expected it, and now."""
    if effect is None or status is None:
        return ""
    unit = status.limit.measure.unit
    before, planned, now = (
        formats.in_unit(value, unit, currency) for value in (effect.before, effect.after, status.value)
    )
    line = formats.in_unit(status.limit.line, unit, currency)
    verdict = "still beyond" if status.limit.is_crossed_by(status.value) else "within"
    if math.isnan(status.value):
        verdict = "unknown against"
    return (
        f"{status.limit.name}: {before} before, {now} now ({planned} planned), {verdict} its line of {line}."
    )


def _orders(plan: Plan) -> str:
    return number_words(len(plan.all_legs), "order")


def _money(value: float, currency: str) -> str:
    return formats.money(value, currency, digits=0 if abs(value) >= 10.0 else 2)


def sentence(words: str) -> str:
    """Return words as a sentence; nothing stays nothing."""
    words = words.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}." if words else ""
