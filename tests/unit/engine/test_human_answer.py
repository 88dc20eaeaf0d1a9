"""The model of the human keeps to its shares and its median, and meets each policy alike."""

import numpy as np
import pytest

from plimsoll.domain.protocol_terms import CostModel, HumanModel
from plimsoll.engine.human_answer import AnswerKind, HumanAnswer, answer_of

MODEL = HumanModel(200.0, 0.7, absent_fraction=0.3, override_fraction=0.2, reject_fraction=0.1)


def answers(n: int = 4_000) -> list[HumanAnswer]:
    return [answer_of(MODEL, limit_id="var", member="", day=day, seed=1) for day in range(n)]


def test_that_shares_and_median_are_those_of_the_model() -> None:
    made = answers()
    share = {kind: np.mean([each.kind is kind for each in made]) for kind in AnswerKind}
    # Three standard deviations of 4 000 draws.
    assert share[AnswerKind.ABSENT] == pytest.approx(0.3, abs=0.022)
    assert share[AnswerKind.OVERRIDE] == pytest.approx(0.7 * 0.2, abs=0.017)
    assert share[AnswerKind.REJECT] == pytest.approx(0.7 * 0.1, abs=0.013)
    after = np.log([each.after_s for each in made])
    assert np.median(after) == pytest.approx(np.log(200.0), abs=3 * 1.2533 * 0.7 / np.sqrt(4_000))
    assert after.std() == pytest.approx(0.7, abs=0.03)


def test_that_an_answer_hangs_on_seed_limit_member_and_day_alone() -> None:
    given = {"limit_id": "var", "member": "Energy", "day": 9, "seed": 2}
    answer = answer_of(MODEL, **given)
    assert answer == answer_of(MODEL, **given)
    for change in ({"limit_id": "es"}, {"member": "IT"}, {"day": 10}, {"seed": 3}):
        assert answer_of(MODEL, **{**given, **change}).after_s != answer.after_s


def test_that_impossible_terms_are_refused() -> None:
    for shares in ({"absent_fraction": 1.5}, {"override_fraction": 0.7, "reject_fraction": 0.6}):
        with pytest.raises(ValueError, match="shares were"):
            HumanModel(**shares)
    with pytest.raises(ValueError, match="below zero"):
        HumanModel(median_s=-1.0)
    with pytest.raises(ValueError, match="a cost was"):
        CostModel(spread_fraction=1.0)
    assert "200 s" in MODEL.words
    assert CostModel().words == "spread 10 bp, fee 2 bp"
