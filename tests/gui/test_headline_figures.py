import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from plimsoll.bridge.roles import Meaning
from plimsoll.widgets.headline_figures import HEADLINE_SHARE, HEIGHT, Headline, HeadlineFigures
from plimsoll.widgets.theme import Theme

THREE = (
    Headline("Out in a day", "92.1 %", "of gross value", "All positions side by side."),
    Headline("Exit cost", "unknown", meaning=Meaning.UNKNOWN),
    Headline("Slowest", "12.0 d", "9988.HK"),
)


@pytest.fixture
def figures(qtbot: QtBot, theme: Theme) -> HeadlineFigures:
    shown = HeadlineFigures(theme, "Liquidity figures")
    qtbot.addWidget(shown)
    shown.resize(400, HEIGHT)
    shown.show()
    shown.show_headlines(THREE)
    return shown


def inks(figures: HeadlineFigures) -> set[str]:
    image = figures.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_that_assistive_technology_hears_every_figure(figures: HeadlineFigures) -> None:
    assert figures.accessibleDescription() == (
        "Out in a day 92.1 % of gross value; Exit cost unknown; Slowest 12.0 d 9988.HK"
    )


def test_that_the_convention_stands_in_the_tooltip_of_its_figure(
    figures: HeadlineFigures, qtbot: QtBot
) -> None:
    for x, words in (
        (20, "Out in a day: 92.1 % of gross value\nAll positions side by side."),
        (150, "Exit cost: unknown"),
    ):
        spot = QPoint(x, 20)
        QApplication.sendEvent(figures, QHelpEvent(QHelpEvent.Type.ToolTip, spot, figures.mapToGlobal(spot)))
        assert QToolTip.text() == words
    QToolTip.hideText()


@pytest.mark.parametrize(("width", "rows"), [(400, 1), (180, 2), (100, 3)])
def test_that_figures_wrap_where_the_width_ends(figures: HeadlineFigures, width: int, rows: int) -> None:
    figures.resize(width, 200)
    assert figures.sizeHint().height() == rows * HEIGHT


@pytest.mark.parametrize(("height", "rows"), [(200, 1), (300, 2), (600, 3)])
def test_that_a_low_page_keeps_room_for_its_table(qtbot: QtBot, theme: Theme, height: int, rows: int) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    figures = HeadlineFigures(theme, "Figures", page, most_share=HEADLINE_SHARE)
    figures.show_headlines(THREE)
    page.resize(100, height)
    figures.resize(100, HEIGHT)
    assert figures.sizeHint().height() == rows * HEIGHT


def test_that_old_and_unknown_figures_are_muted(figures: HeadlineFigures, theme: Theme) -> None:
    assert theme.colours.text in inks(figures)
    figures.dim(True)
    assert theme.colours.text not in inks(figures)
    figures.dim(False)
    figures.show_headlines((THREE[1],))
    assert theme.colours.text not in inks(figures)
    assert figures.focusPolicy() is Qt.FocusPolicy.NoFocus
