# One word a task; each sets up what it needs, and none needs another first.
PY := .venv/bin/python
export OPENBLAS_NUM_THREADS := 1

.PHONY: run test check bench bench-growth crash shots soak no-qt lock clean

run:            ## a moving book: the demo on a real crisis, no account needed
	@packaging/setup.sh run
	@$(PY) packaging/foreground.py $(PY) -m plimsoll demo $(ARGS)

check:          ## ruff, types, layers, house, unit and property tests: an answer within two minutes
	@packaging/setup.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(PY) -m pytest tests/house tests/unit tests/property tests/reference -n 2 -q

test: check     ## everything
	$(PY) -m pytest tests/gui tests/fakes -n 2 -q
	$(PY) -m pytest tests/end2end tests/pictures tests/crash -n 2 -q

bench:          ## measures this machine, writes build/bench.json
	@packaging/setup.sh test
	$(PY) tests/bench/run_bench.py

bench-growth:   ## how cost grows with positions, scenarios and rate, into PERFORMANCE.md
	@packaging/setup.sh test
	$(PY) tests/bench/growth.py

soak:           ## ten minutes of load: memory after ten minutes equals memory after one
	@packaging/setup.sh test
	$(PY) tests/bench/soak.py

crash:          ## five hundred kills at random points: nothing lost, nothing doubled
	@packaging/setup.sh test
	$(PY) tests/crash/run_crashes.py --runs 500

shots:          ## the README's pictures, made from the program
	@packaging/setup.sh test
	$(PY) tests/pictures/make_shots.py

no-qt:          ## unit and property tests where no Qt is installed
	@packaging/setup.sh test
	packaging/no_qt.sh

lock:           ## the two lock files anew (needs uv)
	packaging/lock.sh

clean:
	rm -rf build .venv .hypothesis .pytest_cache .ruff_cache
