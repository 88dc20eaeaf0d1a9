"""Measures how cost grows with positions, scenarios and rate, one axis at a time, into PERFORMANCE.md."""

import argparse
import json
from pathlib import Path

from run_bench import Figures, script

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "PERFORMANCE.md"
BEGIN, END = "<!-- growth: written by make bench-growth -->", "<!-- end of growth -->"
BASE = {"positions": 1_000, "scenarios": 500, "rate": 10_000}
AXES = {
    "positions": (10, 100, 1_000, 10_000),
    "scenarios": (100, 500, 1_000, 5_000),
    "rate": (1_000, 10_000, 50_000, 100_000, 200_000),
}
HEAD = (
    "| positions | scenarios | asked ticks/s | applied ticks/s | folded | tick → risk p50 / p99 ms "
    "| tick → painted p50 / p99 ms | GUI work p50 / p99 ms | memory MB |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def row(cell: dict[str, int], figures: Figures) -> str:
    """Return one line of the table."""

    def pair(name: str) -> str:
        return f"{figures[f'{name}_p50']:.1f} / {figures[f'{name}_p99']:.1f}"

    columns = (
        f"{cell['positions']:,}",
        f"{cell['scenarios']:,}",
        f"{cell['rate']:,}",
        f"{figures['ticks_per_s']:,.0f}",
        f"{figures['folded_fraction']:.1%}",
        pair("tick_to_risk_ms"),
        pair("tick_to_painted_ms"),
        pair("frame_work_ms"),
        f"{figures['rss_mb']:.0f}",
    )
    return "| " + " | ".join(columns) + " |"


def cells() -> list[dict[str, int]]:
    """Return each cell once, one axis varied at a time."""
    found: list[dict[str, int]] = []
    for axis, values in AXES.items():
        for value in values:
            cell = BASE | {axis: value}
            if cell not in found:
                found.append(cell)
    return found


def into_page(table: str) -> None:
    """Put the table where the last one stood, or at the end of the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
    section = f"{BEGIN}\n{table}\n{END}\n"
    if BEGIN in page:
        before, rest = page.split(BEGIN)
        page = before + section + rest.split(END)[1].lstrip("\n")
    else:
        page = page.rstrip() + "\n\n## How cost grows\n\n" + section
    PAGE.write_text(page, encoding="utf-8")


def main() -> None:
    """Measure every cell and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    lines = []
    raw = {}
    for cell in cells():
        options = [word for name, value in cell.items() for word in (f"--{name}", value)]
        figures = script("our_desk.py", *options, "--seconds", seconds)
        raw[" ".join(map(str, cell.values()))] = figures
        lines.append(row(cell, figures))
        print(lines[-1], flush=True)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "growth.json").write_text(json.dumps(raw, indent=1), encoding="utf-8")
    into_page(HEAD + "\n".join(lines))


if __name__ == "__main__":
    main()
