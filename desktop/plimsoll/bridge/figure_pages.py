"""How each figure is made, cut into pages: the docstrings of plimsoll.risk are the one source."""

from dataclasses import dataclass

from plimsoll.risk.figure_guide import figures_as_markdown


@dataclass(frozen=True, slots=True)
class FigurePage:
    """One figure.

    Attributes
    ----------
    group : str
        What it belongs to: "Value at risk by every method …".
    name : str
        The function: ``"historical_var"``.
    markdown : str
        Formula, convention, window, refusals and reference.
    """

    group: str
    name: str
    markdown: str


def figure_pages() -> tuple[FigurePage, ...]:
    """Return a page for each figure of plimsoll.risk, in the order of its list."""
    pages = []
    for section in figures_as_markdown().split("\n## ")[1:]:
        group, *figures = section.split("\n### ")
        for text in figures:
            name = text.split("`", 2)[1].split("(", 1)[0]
            pages.append(FigurePage(group.splitlines()[0].strip(), name, f"### {text}"))
    return tuple(pages)
