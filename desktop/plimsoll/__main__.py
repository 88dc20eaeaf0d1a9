"""`plimsoll` and `python -m plimsoll`."""

import gc
import os
import sys


def main() -> int:
    """Run the program and return its exit code."""
    if sys.argv[1:2] == ["watchdog"]:
        from plimsoll.watchdog import main as watch  # noqa: PLC0415  it loads neither Qt nor numpy

        return watch(sys.argv[2:])
    # Two BLAS threads on a busy desk spin against each other: 3 to 10 times slower (performance-facts.md, 3).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Modules being loaded leave no garbage, but set off collections: 10 ms; app enables it again.
    gc.disable()
    from plimsoll.bridge.pyside_start import spare_sources  # noqa: PLC0415  Qt too comes after the lines above

    spare_sources()
    from plimsoll.app import run  # noqa: PLC0415  numpy must not load before the lines above

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
