"""A report in its three forms: the same figures in each, nothing that runs, nothing left alone on a page."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from fakes.memory_journal import MemoryJournal
from fakes.snapshot_maker import START_NS, make_breach, make_limits, make_snapshot
from plimsoll.domain.desk_figures import LampFigures
from plimsoll.domain.report import Cell, CellKind, Chart, ChartShape, Report, ReportKind, Series, text_cell
from plimsoll.engine.breach_record import body_of
from plimsoll.engine.figure_record import DAY_FIGURES, body_of_figures, figures_of
from plimsoll.engine.limit_record import body_of_limits
from plimsoll.engine.report_maker import ReportRecipe, make_report
from plimsoll.widgets.column_fit import column_widths
from plimsoll.widgets.report_drawing import drawing_of, ticks
from plimsoll.widgets.report_file import report_file
from plimsoll.widgets.report_words import cell_words

EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'
DAY = 18_316


@pytest.fixture(scope="module", params=list(ReportKind))
def report(request: pytest.FixtureRequest) -> Report:
    journal = MemoryJournal(source="demo 2020-02-24")

    def write(kind: str, body: dict[str, object], at_ns: int = START_NS, person: str = "") -> None:
        journal.append(kind, body, exchange_time_ns=at_ns, received_time_ns=at_ns, person=person)

    limits = make_limits()
    write("limits_taken", body_of_limits(limits))
    for n in range(400):
        write("breach_raised", body_of(make_breach(n, limits[n % len(limits)], 1.0)), START_NS + n)
    write("decision", {"kind": "override", "breach_id": "B-1", "reason": EVIL}, START_NS + 500, "@ana")
    for back in (2, 1, 0):
        at_ns = START_NS - back * 86_400_000_000_000 - 1
        write("high_water_mark", {"high_water_mark": 25e6, "nav": 24e6 - back * 1e5}, at_ns)
        write("day_roll", {"nav": 24e6 - back * 1e5, "day": DAY - back, "marks": {}}, at_ns)
    lamp = LampFigures("historical 95 %", "amber", 31, 25.0, "yellow", 1.25, "Kupiec rejects")
    figures = replace(figures_of(make_snapshot()), lamps=(lamp,), lamp_words="over 500 days")
    write(DAY_FIGURES, body_of_figures(figures), START_NS + 600)
    journal.kept.sort(key=lambda row: row.exchange_time_ns)
    return make_report(journal.rows, ReportRecipe(request.param, 1_795_000_000_000_000_000, day=DAY))


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in {"src", "href", "onload"} for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_that_the_page_stands_alone_and_runs_nothing(report: Report, tmp_path: Path) -> None:
    text = report_file(report, tmp_path / "r.html").decode()
    page = Page(text)
    assert "script" not in page.tags
    assert EVIL in page.words, "escaped, not dropped"
    assert page.tags.count("h2") == len(report.parts)
    assert page.tags.count("svg") == sum(len(part.charts) for part in report.parts)
    for headline in report.headlines:
        assert cell_words(headline.cell, "USD") in page.words
    assert "DEMO" in page.words


def test_that_a_long_table_says_on_paper_what_it_leaves_out(report: Report, tmp_path: Path) -> None:
    assert "The first 150 of 400 rows" in report_file(report, tmp_path / "r.html").decode()


def test_that_the_workbook_has_every_row_as_typed_cells(report: Report, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(report_file(report, tmp_path / "r.xlsx")))
    assert {"Summary", "Charts", "Chart data"} <= set(book.sheetnames)
    for part in report.parts:
        sheet = book[part.title]
        for number, row in enumerate(part.rows):
            for place, cell in enumerate(row):
                found = sheet.cell(number + 5, place + 1)
                assert found.data_type != "f"
                if isinstance(cell.value, float) and cell.value == cell.value and cell.kind is CellKind.MONEY:
                    assert found.value == pytest.approx(cell.value)
                    assert "#,##0" in found.number_format
                if cell.kind is CellKind.INSTANT:
                    assert found.is_date or not cell.value
    texts = [cell.value for cell in book["Actions"]["E"] if isinstance(cell.value, str)]
    assert f"'{EVIL}" in texts
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


def test_that_pandas_reads_the_breaches_of_the_workbook(report: Report, tmp_path: Path) -> None:
    import pandas as pd

    table = pd.read_excel(
        io.BytesIO(report_file(report, tmp_path / "r.xlsx")), sheet_name="Breaches", header=3
    )
    part = report.part("Breaches")
    assert len(table) == len(part.rows) == 400
    assert str(table["Raised, UTC"].dtype).startswith("datetime64")


def test_that_the_paper_has_pages_with_charts_and_words(report: Report, tmp_path: Path, qtbot: QtBot) -> None:
    paper = report_file(report, tmp_path / "r.pdf")
    assert paper.startswith(b"%PDF-")
    n_pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", paper))
    assert 5 <= n_pages <= 30


def test_that_a_name_of_another_kind_is_refused(report: Report) -> None:
    with pytest.raises(ValueError, match=r"ends in \.html"):
        report_file(report, Path("r.docx"))


@pytest.mark.parametrize("shape", list(ChartShape))
@pytest.mark.parametrize("values", [(float("nan"),), (0.0,), (1.0, float("nan"), 3.0), (-1.0, 2.0, 1e9)])
def test_that_every_chart_is_drawn_of_whatever_is_known(shape: ChartShape, values: tuple[float, ...]) -> None:
    labels = tuple(f"2020-03-{day + 1:02d} <&>" for day in range(len(values)))
    chart = Chart("a < b", shape, labels, (Series("s", values),), CellKind.MONEY)
    drawing = drawing_of(chart, "USD")
    assert "nan" not in re.sub(r"aria-label=\"[^\"]*\"", "", drawing.svg).lower()
    assert "<b" not in drawing.svg
    Page(drawing.svg)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.5e7, 2.5e7), (-3.0, 7.0), (0.0, 0.003), (5.0, 5.0)])
def test_that_ticks_are_round_few_and_span_the_figures(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low + 1e-12
    assert found[-1] >= high - 1e-12 or high == low
    assert len(found) <= 7


def test_that_columns_fill_the_paper_and_figures_are_never_cut() -> None:
    widths = column_widths([50.0, 500.0, 20.0, 400.0], [50.0, 60.0, 20.0, 60.0], [1, 2, 1, 1], 600.0)
    assert sum(widths) == pytest.approx(600.0)
    assert (widths[0], widths[2]) == pytest.approx((50.0, 20.0))
    assert widths[1] - 60.0 == pytest.approx(2 * (widths[3] - 60.0))
    roomy = column_widths([50.0, 60.0], [50.0, 30.0], [1, 1], 600.0)
    assert sum(roomy) == pytest.approx(600.0)
    crowded = column_widths([500.0, 500.0], [500.0, 500.0], [1, 1], 600.0)
    assert sum(crowded) == pytest.approx(600.0)


column = st.tuples(st.floats(1, 300), st.floats(0.05, 1), st.floats(0.2, 5))


@given(st.lists(column, min_size=1, max_size=12))
def test_that_no_column_is_narrower_than_its_longest_word(columns: list[tuple[float, float, float]]) -> None:
    natural = [wide for wide, _, _ in columns]
    least = [wide * share for wide, share, _ in columns]
    found = column_widths(natural, least, [weight for *_, weight in columns], 700.0)
    assert sum(found) == pytest.approx(700.0)
    if sum(least) <= 700.0:
        assert all(wide >= short * (1 - 1e-9) for wide, short in zip(found, least, strict=True))


def test_that_an_unknown_figure_is_a_dash_and_a_known_one_has_its_unit() -> None:
    nan = float("nan")
    assert cell_words(Cell(nan, CellKind.MONEY), "USD") == "—"
    assert cell_words(Cell(0, CellKind.INSTANT), "USD") == "—"
    assert cell_words(Cell(-1234.0, CellKind.MONEY), "USD") == "−$1,234"
    assert cell_words(text_cell("a"), "USD") == "a"
    assert cell_words(Cell(float("inf"), CellKind.USE), "USD") == "no end"
