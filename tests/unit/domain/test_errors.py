from pathlib import Path

from plimsoll.domain.errors import Complaint, FileRefused, UnknownInstrument


def test_that_a_complaint_reads_where_was_expected() -> None:
    complaint = Complaint("line 7, column quantity", "1,000", "a number without commas")
    assert str(complaint) == "line 7, column quantity: was '1,000', expected a number without commas"


def test_that_a_refused_file_tells_everything_at_once() -> None:
    complaints = (Complaint("line 1", "a", "b"), Complaint("line 2", "c", "d"))
    refusal = FileRefused(Path("desk.csv"), complaints)
    assert str(refusal).splitlines() == [
        "desk.csv was refused, nothing of it was taken:",
        "  line 1: was 'a', expected b",
        "  line 2: was 'c', expected d",
    ]
    assert (refusal.path, refusal.complaints) == (Path("desk.csv"), complaints)


def test_that_an_unknown_instrument_says_what_to_do() -> None:
    assert str(UnknownInstrument("X.US")) == "'X.US' is not in the instrument master: add a line for it"
