"""Every example in a docstring of the room is run, and every figure with a value to print has one."""

import doctest
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

from plimsoll import risk

MODULES = sorted(module.name for module in pkgutil.iter_modules(risk.__path__))
FIGURES = [(module, name) for module, names in risk.FIGURES_BY_MODULE.items() for name in names]


def examples(module_name: str) -> Iterator[doctest.DocTest]:
    # doctest.testmod passes over decorated functions, so that each is unwrapped and asked by itself.
    module = import_module(f"plimsoll.risk.{module_name}")
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name, member in vars(module).items():
        if getattr(member, "__module__", None) == module.__name__ and callable(member):
            yield from finder.find(inspect.unwrap(member), name, module, vars(module))


@pytest.mark.parametrize("module_name", MODULES)
def test_that_the_examples_hold(module_name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in examples(module_name):
        runner.run(example)
    assert runner.failures == 0
