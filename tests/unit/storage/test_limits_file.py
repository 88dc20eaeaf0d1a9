from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll import assets
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.storage.limits_file import limits_from_file, limits_from_text, write_limits

TEXT = """\
# The desk's lines, agreed 2020-01-06.
[[limit]]
id = "var"          # keep
name = "VaR of NAV"
measure = "var_fraction"
line = 0.01750      # 1.75 %
severity = "CRITICAL"
purpose = "No day should cost more."
owner = "Risk"

# Each sector apart.
[[limit]]
id = "sector"
name = "Sector weight"
measure = "gross_weight"
scope = "sector"
line = 0.4
severity = "MEDIUM"
warning_fraction = 0.9
reset_fraction = 0.97
cool_down_s = 0
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(TEXT)
    return path


def complaints_about(path: Path, text: str) -> list[str]:
    with pytest.raises(FileRefused) as refusal:
        limits_from_text(text, path)
    return [str(complaint) for complaint in refusal.value.complaints]


def test_that_limits_are_read_in_the_file_s_order_with_their_defaults(path: Path) -> None:
    var, sector = limits_from_file(path)
    assert var == Limit(
        "var",
        "VaR of NAV",
        Measure.VAR_FRACTION,
        0.0175,
        Severity.CRITICAL,
        purpose="No day should cost more.",
        owner="Risk",
    )
    assert sector.scope == Scope(ScopeKind.SECTOR)
    assert (sector.warning_fraction, sector.reset_fraction, sector.cool_down_s) == (0.9, 0.97, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            '"var_fraction"',
            '"vega"',
            "line 5, limit 1, field measure: was 'vega', expected one of var, var_fraction",
        ),
        (
            'measure = "var_fraction"\n',
            "",
            "line 2, limit 1, field measure: was 'missing', expected one of var,",
        ),
        (
            "line = 0.01750",
            "line = 0",
            "line 6, limit 1, field line: was '0', expected a finite number above 0",
        ),
        (
            "line = 0.01750",
            "line = -1.0",
            "line 6, limit 1, field line: was '-1.0', expected a finite number above",
        ),
        (
            "line = 0.01750",
            "line = nan",
            "line 6, limit 1, field line: was 'nan', expected a finite number above 0",
        ),
        (
            "line = 0.01750",
            "line = inf",
            "line 6, limit 1, field line: was 'inf', expected a finite number above 0",
        ),
        ("line = 0.01750", 'line = "1.75%"', "line 6, limit 1, field line: was '1.75%', expected a number"),
        ("line = 0.01750", "line = true", "line 6, limit 1, field line: was 'True', expected a number"),
        ("line = 0.01750", "line = 1.75", "expected a share of at most 1: 0.0175 is 1.75 %"),
        (
            "line = 0.01750",
            "lime = 1",
            "line 2, limit 1, field line: was 'missing', expected a number above 0",
        ),
        (
            "line = 0.01750",
            "lime = 1",
            "line 6, limit 1, field lime: was 'lime', expected one of id, name, measure",
        ),
        (
            "line = 0.4",
            "line = 40",
            "line 17, limit 2, field line: was '40', expected a share of NAV of at most 10",
        ),
        (
            '"CRITICAL"',
            '"critical"',
            "field severity: was 'critical', expected one of MEDIUM, HIGH, CRITICAL",
        ),
        (
            '"sector"\nline',
            '"planet"\nline',
            "field scope: was 'planet', expected one of book, instrument, sector",
        ),
        (
            'scope = "sector"\n',
            "",
            "field scope: was 'missing', expected instrument or sector or asset_class",
        ),
        (
            '"gross_weight"',
            '"drawdown"',
            "field scope: was 'sector', expected book for the measure drawdown",
        ),
        (
            '"gross_weight"\nscope = "sector"',
            '"hhi"\nscope = "instrument"',
            "field scope: was 'instrument', expected book or sector or asset_class or currency or country or",
        ),
        ('id = "sector"', 'id = "var"', "line 13, limit 2, field id: was 'var', expected an id of its own"),
        ('id = "sector"', 'id = "Sector limit"', "field id: was 'Sector limit', expected a short name"),
        (
            'name = "VaR of NAV"',
            'name = " "',
            "line 4, limit 1, field name: was ' ', expected what the trader calls",
        ),
        (
            'name = "VaR of NAV"',
            "name = 7",
            "line 4, limit 1, field name: was '7', expected a text in quotes",
        ),
        (
            "warning_fraction = 0.9",
            "warning_fraction = 1.1",
            "expected a finite number above 0 and at most 1",
        ),
        (
            "reset_fraction = 0.97",
            "reset_fraction = 0",
            "was '0', expected a finite number above 0 and at most 1",
        ),
        ("cool_down_s = 0", "cool_down_s = -0.5", "was '-0.5', expected seconds, zero or more"),
        (
            "cool_down_s = 0",
            "cool_down_s = 1e9",
            "was '1000000000.0', expected a finite number above 0 and at most",
        ),
        ("# Each", "[extra]\n# Each", "key extra: was 'extra', expected tables [[limit]] only"),
        (
            'purpose = "No',
            'member = "Energy"\npurpose = "No',
            "was 'Energy', expected nothing: the book has no",
        ),
    ],
)
def test_that_a_wrong_field_is_named_by_line_limit_value_and_what_was_expected(
    path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in TEXT
    found = complaints_about(path, TEXT.replace(old, new, 1))
    assert any(complaint in told for told in found), found


STANDARD = """\
[[limit]]
id = "x"
name = "X"
measure = "var"
line = 1000
severity = "HIGH"
"""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('measure = "stress_loss"', "field detail: was 'missing', expected the name of a stress scenario"),
        (
            'measure = "hedge_effectiveness"',
            "field detail: was 'missing', expected the name of a hedged pair",
        ),
        ('measure = "top_n_weight"\ndetail = "0"', "was '0', expected how many positions, 1 to 1000"),
        ('measure = "top_n_weight"\ndetail = "²"', "was '²', expected how many positions, 1 to 1000"),
        ('measure = "top_n_weight"\ndetail = "1001"', "was '1001', expected how many positions, 1 to 1000"),
        ('measure = "trailing_loss"\ndetail = "-5"', "was '-5', expected how many days, 1 to 500"),
        ('measure = "drawdown"\ndetail = "week"', "expected one of high_water_mark, day, month, start"),
        ('detail = "magic"', "field detail: was 'magic', expected one of historical, ewma, cornish-fisher"),
        (
            'scope = "sector"\ndetail = "ewma"',
            "was 'ewma', expected historical or nothing: the other methods",
        ),
        ('measure = "hhi"\ndetail = "x"', "was 'x', expected nothing: the measure hhi has no detail"),
        ('measure = "risk_share"', "field scope: was 'missing', expected instrument or sector"),
        ('measure = "margin_cushion"\nscope = "sector"', "expected book for the measure margin_cushion"),
        ('measure = "top_n_weight"\nline = 11', "expected a share of NAV of at most 10"),
        ('measure = "stale_fraction"\nline = 1.5', "expected a share of at most 1"),
        ("confirm_updates = 3\nconfirm_of = 2", "was '3', expected at most confirm_of, which is 2"),
        ("confirm_updates = 0", "was '0', expected a whole number of updates, 1 to 1000"),
        ("confirm_of = 2.5", "was '2.5', expected a whole number of updates"),
        ("confirm_of = true", "was 'True', expected a whole number of updates"),
        ("confirm_s = -1", "was '-1', expected a finite number above 0"),
        ("confirm_s = -0.5", "was '-0.5', expected seconds, zero or more"),
        ("confirm_s = 3601", "was '3601', expected a finite number above 0 and at most 3600"),
        ('effective_from = "tomorrow"', "was 'tomorrow', expected an instant in UTC in quotes"),
        ('effective_until = "2026-11-23T17:00:00"', "expected an instant in UTC in quotes"),
        ('effective_until = "2026-11-23T17:00:00+02:00"', "expected an instant in UTC in quotes"),
        ("effective_until = 2026-11-23T17:00:00Z", "expected a text in quotes"),
        (
            'effective_from = "2026-11-23T17:00:00Z"\neffective_until = "2026-11-23T17:00:00Z"',
            "field effective_until: was '2026-11-23T17:00:00Z', expected an instant after effective_from",
        ),
        ('next_review = "2026-13-01"', "was '2026-13-01', expected a day in quotes, like 2026-11-23"),
        ('stands_in_for = "y"', "was 'y', expected the id of an official limit of this file"),
        ('stands_in_for = "x"', "was 'x', expected the id of an official limit of this file"),
        ("response = 7", "was '7', expected a text in quotes"),
    ],
)
def test_that_each_newer_field_has_a_complaint_of_its_own(path: Path, line: str, complaint: str) -> None:
    lines = dict(row.split(" = ", 1) for row in STANDARD.splitlines()[1:])
    lines |= dict(row.split(" = ", 1) for row in line.split("\n"))
    text = "[[limit]]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())
    found = complaints_about(path, text)
    assert any(complaint in told for told in found), found


TEMPORARY = """\
[[limit]]
id = "x-today"
name = "X while the index is rebalanced"
measure = "var"
line = 1500
severity = "HIGH"
stands_in_for = "x"
effective_until = "2026-11-24T22:00:00Z"
"""


def test_that_a_temporary_limit_is_read_with_what_it_stands_in_for(path: Path) -> None:
    _, temporary = limits_from_text(STANDARD + TEMPORARY, path)
    assert temporary.stands_in_for == "x"
    assert temporary.until_ns == 1_795_557_600 * 10**9
    assert not temporary.is_effective_at(temporary.until_ns)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            'effective_until = "2026-11-24T22:00:00Z"\n',
            "",
            "field effective_until: was 'missing', expected an",
        ),
        (
            'measure = "var"',
            'measure = "es"',
            "expected a limit of the same measure, scope, member and detail",
        ),
    ],
)
def test_that_a_temporary_limit_needs_an_end_and_its_like(
    path: Path, old: str, new: str, complaint: str
) -> None:
    found = complaints_about(path, STANDARD + TEMPORARY.replace(old, new))
    assert any(complaint in told for told in found), found


def test_that_two_temporary_limits_never_stand_in_for_one_at_a_time(path: Path) -> None:
    rival = TEMPORARY.replace('"x-today"', '"x-also"')
    assert any(
        "one temporary limit at a time" in c for c in complaints_about(path, STANDARD + TEMPORARY + rival)
    )
    later = rival + 'effective_from = "2026-11-24T22:00:00Z"\n'
    later = later.replace("2026-11-24T22:00:00Z", "2026-11-25T22:00:00Z", 1)
    assert len(limits_from_text(STANDARD + TEMPORARY + later, path)) == 3


def test_that_all_faults_are_told_at_once(path: Path) -> None:
    text = TEXT.replace("0.01750", "-1").replace('"MEDIUM"', '"LOUD"').replace("0.97", "7")
    assert len(complaints_about(path, text)) == 3


@pytest.mark.parametrize("text", ["", "limit = 3", "limit = []", "limit = [1]", "[limit]\nid = 'x'"])
def test_that_a_file_without_limits_is_refused(path: Path, text: str) -> None:
    assert any("without limits" in told for told in complaints_about(path, text))


@pytest.mark.parametrize("text", ["[[limit]\n", "a = ", "x" * 10, "a = " + "[" * 100_000])
def test_that_what_is_not_toml_is_refused_in_words(path: Path, text: str) -> None:
    assert "TOML" in complaints_about(path, text)[0]


def test_that_no_line_is_named_where_it_cannot_be_told(path: Path) -> None:
    text = TEXT.replace('"No day should cost more."', '"""\n[[limit]]\n"""').replace("0.4", "-1")
    assert complaints_about(path, text)[0].startswith("limit 2, field line: was '-1'")


def test_that_writing_the_same_limits_back_changes_no_byte(path: Path) -> None:
    write_limits(path, limits_from_file(path))
    assert path.read_text() == TEXT


def test_that_a_changed_line_keeps_every_comment(path: Path) -> None:
    var, sector = limits_from_file(path)
    tighter = Limit(
        "var",
        "VaR of NAV",
        Measure.VAR_FRACTION,
        0.015,
        Severity.CRITICAL,
        purpose=var.purpose,
        owner=var.owner,
    )
    write_limits(path, (tighter, sector))
    assert path.read_text() == TEXT.replace("0.01750", "0.015")


def test_that_a_limit_taken_out_goes_and_a_new_one_comes_last(path: Path) -> None:
    _, sector = limits_from_file(path)
    new = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.08, Severity.HIGH, owner="Risk", cool_down_s=5.0)
    write_limits(path, (sector, new))
    assert limits_from_file(path) == (sector, new)
    text = path.read_text()
    assert "0.01750" not in text
    assert "warning_fraction" not in text.split('id = "dd"')[1], "a default is not written"


def test_that_a_file_is_made_where_there_is_none(tmp_path: Path, path: Path) -> None:
    limits = limits_from_file(path)
    write_limits(tmp_path / "new.toml", limits)
    assert limits_from_file(tmp_path / "new.toml") == limits


def test_that_a_file_nobody_can_read_is_not_written_over(path: Path) -> None:
    limits = limits_from_file(path)
    path.write_text("broken [")
    with pytest.raises(FileRefused):
        write_limits(path, limits)
    assert path.read_text() == "broken ["


@pytest.mark.parametrize("bad", [{"line": -1.0}, {"name": ""}])
def test_that_limits_that_could_not_be_read_back_are_not_written(
    path: Path, bad: dict[str, float | str]
) -> None:
    good = Limit("bad", "x", Measure.GROSS_LEVERAGE, 1.0, Severity.HIGH)
    limit = replace(good, **bad)  # type: ignore[arg-type]
    with pytest.raises(FileRefused):
        write_limits(path, (limit,))
    assert path.read_text() == TEXT


def test_that_two_limits_of_one_id_are_not_written(path: Path) -> None:
    var, _ = limits_from_file(path)
    other = Limit("var", "Another", Measure.HHI, 0.2, Severity.HIGH)
    with pytest.raises(FileRefused):
        write_limits(path, (var, other))
    assert path.read_text() == TEXT


def test_that_every_limit_of_the_sample_says_why_it_stands_and_who_answers_for_it() -> None:
    limits = limits_from_file(assets.path("samples/limits.toml"))
    assert all(limit.purpose and limit.owner for limit in limits)
    assert {limit.severity for limit in limits} == set(Severity)


def test_that_the_sample_limits_written_back_lose_nothing(tmp_path: Path) -> None:
    sample = assets.path("samples/limits.toml")
    copy = tmp_path / "limits.toml"
    copy.write_bytes(sample.read_bytes())
    write_limits(copy, limits_from_file(copy))
    assert copy.read_bytes() == sample.read_bytes()
