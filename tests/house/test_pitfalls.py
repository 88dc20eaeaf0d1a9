"""The ledger of pitfalls names tests that exist, and no text is ever executed."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEDGER = (ROOT / "tests/pitfalls.md").read_text(encoding="utf-8")
ITEMS = {int(number): line for number, line in re.findall(r"^\| (\d+) \|(.*)$", LEDGER, re.MULTILINE)}
NAMED = sorted(set(re.findall(r"`(tests/[^`]+\.py::[^`]+)`", LEDGER)))


def names_in(path: Path) -> set[str]:
    """Return every test of a file, those in classes as Class::test."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


def test_that_each_item_names_at_least_one_test() -> None:
    assert set(ITEMS) == set(range(1, 52))
    assert all("::test_that_" in line for line in ITEMS.values())


@pytest.mark.parametrize("named", NAMED)
def test_that_a_test_named_in_the_ledger_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert name in names_in(ROOT / path)


def test_that_no_room_evaluates_or_executes_text() -> None:
    called = {
        (path.name, node.func.id)
        for path in (ROOT / "desktop").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not {where for where in called if where[1] in {"eval", "exec", "compile"}}
