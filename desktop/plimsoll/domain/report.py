"""A report as every form of it is written from: headline, parts, typed cells and charts.

Unknown is NaN in a figure, 0 in an instant or a day, never a guess.
"""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.limit import Unit


class ReportKind(StrEnum):
    """Over what a report looks back."""

    END_OF_DAY = "end-of-day"
    REVIEW = "review"

    @property
    def caption(self) -> str:
        """What stands on the first page."""
        return "End of day" if self is ReportKind.END_OF_DAY else "Review"


class CellKind(StrEnum):
    """How a cell is written; those of a unit bear its name."""

    TEXT = "text"
    MONEY = "money"
    FRACTION = "fraction"
    RATIO = "ratio"
    INDEX = "index"
    DAYS = "days"
    SECONDS = "seconds"
    COUNT = "count"
    QUANTITY = "quantity"
    PRICE = "price"
    USE = "use"
    INSTANT = "instant"
    DATE = "date"

    @property
    def is_text(self) -> bool:
        """Whether it reads from the left."""
        return self in {CellKind.TEXT, CellKind.INSTANT, CellKind.DATE}


class Tone(StrEnum):
    """What a cell or a bar means; its colour never says so alone."""

    PLAIN = "plain"
    MUTED = "muted"
    WITHIN = "within"
    NEAR = "near"
    OVER = "over"
    GAIN = "gain"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure or text.

    Attributes
    ----------
    value : str, int or float
        A text; nanoseconds since 1970 of an instant; days since 1970 of a date; else a figure, NaN unknown.
    kind : CellKind
        How it is written.
    tone : Tone
        What it means.
    """

    value: str | int | float
    kind: CellKind = CellKind.TEXT
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    title : str
        What stands above it.
    kind : CellKind
        Of most of its cells.
    weight : float
        Its share of the width, beside those of the others.
    """

    title: str
    kind: CellKind = CellKind.TEXT
    weight: float = 1.0


class ChartShape(StrEnum):
    """How a chart is drawn."""

    COURSE = "course"
    DEPTH = "depth"
    BARS = "bars"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a course, or one colour of the bars; as many values as the chart has labels."""

    name: str
    values: tuple[float, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes
    ----------
    title : str
        What it shows, with its unit.
    shape : ChartShape
        A course over time, a depth that hangs from nought, bars to the right, or columns on each other.
    labels : tuple of str
        Of the points or bars, from the left or from the top.
    series : tuple of Series
        The first is drawn first.
    kind : CellKind
        How its figures are written.
    marks : tuple of float
        For each bar the line it must not pass; NaN or empty where none stands.
    bar_tones : tuple of Tone
        Of each bar, where bars differ; else empty.
    """

    title: str
    shape: ChartShape
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: CellKind
    marks: tuple[float, ...] = ()
    bar_tones: tuple[Tone, ...] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """One large figure of the first page.

    Attributes
    ----------
    title : str
        What it is.
    cell : Cell
        The figure.
    words : str
        What belongs to it: its line, its quality, or why it is unknown.
    """

    title: str
    cell: Cell
    words: str = ""


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One part: a sentence, charts, and a table.

    Attributes
    ----------
    title : str
        Its heading.
    words : str
        What the table says, in a sentence or two; where the table is empty, why.
    columns : tuple of Column
        Of the table; none where the part has no table.
    rows : tuple of tuple of Cell
        All of them, as many cells as columns.
    charts : tuple of Chart
        Above the table.
    most_printed : int
        So many rows on paper and in the browser; a workbook has them all.
    """

    title: str
    words: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    charts: tuple[Chart, ...] = ()
    most_printed: int = 150

    @property
    def printed(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that go on paper."""
        return self.rows[: self.most_printed]

    def is_money(self, place: int) -> bool:
        """Tell whether a column holds nothing but base money: its caption may name the currency once."""
        is_all = all(row[place].kind is CellKind.MONEY for row in self.rows)
        return self.columns[place].kind is CellKind.MONEY and is_all

    @property
    def n_left_out(self) -> int:
        """How many rows only a workbook has."""
        return max(len(self.rows) - self.most_printed, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes
    ----------
    kind : ReportKind
        End of day or review.
    book_name, base_currency : str
        Whose figures these are.
    period : str
        What it looks back on, in words.
    source : str
        From which feed the facts come: ``"demo 2020-02-24"``.
    made_ns : int
        When it was made, by the desk's clock.
    n_journal_rows : int
        Rows it was made from.
    headlines : tuple of Headline
        The large figures.
    cautions : tuple of str
        What it could not know, and why; a reader sees them first.
    parts : tuple of ReportPart
        In the order they stand.
    """

    kind: ReportKind
    book_name: str
    base_currency: str
    period: str
    source: str
    made_ns: int
    n_journal_rows: int
    headlines: tuple[Headline, ...]
    cautions: tuple[str, ...]
    parts: tuple[ReportPart, ...]

    @property
    def is_demo(self) -> bool:
        """Whether the facts are those of a demo."""
        return self.source.startswith("demo")

    def part(self, title: str) -> ReportPart:
        """Return the part of a title.

        Raises
        ------
        KeyError
            If it has none.
        """
        for part in self.parts:
            if part.title == title:
                return part
        raise KeyError(title)


def cell_in(value: float, unit: Unit, tone: Tone = Tone.PLAIN) -> Cell:
    """Return a measure in the unit of its limit."""
    return Cell(value, CellKind(unit.value), tone)


def text_cell(words: str, tone: Tone = Tone.PLAIN) -> Cell:
    """Return a cell of words."""
    return Cell(words, CellKind.TEXT, tone)


def signed_cell(value: float) -> Cell:
    """Return money with the tone of its direction."""
    tone = Tone.GAIN if value > 0.0 else Tone.LOSS if value < 0.0 else Tone.PLAIN
    return Cell(value, CellKind.MONEY, tone)
