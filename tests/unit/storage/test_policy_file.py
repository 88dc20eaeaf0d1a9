"""The response policy's file: the sample says what is built in, and every wrong field is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll import assets
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.response_policy import (
    ALERT,
    BUILT_IN,
    NO_TRADE_CURES,
    Autonomy,
    PlanKind,
    PolicyRule,
    Response,
    ResponsePolicy,
)
from plimsoll.storage.policy_file import policy_from_file, policy_from_text, write_policy

PATH = Path("responses.toml")
TEXT = """\
[[response]]
name = "cut"
plan = "uniform_reduction"
autonomy = "propose_and_execute_after"
countdown_s = 90
minimum_grade = "A"
reduce_fraction = 0.3
volume_share = 0.05
price_band_fraction = 0.02
expires_s = 200
loss_budget_fraction = 0
[[response]]
name = "hedge"
plan = "es_hedge"
hedge_instruments = ["US500"]
two_persons = true
[[rule]]
limit = "dd"
response = "cut"
[[rule]]
severity = "HIGH"
measures = ["var", "es"]
response = "hedge"
"""


def complaints_about(text: str) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        policy_from_text(text, PATH)
    return [str(complaint) for complaint in refusal.value.complaints]


def limit(measure: Measure, severity: Severity, **fields: str) -> Limit:
    return Limit(fields.pop("limit_id", "a"), "A", measure, 0.5, severity, **fields)


def test_that_the_sample_says_what_is_built_in() -> None:
    assert policy_from_file(assets.path("samples/responses.toml")) == BUILT_IN


def test_that_every_field_is_read() -> None:
    cut, hedge = policy_from_text(TEXT, PATH).responses
    assert cut == Response(
        "cut",
        PlanKind.UNIFORM_REDUCTION,
        Autonomy.PROPOSE_AND_EXECUTE_AFTER,
        90.0,
        GradeLetter.A,
        0.3,
        (),
        0.05,
        0.02,
        200.0,
        0.0,
    )
    assert hedge == Response("hedge", PlanKind.ES_HEDGE, hedge_instruments=("US500",), two_persons=True)
    assert policy_from_text(TEXT, PATH).rules == (
        PolicyRule("cut", "dd"),
        PolicyRule("hedge", "", Severity.HIGH, (Measure.VAR, Measure.ES)),
    )


def test_that_what_says_nothing_proposes_and_waits() -> None:
    (only,) = policy_from_text(
        '[[response]]\nname = "a"\nplan = "flatten"\n[[rule]]\nresponse = "a"\n', PATH
    ).responses
    assert only.autonomy is Autonomy.PROPOSE_AND_WAIT
    assert not only.autonomy.acts_alone


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "cut"', 'name = "Cut it"', "response 1, field name: was 'Cut it', expected a short name"),
        ('name = "hedge"', 'name = "cut"', "response 2, field name: was 'cut', expected a name of its own"),
        ('"uniform_reduction"', '"halve"', "response 1, field plan: was 'halve', expected one of alert,"),
        ('plan = "uniform_reduction"\n', "", "response 1, field plan: was 'missing', expected one of alert,"),
        ('"propose_and_execute_after"', '"act"', "response 1, field autonomy: was 'act', expected one of al"),
        ("countdown_s = 90", "countdown_s = 0", "response 1, field countdown_s: was '0', expected a number"),
        (
            "countdown_s = 90",
            'countdown_s = "x"',
            "response 1, field countdown_s: was 'x', expected a number",
        ),
        (
            '= "A"',
            '= "unknown"',
            "response 1, field minimum_grade: was 'unknown', expected one of A, B, C, D",
        ),
        ("= 0.3", "= 1.5", "response 1, field reduce_fraction: was '1.5', expected a number above 0 and at"),
        ("= 0.05", "= nan", "response 1, field volume_share: was 'nan', expected a number above 0"),
        ("= 0.02", "= true", "response 1, field price_band_fraction: was 'True', expected a number above 0"),
        ("_fraction = 0\n", "_fraction = -1\n", "response 1, field loss_budget_fraction: was '-1', expected"),
        ("expires_s", "expiry_s", "response 1, field expiry_s: was 'expiry_s', expected one of name, plan"),
        ('["US500"]', '"US500"', "response 2, field hedge_instruments: was 'US500', expected a list of te"),
        ('hedge_instruments = ["US500"]\n', "", "response 2, field hedge_instruments: was 'missing', expect"),
        ("persons = true", "persons = 1", "response 2, field two_persons: was '1', expected true or false"),
        (
            "two_persons = true",
            'two_persons = true\nautonomy = "execute_at_once"',
            "response 2, field autonomy: was 'execute_at_once', expected propose_and_wait",
        ),
        ('response = "cut"', 'response = "kut"', "rule 1, field response: was 'kut', expected the name of a"),
        ('limit = "dd"', "limit = 7", "rule 1, field limit: was '7', expected a text in quotes"),
        (
            'limit = "dd"',
            'limits = "dd"',
            "rule 1, field limits: was 'limits', expected one of limit, severi",
        ),
        ('"HIGH"', '"LOW"', "rule 2, field severity: was 'LOW', expected one of MEDIUM, HIGH, CRITICAL"),
        ('"es"]', '"delta"]', "rule 2, field measures: was 'delta', expected some of var"),
        ("[[rule]]", "[[rules]]", "key rules: was 'rules', expected tables [[response]] and [[rule]] only"),
    ],
)
def test_that_a_wrong_field_is_named(old: str, new: str, complaint: str) -> None:
    assert old in TEXT
    told = complaints_about(TEXT.replace(old, new, 1 if old != "[[rule]]" else -1))
    assert any(line.startswith(complaint) for line in told), told


def test_that_all_complaints_come_at_once() -> None:
    text = TEXT.replace('"A"', '"E"').replace("0.3", "3").replace('"HIGH"', '"LOW"')
    assert len(complaints_about(text)) == 3


@pytest.mark.parametrize("text", ["", "response = 1", "[[response]]\nname = 'a'\nplan = 'alert'\n", "= ="])
def test_that_a_file_without_its_tables_is_refused(text: str) -> None:
    assert complaints_about(text)


class TestWriting:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "responses.toml"
        path.write_text(assets.path("samples/responses.toml").read_text(encoding="utf-8"), encoding="utf-8")
        return path

    def test_that_an_unchanged_policy_leaves_the_file_as_it_is(self, path: Path) -> None:
        before = path.read_bytes()
        write_policy(path, BUILT_IN)
        assert path.read_bytes() == before

    def test_that_one_changed_field_changes_one_line(self, path: Path) -> None:
        before = path.read_text(encoding="utf-8").splitlines()
        cut, *others = BUILT_IN.responses
        changed = replace(BUILT_IN, responses=(replace(cut, reduce_fraction=0.3), *others))
        write_policy(path, changed)
        after = path.read_text(encoding="utf-8").splitlines()
        assert policy_from_file(path) == changed
        (line,) = (line for line in after if line not in before)
        assert line.startswith("reduce_fraction = 0.3               # of the exposure at the breach")
        assert len(after) == len(before)

    def test_that_any_policy_comes_back_as_it_went(self, tmp_path: Path) -> None:
        full = policy_from_text(TEXT, PATH)
        new = tmp_path / "new.toml"
        for policy in (full, BUILT_IN, replace(full, rules=full.rules[:1]), full):
            write_policy(new, policy)
            assert policy_from_file(new) == policy

    def test_that_a_field_that_is_back_at_its_default_is_taken_out(self, tmp_path: Path) -> None:
        new = tmp_path / "new.toml"
        full = policy_from_text(TEXT, PATH)
        write_policy(new, full)
        plain = replace(full, responses=(Response("cut", PlanKind.FLATTEN), full.responses[1]))
        write_policy(new, plain)
        assert policy_from_file(new) == plain
        assert "countdown_s" not in new.read_text()

    def test_that_what_cannot_stand_in_a_file_leaves_the_old_one(self, path: Path) -> None:
        before = path.read_bytes()
        nameless = replace(BUILT_IN, responses=(replace(BUILT_IN.responses[0], name="Not A Name"),))
        with pytest.raises(FileRefused):
            write_policy(path, nameless)
        assert path.read_bytes() == before

    def test_that_a_policy_that_would_read_back_otherwise_is_refused(self, path: Path) -> None:
        padded = replace(BUILT_IN.rules[0], limit_id=" drawdown ")
        with pytest.raises(FileRefused, match="read back as another policy"):
            write_policy(path, replace(BUILT_IN, rules=(padded, *BUILT_IN.rules[1:])))


class TestWhichResponse:
    def test_that_the_built_in_policy_answers_as_it_is_written(self) -> None:
        answers = {
            (Measure.DRAWDOWN, Severity.CRITICAL): PlanKind.UNIFORM_REDUCTION,
            (Measure.VAR_FRACTION, Severity.CRITICAL): PlanKind.MINIMUM_VARIANCE_HEDGE,
            (Measure.DAYS_TO_EXIT, Severity.CRITICAL): PlanKind.ORDERLY_LIQUIDATION,
            (Measure.HHI, Severity.CRITICAL): PlanKind.CHEAPEST_CUT,
            (Measure.DRAWDOWN, Severity.HIGH): PlanKind.CHEAPEST_CUT,
            (Measure.VAR, Severity.HIGH): PlanKind.CHEAPEST_CUT,
            (Measure.GROSS_LEVERAGE, Severity.MEDIUM): PlanKind.ALERT,
            (Measure.FEED_LAG_S, Severity.CRITICAL): PlanKind.ALERT,
        }
        for (measure, severity), kind in answers.items():
            assert BUILT_IN.response_to(limit(measure, severity)).kind is kind, (measure, severity)

    def test_that_half_is_taken_off_and_two_persons_confirm_what_is_critical(self) -> None:
        cut = BUILT_IN.response_to(limit(Measure.DRAWDOWN, Severity.CRITICAL))
        assert (cut.reduce_fraction, cut.two_persons) == (0.5, True)

    def test_that_nothing_built_in_acts_alone(self) -> None:
        assert not any(response.autonomy.acts_alone for response in BUILT_IN.responses)

    def test_that_every_measure_and_severity_has_an_answer(self) -> None:
        """A critical limit that nobody thought of must not end in silence (pitfalls, 37)."""
        for measure in Measure:
            for severity in Severity:
                response = BUILT_IN.response_to(limit(measure, severity))
                is_told = severity is Severity.MEDIUM or measure in NO_TRADE_CURES
                assert (response.kind is PlanKind.ALERT) == is_told

    def test_that_a_limit_s_own_response_goes_first_and_an_unknown_name_is_no_answer(self) -> None:
        own = limit(Measure.DRAWDOWN, Severity.CRITICAL, response="to-cash")
        assert BUILT_IN.response_to(own).name == "to-cash"
        lost = limit(Measure.DRAWDOWN, Severity.CRITICAL, response="no such")
        assert BUILT_IN.response_to(lost).name == "cut-half"

    def test_that_a_rule_of_one_limit_speaks_of_no_other(self) -> None:
        policy = policy_from_text(TEXT, PATH)
        assert policy.response_to(limit(Measure.HHI, Severity.MEDIUM, limit_id="dd")).name == "cut"
        assert policy.response_to(limit(Measure.HHI, Severity.HIGH)) is ALERT
        assert policy.response_to(limit(Measure.ES, Severity.HIGH)).name == "hedge"

    def test_that_a_rule_to_a_response_that_is_gone_is_passed_over(self) -> None:
        policy = ResponsePolicy((ALERT,), (PolicyRule("gone"),))
        assert policy.response_to(limit(Measure.VAR, Severity.HIGH)) is ALERT
