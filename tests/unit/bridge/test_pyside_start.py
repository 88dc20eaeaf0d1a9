import subprocess
import sys


def test_that_no_source_of_a_module_imported_after_qt_is_read_and_kept() -> None:
    program = (
        "import linecache\n"
        "from plimsoll.bridge.pyside_start import spare_sources\n"
        "spare_sources()\n"
        "import numpy\n"
        "from plimsoll.bridge.risk_model import RiskModel\n"
        "print(sum('numpy' in name for name in linecache.cache))\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "0"
