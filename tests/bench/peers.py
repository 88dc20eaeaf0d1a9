"""Fetches the peers we measure ourselves against into build/peers, apart from the locked house."""

import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parents[2] / "build" / "peers"
# Without what they depend on: vnpy pins another PySide6, and neither event engine nor table needs any of it.
PACKAGES = ("vnpy==4.5.0", "perspective-python==5.6.1")


def reach() -> None:
    """Let what has been fetched be imported; what has not stays absent."""
    if PEERS.is_dir() and str(PEERS) not in sys.path:
        sys.path.append(str(PEERS))


def main() -> None:
    """Fetch them, each by itself: one that cannot be had is absent, and fails nothing."""
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
        done = subprocess.run([*command, "--target", str(PEERS), package], check=False)
        print(f"{package}: {'fetched' if done.returncode == 0 else 'absent'}")


if __name__ == "__main__":
    main()
