"""The commands that open no desk: what they write, what they say, and with which code they end."""

import io
import json
from datetime import date
from pathlib import Path

import pytest

from fakes.snapshot_maker import START_NS, make_snapshot
from plimsoll import cli
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.person import ALL_RIGHTS, Right
from plimsoll.engine.figure_record import body_of_figures, figures_of
from plimsoll.errand import add_person, export_journal, verify_journal, write_report
from plimsoll.storage.journal import SqliteJournal
from plimsoll.storage.people_file import people_from_file

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    journal = SqliteJournal(tmp_path / "journal.sqlite", source="demo 2020-02-24")
    journal.append(
        "day_roll",
        {"nav": 1e6, "day": START_NS // 86_400_000_000_000, "marks": {}},
        exchange_time_ns=START_NS,
        received_time_ns=START_NS,
    )
    journal.close()
    return tmp_path


@pytest.mark.parametrize("name", ["o.csv", "o.json"])
def test_that_an_export_tells_how_much_it_wrote(
    data_dir: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = data_dir / name
    assert export_journal(cli.ExportJournalRequest(data_dir / "journal.sqlite", out)) == 0
    assert "1 rows" in capsys.readouterr().out
    assert out.stat().st_size > 0


def test_that_an_export_is_verified_like_the_journal(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = data_dir / "o.json"
    export_journal(cli.ExportJournalRequest(data_dir / "journal.sqlite", out))
    assert verify_journal(cli.VerifyJournalRequest(out)) == 0
    out.write_text(out.read_text("utf-8").replace('"kind": "day_roll"', '"kind": "day_role"'), "utf-8")
    assert verify_journal(cli.VerifyJournalRequest(out)) == 1
    assert "not as it was written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["r.html", "r.pdf", "r.xlsx"])
@pytest.mark.parametrize("kind", cli.REPORTS)
def test_that_a_report_is_written_without_a_desk(
    data_dir: Path, name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write_report(cli.ReportRequest(kind, data_dir / name, data_dir)) == 0
    assert "24 February 2020" in capsys.readouterr().out
    assert (data_dir / name).stat().st_size > 1000


def test_that_a_desk_gives_the_figures_its_journal_has_not(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    told = json.dumps(body_of_figures(figures_of(make_snapshot())))
    monkeypatch.setattr("sys.stdin", io.StringIO(told + "\n"))
    out = data_dir / "r.html"
    request = cli.ReportRequest("end-of-day", out, data_dir, day=date(2020, 2, 24), is_asked_by_desk=True)
    assert write_report(request) == 0
    assert json.loads(capsys.readouterr().out)["written"] == str(out)
    assert "AAPL.US" in out.read_text("utf-8")


@pytest.mark.parametrize("told", ["{", '{"nav": 1}', "[1]"])
def test_that_figures_nobody_understands_are_refused(
    data_dir: Path, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(told))
    request = cli.ReportRequest("end-of-day", data_dir / "r.html", data_dir, is_asked_by_desk=True)
    assert write_report(request) == 2
    assert capsys.readouterr().err.startswith("plimsoll: ")


def test_that_without_a_journal_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write_report(cli.ReportRequest("review", tmp_path / "r.html", tmp_path)) == 2
    assert export_journal(cli.ExportJournalRequest(tmp_path / "none", tmp_path / "o.csv")) == 2
    assert "was not there" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_that_is_not_there_is_said(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = data_dir / "none" / "r.html"
    assert write_report(cli.ReportRequest("review", nowhere, data_dir)) == 1
    assert export_journal(cli.ExportJournalRequest(data_dir / "journal.sqlite", nowhere)) == 1
    assert "was not written" in capsys.readouterr().err


def test_that_people_are_added_one_by_one_and_sign_with_their_pins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config" / "people.toml"
    for name, rights, pin in (("Ada", tuple(Right), "1815"), ("Ben", (Right.CONFIRM,), "2718")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        assert add_person(cli.PersonRequest(name, rights, tmp_path)) == 0
    known = people_from_file(path, "root")
    assert [person.rights for person in known.people.persons] == [ALL_RIGHTS, {Right.CONFIRM}]
    assert known.is_signed("Ada", "1815")
    assert known.is_signed("Ben", "2718")
    assert "1815" not in path.read_text() + capsys.readouterr().out


def test_that_a_short_pin_or_a_name_that_is_there_leaves_the_people_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1815\n1\n2718\n"))
    assert add_person(cli.PersonRequest("Ada", tuple(Right), tmp_path)) == 0
    before = (tmp_path / "config" / "people.toml").read_text()
    assert add_person(cli.PersonRequest("Ben", tuple(Right), tmp_path)) == 2
    with pytest.raises(FileRefused, match="a name of its own"):
        add_person(cli.PersonRequest("ada", tuple(Right), tmp_path))
    assert (tmp_path / "config" / "people.toml").read_text() == before
