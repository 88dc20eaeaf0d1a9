import csv
import io
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.bridge.alert_entry import AlertEntry
from plimsoll.bridge.alert_export import FIELDS, csv_of, json_of, write_export
from plimsoll.domain.limit import Severity

ENTRY = AlertEntry(0, Severity.HIGH, "raised", "var", "VaR", "is −3, over", "ana", 1, "B-1")


def read_back(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@given(st.text(max_size=30), st.text(max_size=30))
def test_that_whatever_stands_in_a_line_no_cell_is_run_and_no_text_is_lost(words: str, person: str) -> None:
    entry = AlertEntry(0, None, "notice", "", "", words, person)
    (row,) = read_back(csv_of([entry]))
    for field, text in (("what_happened", words), ("person", person)):
        assert row[field] in (text, f"'{text}")
        assert not row[field].lstrip().startswith(("=", "+", "-", "@"))
    assert json.loads(json_of([entry]))[0]["what_happened"] == words


def test_that_a_line_has_every_field_in_both_forms() -> None:
    (row,) = read_back(csv_of([ENTRY]))
    (facts,) = json.loads(json_of([ENTRY]))
    assert tuple(row) == tuple(facts) == FIELDS
    assert row["time_utc"] == "1970-01-01 00:00:00"
    assert facts["level"] == 1


def test_that_the_files_name_chooses_the_form(tmp_path: Path) -> None:
    write_export(tmp_path / "a.json", [ENTRY])
    write_export(tmp_path / "a.csv", [ENTRY])
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))[0]["limit"] == "VaR"
    assert (tmp_path / "a.csv").read_text("utf-8").startswith("time_utc,")
