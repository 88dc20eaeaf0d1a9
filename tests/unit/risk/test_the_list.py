"""The list of figures in risk/__init__.py is whole, true, and costs nothing to import."""

import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from importlib import import_module
from types import ModuleType

import pytest

from plimsoll import risk
from plimsoll.risk.figure_guide import one_line

# Rooms' tools (how inputs are read, laws of distributions) and facades, not figures.
NOT_FIGURES = {
    "arrays",
    "block_bootstrap",
    "bootstrap",
    "correlation",
    "errors",
    "figure_guide",
    "normal",
    "quantile",
    "var_backtest",
}
MODULES = {module.name for module in pkgutil.iter_modules(risk.__path__)}


def modules_with_figures() -> list[ModuleType]:
    return [import_module(f"plimsoll.risk.{name}") for name in sorted(MODULES - NOT_FIGURES)]


def figures_of(module: ModuleType) -> list[str]:
    """A figure is a public function that documents its parameters; the others are tools of the room."""
    return [
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and "\nParameters\n---" in (inspect.getdoc(function) or "")
    ]


def listed() -> dict[str, set[str]]:
    """Return what the docstring lists: signatures by module."""
    by_module: dict[str, set[str]] = {}
    _, *parts = re.split(r"^\* (\w+)\n", risk.__doc__ or "", flags=re.MULTILINE)
    for module, body in zip(parts[::2], parts[1::2], strict=True):
        joined = re.sub(r"\n {8,}", " ", textwrap.dedent(body).replace("\n    ", "\n        "))
        by_module[module] = {" ".join(line.split()) for line in joined.splitlines() if line.strip()}
    return by_module


@pytest.mark.parametrize("name", risk.__all__)
def test_that_every_name_on_the_list_is_a_figure_with_a_docstring(name: str) -> None:
    figure = getattr(risk, name)
    assert callable(figure)
    assert inspect.getdoc(figure)
    assert name in dir(risk)
    assert getattr(risk, name) is figure


def test_that_every_figure_of_the_room_is_on_the_list() -> None:
    for module in modules_with_figures():
        short = module.__name__.rpartition(".")[2]
        assert set(risk.FIGURES_BY_MODULE.get(short, ())) == set(figures_of(module)), short


def test_that_the_docstring_lists_every_figure_with_its_arguments() -> None:
    expected = {}
    for module in modules_with_figures():
        signatures = {one_line(getattr(module, name)) for name in figures_of(module)}
        if signatures:
            expected[module.__name__.rpartition(".")[2]] = signatures
    assert listed() == expected


def test_that_a_name_of_both_a_figure_and_a_module_is_the_modules() -> None:
    both = {name for names in risk.FIGURES_BY_MODULE.values() for name in names if name in MODULES}
    assert both == {"scenario_pnl", "volatility"}  # headings of the contract, each with a figure of its name
    for name in both:
        assert name not in risk.__all__
        assert inspect.ismodule(import_module(f"plimsoll.risk.{name}"))


def test_that_no_two_modules_hold_figures_of_one_name() -> None:
    names = [name for names in risk.FIGURES_BY_MODULE.values() for name in names]
    assert len(names) == len(set(names))


def test_that_a_name_off_the_list_is_unknown() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sharp_ratio'"):
        _ = risk.sharp_ratio  # type: ignore[attr-defined]


def test_that_importing_the_room_loads_no_library_and_none_of_its_modules() -> None:
    code = (
        "import sys, plimsoll.risk\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('numpy', 'scipy', 'pandas')"
        " or name.startswith('plimsoll.risk.')])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_that_no_module_of_the_room_loads_scipy_or_pandas_when_imported() -> None:
    names = ", ".join(f"plimsoll.risk.{name}" for name in sorted(MODULES))
    code = f"import sys, {names}\nprint([name for name in ('scipy', 'pandas') if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
