import getpass
from pathlib import Path

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.method import MarkPolicy, RiskMethod
from plimsoll.storage.settings import (
    ReportSchedule,
    Settings,
    account_of_this_computer,
    settings_from_file,
    write_setting,
)

EVERYTHING = """\
base_currency = "EUR"
theme = "day"
person = "Ada"

[alltick]  # the door
host = "127.0.0.1:8765"
stock_path = "a"
other_path = "b/c"
stock_rest_path = "d"
other_rest_path = "e"
plan = "Professional"
account = "desk-2"

[files]
instruments = "my/instruments.csv"
positions = "/somewhere/positions.csv"
limits = "limits.toml"
history = ["closes.csv", "/somewhere/history"]

[method]
var_confidence = 0.99
es_confidence = 0.9
window_days = 250
mark_policy = "side"
quote_fresh_s = 5
roll_time = "16:30"

[studies]
cluster = "tcp://10.0.0.5:8786"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def complaints_about(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(FileRefused) as refusal:
        settings_from_file(path)
    return [str(complaint) for complaint in refusal.value.complaints]


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "[alltick]\n"])
def test_that_what_is_not_written_has_its_default(path: Path, text: str | None) -> None:
    if text is not None:
        path.write_text(text)
    assert settings_from_file(path) == Settings(person=account_of_this_computer())


def test_that_everything_written_is_taken(path: Path) -> None:
    path.write_text(EVERYTHING)
    assert settings_from_file(path) == Settings(
        base_currency="EUR",
        theme="day",
        person="Ada",
        host="127.0.0.1:8765",
        stock_path="a",
        other_path="b/c",
        stock_rest_path="d",
        other_rest_path="e",
        plan="Professional",
        account="desk-2",
        instruments=path.parent / "my/instruments.csv",
        positions=Path("/somewhere/positions.csv"),
        limits=path.parent / "limits.toml",
        history=(path.parent / "closes.csv", Path("/somewhere/history")),
        method=RiskMethod(0.99, 0.9, 250, mark_policy=MarkPolicy.SIDE, quote_fresh_s=5.0),
        roll_time="16:30",
        cluster="tcp://10.0.0.5:8786",
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            'base_currency = "dollar"',
            "key base_currency: was 'dollar', expected a currency in capitals, like USD",
        ),
        ('theme = "pink"', "key theme: was 'pink', expected one of night, day"),
        ('person = ""', "key person: was '', expected a name in quotes"),
        ("person = 3", "key person: was '3', expected a name in quotes"),
        (
            '[alltick]\nhost = "wss://x/?token=y"',
            "key alltick.host: was 'wss://x/?token=•••', expected a host name",
        ),
        ('[alltick]\nother_path = "/a"', "key alltick.other_path: was '/a', expected a path without a slash"),
        ('[alltick]\nplan = "basic"', "key alltick.plan: was 'basic', expected one of Free, Basic, Premium"),
        (
            '[alltick]\naccount = "../x"',
            "key alltick.account: was '../x', expected a name of letters and digits",
        ),
        ('[alltick]\ntoken = "x"', "key alltick.token: was 'token', expected one of account, host,"),
        ("[files]\nlimits = 3", "key files.limits: was '3', expected a file name in quotes"),
        (
            "[method]\nvar_confidence = 95",
            "key method.var_confidence: was '95', expected a confidence above 0.5",
        ),
        ("[method]\nes_confidence = true", "key method.es_confidence: was 'True', expected a confidence"),
        (
            "[method]\nwindow_days = 50",
            "key method.window_days: was '50', expected a whole number from 100 to 5000",
        ),
        ("[method]\nwindow_days = 250.5", "key method.window_days: was '250.5', expected a whole number"),
        ("[method]\nwindow_days = true", "key method.window_days: was 'True', expected a whole number"),
        (
            '[method]\nmark_policy = "ask"',
            "key method.mark_policy: was 'ask', expected one of mid, side, last",
        ),
        ("[method]\nquote_fresh_s = 0", "key method.quote_fresh_s: was '0', expected seconds"),
        ('[method]\nroll_time = "25:00"', "key method.roll_time: was '25:00', expected a time like"),
        ("method = 7", "key method: was '7', expected a table [method]"),
        (
            'colour = "red"',
            "key colour: was 'colour', expected one of alerts, alltick, base_currency, files, method",
        ),
        ("theme = ", "expected TOML: see the README"),
        ("a = " + "[" * 100_000, "expected TOML: see the README"),
    ],
)
def test_that_a_wrong_setting_is_named_with_what_was_expected(path: Path, line: str, complaint: str) -> None:
    found = complaints_about(path, line)
    assert any(complaint in told for told in found), found


def test_that_all_wrong_settings_are_told_at_once(path: Path) -> None:
    assert len(complaints_about(path, 'theme = "pink"\nx = 1\n[method]\nwindow_days = 1\ny = 2')) == 4


def test_that_a_token_pasted_into_the_host_is_not_repeated(path: Path) -> None:
    told = complaints_about(path, '[alltick]\nhost = "quote.alltick.co/quote-b-ws-api?token=canary-1&x=2"')
    assert not any("canary" in line for line in told)
    assert "token=•••&x=2" in told[0]


def test_that_a_setting_is_written_without_losing_a_comment(path: Path) -> None:
    path.write_text(EVERYTHING)
    write_setting(path, "theme", "night")
    write_setting(path, "method.window_days", 300)
    text = EVERYTHING.replace('theme = "day"', 'theme = "night"').replace("250", "300")
    assert path.read_text() == text


def test_that_a_first_setting_makes_the_file_and_its_table(path: Path) -> None:
    write_setting(path, "alltick.plan", "Premium")
    write_setting(path, "theme", "day")
    assert settings_from_file(path) == Settings(
        theme="day", plan="Premium", person=account_of_this_computer()
    )


def test_that_a_wrong_value_is_not_written(path: Path) -> None:
    path.write_text(EVERYTHING)
    with pytest.raises(FileRefused, match="key theme"):
        write_setting(path, "theme", "pink")
    with pytest.raises(FileRefused, match=r"key alltick.token"):
        write_setting(path, "alltick.token", "secret")
    assert path.read_text() == EVERYTHING


def test_that_a_broken_file_is_not_written_over(path: Path) -> None:
    path.write_text("theme = ")
    with pytest.raises(FileRefused, match="expected TOML"):
        write_setting(path, "theme", "day")
    path.write_text("method = 7\n")
    with pytest.raises(FileRefused, match="expected a table"):
        write_setting(path, "method.window_days", 300)
    assert path.read_text() == "method = 7\n"


def test_that_a_computer_without_an_account_has_an_unknown_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert account_of_this_computer() == "unknown"


def test_that_the_share_of_volume_taken_on_the_way_out_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[method]\nparticipation = 0.1\n")
    assert settings_from_file(path).method.participation == 0.1
    expected = "key method.participation: was '1.5', expected a share of the volume, like 0.2"
    assert any(expected in complaint for complaint in complaints_about(path, "[method]\nparticipation = 1.5"))


def test_that_reports_are_written_where_and_when_the_settings_say(path: Path) -> None:
    path.write_text('[reports]\nend_of_day = "17:05"\nfolder = "r"\nforms = ["pdf", "xlsx", "pdf"]\n')
    assert settings_from_file(path).reports == ReportSchedule("17:05", path.parent / "r", ("pdf", "xlsx"))
    assert Settings().reports == ReportSchedule("", None, ("pdf",))


@pytest.mark.parametrize(
    "text",
    [
        'end_of_day = "5 pm"',
        'end_of_day = "17:05"',
        'forms = ["docx"]',
        "forms = []",
        'forms = "pdf"',
        "x = 1",
    ],
)
def test_that_a_report_schedule_nobody_can_keep_is_refused(path: Path, text: str) -> None:
    path.write_text(f"[reports]\n{text}\n")
    with pytest.raises(FileRefused, match="reports"):
        settings_from_file(path)
