"""What a person does about one breach on one day, drawn from the model of the human."""

import zlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from plimsoll.domain.protocol_terms import HumanModel


class AnswerKind(StrEnum):
    """What a person may do."""

    APPROVE = "approve"
    OVERRIDE = "override"
    REJECT = "reject"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class HumanAnswer:
    """What a person does, and after how long."""

    kind: AnswerKind
    after_s: float


def answer_of(human: HumanModel, *, limit_id: str, member: str, day: int, seed: int) -> HumanAnswer:
    """Return what becomes of one breach on one day.

    It is drawn from the seed, the limit and the day alone: two policies meet the same people, so that what
    differs between them is the policy.

    Parameters
    ----------
    human : HumanModel
        The law drawn from.
    limit_id, member : str
        What is broken.
    day : int
        Days from 1970-01-01.
    seed : int
        Of the run.
    """
    key = zlib.crc32(f"{limit_id}|{member}".encode())
    draws = np.random.default_rng([seed, key, day])
    presence, choice = draws.random(2)
    after_s = human.median_s * float(np.exp(human.spread * draws.standard_normal()))
    if presence < human.absent_fraction:
        return HumanAnswer(AnswerKind.ABSENT, after_s)
    if choice < human.override_fraction:
        return HumanAnswer(AnswerKind.OVERRIDE, after_s)
    if choice < human.override_fraction + human.reject_fraction:
        return HumanAnswer(AnswerKind.REJECT, after_s)
    return HumanAnswer(AnswerKind.APPROVE, after_s)
