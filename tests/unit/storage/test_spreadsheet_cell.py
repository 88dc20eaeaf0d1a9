import pytest

from plimsoll.storage.spreadsheet_cell import harmless


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_that_no_cell_begins_like_a_formula(sign: str) -> None:
    assert harmless(f"{sign}HYPERLINK(1)") == f"'{sign}HYPERLINK(1)"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_that_blanks_in_front_do_not_hide_a_formula(sign: str) -> None:
    assert harmless(f" \n\t{sign}1") == f"' \n\t{sign}1"


@pytest.mark.parametrize("text", ["", "NAV −3 %", "a=1", "12.5", "{}"])
def test_that_any_other_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
