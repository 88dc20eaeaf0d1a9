"""What leaves the journal: every row, harmless in a spreadsheet, and checkable without the program."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.engine.ports import JournalUnavailable
from plimsoll.storage.journal import SqliteJournal
from plimsoll.storage.journal_export import FIELDS, utc_of, verify_export, write_journal_export

NOON_NS = 1_582_560_000_000_000_000
NASTY = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", 'a"b,c\nd', "ünïcode 中 −3 %")


def journal_of(path: Path, *bodies: dict[str, object], person: str = "ana") -> Path:
    journal = SqliteJournal(path, source="demo 2020-02-24")
    for number, body in enumerate(bodies):
        journal.append(
            "notice",
            body,
            exchange_time_ns=number and NOON_NS + number,
            received_time_ns=NOON_NS,
            person=person,
        )
    journal.close()
    return path


@pytest.mark.parametrize("person", NASTY)
def test_that_no_cell_is_run_and_pandas_reads_every_row_back(tmp_path: Path, person: str) -> None:
    import pandas as pd

    journal = journal_of(tmp_path / "j.sqlite", {"text": person}, {"figure": 1.5}, person=person)
    assert write_journal_export(journal, tmp_path / "o.csv") == 2
    table = pd.read_csv(tmp_path / "o.csv", keep_default_na=False)
    assert tuple(table.columns) == FIELDS
    assert list(table["number"]) == [1, 2]
    assert json.loads(table["body"][0]) == {"text": person}
    assert pd.Timestamp(table["exchange_time_utc"][1]).value == NOON_NS + 1
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["person"] for row in csv.DictReader(file)]
    assert cells == [person if person in NASTY[-2:] else f"'{person}"] * 2


def test_that_the_json_is_strict_and_seals_what_it_shows(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite", {"nav": float("nan"), "b": [1, None]}, {"nav": 2.5e16})
    write_journal_export(journal, tmp_path / "o.json")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    rows = json.loads((tmp_path / "o.json").read_text("utf-8"), parse_constant=refuse)["rows"]
    assert [row["body"] for row in rows] == [{"nav": None, "b": [1, None]}, {"nav": 2.5e16}]
    assert rows[0]["exchange_time_utc"] is None, "0 is before the first tick, not 1970"
    report = verify_export(tmp_path / "o.json")
    assert (report.n_rows, report.is_intact, report.head) == (2, True, rows[1]["hash"])


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("person", "bob"),
        ("kind", "decision"),
        ("body", {"text": "b"}),
        ("sealed_body", '{"text":"b"}'),
        ("received_time_utc", "2020-01-01T00:00:00.000000000Z"),
        ("received_time_ns", 1),
        ("previous_hash", "00"),
        ("number", 3),
        ("hash", "zz"),
    ],
)
def test_that_one_changed_fact_of_an_export_is_found(tmp_path: Path, field: str, changed: object) -> None:
    journal = journal_of(tmp_path / "j.sqlite", {"text": "a"}, {"text": "a"})
    write_journal_export(journal, tmp_path / "o.json")
    document = json.loads((tmp_path / "o.json").read_text("utf-8"))
    document["rows"][1][field] = changed
    (tmp_path / "o.json").write_text(json.dumps(document), "utf-8")
    report = verify_export(tmp_path / "o.json")
    assert report.n_rows == 1
    assert not report.is_intact


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": "plimsoll journal export"}', "{" * 10])
def test_that_another_file_is_a_fault_and_no_traceback(tmp_path: Path, text: str) -> None:
    (tmp_path / "o.json").write_text(text)
    assert not verify_export(tmp_path / "o.json").is_intact


def test_that_an_empty_journal_leaves_a_line_of_captions(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.sqlite")
    assert write_journal_export(journal, tmp_path / "o.csv") == 0
    assert (tmp_path / "o.csv").read_bytes().decode() == ",".join(FIELDS) + "\r\n"
    write_journal_export(journal, tmp_path / "o.json")
    assert verify_export(tmp_path / "o.json").is_intact


def test_that_a_file_that_is_no_journal_leaves_the_old_export_alone(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("old")
    (tmp_path / "j.sqlite").write_text("not SQLite")
    for name in ("j.sqlite", "missing"):
        with pytest.raises(JournalUnavailable):
            write_journal_export(tmp_path / name, tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["j.sqlite", "o.csv"]


facts = st.dictionaries(
    st.text(max_size=8),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(facts, max_size=4))
def test_that_whatever_was_journalled_its_export_is_whole(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("export")
    journal = journal_of(folder / "j.sqlite", *bodies)
    write_journal_export(journal, folder / "o.json")
    report = verify_export(folder / "o.json")
    assert (report.n_rows, report.faults) == (len(bodies), ())


def test_that_an_instant_keeps_its_nanoseconds() -> None:
    assert utc_of(NOON_NS + 7) == "2020-02-24T16:00:00.000000007Z"
    assert utc_of(0) == ""
