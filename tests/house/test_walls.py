"""What a machine can hold: layers, names, threads, start-up, licences, documents that are true."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "desktop" / "plimsoll"
MODULES = sorted(PACKAGE.rglob("*.py"))
HOMELESS = {
    *(
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "misc",
        "base",
        "core",
        "manager",
        "handler",
        "service",
    ),
    *("processor", "data", "info", "impl"),
}


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_that_the_import_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 broken" in told.stdout


def classes_of(path: Path) -> list[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def test_that_every_module_is_a_thing_with_a_home() -> None:
    assert [name_of(path) for path in MODULES if set(path.stem.split("_")) & HOMELESS] == []


def test_that_every_module_begins_with_one_sentence() -> None:
    mute = []
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0].rstrip()
        if text.strip() and not first.endswith("."):
            mute.append(f"{name_of(path)}: {first!r}")
    assert mute == []


def test_that_no_class_is_a_manager_of_things() -> None:
    endings = tuple(word.title() for word in HOMELESS)
    named = [(name_of(path), node.name) for path in MODULES for node in classes_of(path)]
    assert [pair for pair in named if pair[1].endswith(endings)] == []


def test_that_no_qthread_is_subclassed() -> None:
    bases = [
        (name_of(path), ast.unparse(base))
        for path in MODULES
        for node in classes_of(path)
        for base in node.bases
    ]
    assert [pair for pair in bases if pair[1].split(".")[-1] == "QThread"] == []


def test_that_nothing_spins_the_event_loop_from_within() -> None:
    assert [name_of(path) for path in MODULES if "processEvents(" in path.read_text(encoding="utf-8")] == []


WORKER_SIGNALS = {
    *(
        "ticks_arrived",
        "feed_changed",
        "snapshot_taken",
        "event_happened",
        "beaten",
        "batch_applied",
        "closed",
    ),
    *("progressed", "counted", "window_ready", "failed", "finished", "decision_made", "snapshot_painted"),
    *("history_cancelled", "started"),
}


def loose_listeners(source: str) -> list[str]:
    """Return each connection of a worker's signal to a lambda or partial.

    It would run on the thread that emits, even when queued (measured; ARCHITECTURE, Threads).
    """
    caught = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        signal, heard = node.func.value, node.args[0]
        name = signal.attr if isinstance(signal, ast.Attribute) else ""
        is_loose = isinstance(heard, ast.Lambda) or (
            isinstance(heard, ast.Call) and ast.unparse(heard.func).endswith("partial")
        )
        if node.func.attr == "connect" and name in WORKER_SIGNALS and is_loose:
            caught.append(f"line {node.lineno}: {ast.unparse(node)}")
    return caught


@pytest.mark.parametrize(
    "path", [*sorted((PACKAGE / "bridge").glob("*.py")), PACKAGE / "app.py"], ids=name_of
)
def test_that_no_lambda_or_partial_hears_a_signal_across_threads(path: Path) -> None:
    assert loose_listeners(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("sin", ["lambda batch: self.apply(batch)", "partial(self.apply, 1)"])
def test_that_such_a_lambda_would_be_caught(sin: str) -> None:
    assert loose_listeners(f"feed.ticks_arrived.connect({sin})")
    assert not loose_listeners("feed.ticks_arrived.connect(risk.apply)")


def test_that_the_desk_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, plimsoll.app; "
        "print(sorted({'pandas', 'scipy', 'pyqtgraph', 'aiohttp', 'pytest'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=50, cwd=ROOT
    )
    assert told.stdout.strip() == "[]"


def test_that_references_to_none_and_true_stay_steady_under_signals_and_paint() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one with each emit and each painter call, and then aborts."""
    told = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "house" / "reference_count.py")],
        capture_output=True, text=True, check=False, timeout=50,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": ""},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    moved = [abs(int(number)) for number in told.stdout.split()]
    assert len(moved) == 4
    assert max(moved) < 100, "5,000 signals and 5,000 painted lines"


def requirements(name: str) -> dict[str, list[str]]:
    """Return the version lines of a lock file and the hashes of each."""
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith(("#", "--"))]
    return {line.split(" ")[0]: re.findall(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_that_a_lock_names_exact_versions_with_their_hashes(name: str) -> None:
    locked = requirements(name)
    assert len(locked) > 15
    assert [line for line, hashes in locked.items() if "==" not in line or not hashes] == []
    assert any(line.split(";")[0].lower() == "pyside6-essentials==6.11.3" for line in locked)


def test_that_what_is_installed_is_what_is_locked() -> None:
    assert metadata.version("PySide6-Essentials") == "6.11.3"


def test_that_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=!]", line)[0].strip().lower() for line in project["dependencies"]}
    locked = {line.split("==")[0].lower() for line in requirements("requirements.lock")}
    assert wanted <= locked


def runtime_packages() -> list[str]:
    return sorted({line.split("==")[0] for line in requirements("requirements.lock")})


@pytest.mark.parametrize("package", runtime_packages())
def test_that_a_licence_fits_an_apache_program(package: str) -> None:
    try:
        facts = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{package} is locked for another platform")
    told = [facts.get("License-Expression") or "", (facts.get("License") or "")[:200]]
    told += [line for line in facts.get_all("Classifier", []) if line.startswith("License")]
    words = " ".join(told)
    assert words.strip(), f"{package} names no licence"
    is_copyleft = re.search(r"\bA?GPL|(?<!Lesser )General Public", words)
    # LGPL links freely; Qt offers it beside its GPL.
    assert not is_copyleft or "LGPL" in words, words


def code_blocks(text: str) -> str:
    return "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, flags=re.DOTALL))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_that_every_make_target_a_document_names_exists(name: str) -> None:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)`", text)) | set(
        re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE)
    )
    assert named <= targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "DECISIONS.md"])
def test_that_every_file_a_document_links_to_is_there(name: str) -> None:
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not written yet")
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_that_every_plimsoll_command_of_the_readme_is_understood() -> None:
    from plimsoll.cli import request_from

    lines = re.findall(
        r"^plimsoll .*$", code_blocks((ROOT / "README.md").read_text(encoding="utf-8")), re.MULTILINE
    )
    assert lines
    for line in lines:
        words = line.split("#")[0].split()[1:]
        try:
            request_from(words)
        except SystemExit as ending:
            pytest.fail(f"{line!r} ends with code {ending.code}")


def test_that_the_rooms_are_those_of_the_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in config["contracts"] if contract["type"] == "layers")
    named = set(chain.from_iterable(layer.replace(" ", "").split("|") for layer in layers))
    rooms = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__", "__main__"} == named


def test_that_every_unit_test_folder_mirrors_a_room() -> None:
    folders = [path for path in (ROOT / "tests" / "unit").iterdir() if any(path.glob("test_*.py"))]
    assert [path.name for path in folders if path.is_dir() and not (PACKAGE / path.name).is_dir()] == []


def test_that_the_console_command_names_a_function_that_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["plimsoll"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_that_no_file_of_another_machine_is_kept() -> None:
    told = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
    )
    names = [Path(line) for line in told.stdout.splitlines()]
    assert [
        str(p) for p in names if p.suffix in {".pyc", ".sqlite", ".log"} or "__pycache__" in p.parts
    ] == []
