#!/usr/bin/env bash
# Makes the two hashed lock files anew from pyproject.toml (needs uv); PySide6-Essentials stays at the tested 6.11.3.
set -euo pipefail
cd "$(dirname "$0")/.."
flags="--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q"
uv pip compile pyproject.toml $flags --constraint <(echo 'PySide6-Essentials==6.11.3') -o packaging/requirements.lock
uv pip compile pyproject.toml --group dev $flags --constraint packaging/requirements.lock -o packaging/requirements-dev.lock
