"""What a changed positions file offers; a good file never changes the book by itself."""

from pathlib import Path

import pytest

from plimsoll.bridge.portfolio_offer import PortfolioOffer, offer_of
from plimsoll.domain.book import Book
from plimsoll.storage.portfolio_file import book_from_files

INSTRUMENTS = """\
code,name,asset_class,currency,settlement
AAPL.US,Apple,equity,USD,funded
XOM.US,Exxon,equity,USD,funded
"""
POSITIONS = "code,quantity,average_price,currency\nAAPL.US,100,300,\nCASH,5000,,USD\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    positions, instruments = tmp_path / "positions.csv", tmp_path / "instruments.csv"
    positions.write_text(POSITIONS)
    instruments.write_text(INSTRUMENTS)
    return positions, instruments


@pytest.fixture
def held(files: tuple[Path, Path]) -> Book:
    return book_from_files(files[1], files[0])[0]


def offered(files: tuple[Path, Path], held: Book, text: str) -> PortfolioOffer:
    positions, instruments = files
    master = book_from_files(instruments, positions)[1]
    described = {code: master[code] for code in ("AAPL.US",)}
    positions.write_text(text)
    return offer_of(positions, instruments, held, described, person="ana", time_ns=9)


def test_that_a_changed_line_is_offered_with_the_event_that_takes_it(
    files: tuple[Path, Path], held: Book
) -> None:
    offer = offered(files, held, POSITIONS.replace("100", "150"))
    assert [(line.what, line.word) for line in offer.lines] == [("AAPL.US", "changed")]
    assert offer.event is not None
    assert (offer.event.person, offer.event.source, offer.refusal) == ("ana", "positions.csv", "")
    assert offer.event.holdings[0].quantity == 150


def test_that_a_half_written_file_is_refused_with_its_lines(files: tuple[Path, Path], held: Book) -> None:
    offer = offered(files, held, "code,quantity,average_price,currency\nAAPL.US,1")
    assert offer.event is None
    assert "positions.csv was refused" in offer.refusal
    assert "line 2" in offer.refusal


def test_that_a_code_nobody_described_waits_for_the_next_start(files: tuple[Path, Path], held: Book) -> None:
    offer = offered(files, held, POSITIONS + "XOM.US,5,60,\n")
    assert offer.event is None
    assert "XOM.US was not in the instrument master" in offer.refusal
    assert [line.what for line in offer.lines] == ["XOM.US"]
