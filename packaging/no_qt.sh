#!/usr/bin/env bash
# Runs the unit and property tests with PySide6 and pyqtgraph hidden: below the bridge nobody may need them.
set -euo pipefail
cd "$(dirname "$0")/.."
hide=$(mktemp -d)
trap 'rm -rf "$hide"' EXIT
for name in PySide6 pyqtgraph; do
  echo "raise ImportError('$name is hidden: this run has no Qt')" > "$hide/$name.py"
done
PYTHONPATH="$hide" .venv/bin/python -m pytest tests/unit tests/property -q -n 2 -p no:pytest-qt --ignore=tests/unit/widgets
