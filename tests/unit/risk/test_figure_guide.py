"""The page under Help comes from the docstrings, whole."""

import inspect
from importlib import import_module

from plimsoll import risk
from plimsoll.risk.figure_guide import figures_as_markdown, one_line

PAGE = figures_as_markdown()


def part_on(name: str) -> str:
    start = PAGE.index(f"### `{name}(")
    return PAGE[start : PAGE.find("\n### ", start + 1)]


def test_that_every_figure_stands_on_the_page_with_its_first_sentence() -> None:
    for module, names in risk.FIGURES_BY_MODULE.items():
        for name in names:
            figure = getattr(import_module(f"plimsoll.risk.{module}"), name)
            sentence = (inspect.getdoc(figure) or "").split("\n")[0]
            assert f"### `{one_line(figure)}`\n\n{sentence}" in PAGE


def test_that_a_figure_is_told_with_formula_window_refusals_reference_and_value() -> None:
    part = part_on("kupiec_pof")
    for heading in ("Formula and convention", "From what, over which window", "What it says"):
        assert f"**{heading}**" in part
    assert "LR = −2 ln[(1−p)^(T−x) p^x" in part
    assert "- *n_days* (int):" in part
    assert "- OutOfRange:" in part
    assert '1. Kupiec, "Techniques for Verifying' in part
    assert "```python\n>>> result = kupiec_pof(5, 250, confidence=0.99)" in part


def test_that_no_markup_of_the_docstrings_is_left_standing() -> None:
    for remnant in ("\n----", "\n.. [", "]_", "``p_value"):
        assert remnant not in PAGE.replace("```", "")


def test_that_arguments_are_told_without_their_types() -> None:
    assert one_line(risk.kupiec_region) == "kupiec_region(n_days, *, confidence, significance=0.05)"
