"""Help → How each figure is made."""

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from plimsoll.bridge.figure_pages import FigurePage, figure_pages
from plimsoll.widgets.figure_guide import PAGE, FigureGuide


def shown(guide: FigureGuide) -> list[str]:
    items = [guide.figures.item(row) for row in range(guide.figures.count())]
    return [item.text().strip() for item in items if not item.isHidden() and item.data(PAGE) is not None]


def test_that_every_figure_has_a_page_with_what_it_refuses_or_says() -> None:
    pages = figure_pages()
    names = [page.name for page in pages]
    assert len(names) == len(set(names))
    assert {"historical_var", "garch11", "kupiec_pof", "cheapest_cut"} <= set(names)
    for page in pages:
        assert page.group
        assert page.markdown.startswith(f"### `{page.name}")
        assert "**From what, over which window**" in page.markdown


def test_that_the_guide_opens_on_var_and_narrows_by_every_word(qtbot) -> None:
    guide = FigureGuide(figure_pages())
    guide.show()
    assert "generalised inverse" in guide.page.toPlainText()
    qtbot.keyClicks(guide.search, "kupiec region")
    assert "kupiec_region" in shown(guide)
    assert "historical_var" not in shown(guide)
    assert "kupiec" in guide.page.toPlainText().lower()
    guide.search.clear()
    assert len(shown(guide)) == len(figure_pages())
    shiboken6.delete(guide)


def test_that_escape_closes_the_guide_and_nothing_else(qtbot) -> None:
    guide = FigureGuide((FigurePage("Group", "figure", "### `figure(x)`\n\nText."),))
    guide.show()
    qtbot.waitExposed(guide)
    qtbot.keyClick(guide, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not any(type(w) is FigureGuide for w in QApplication.allWidgets()))
