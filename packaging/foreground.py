"""Runs a command so that Ctrl-C reaches it alone: make then reports its exit code, not an interrupt."""

import os
import signal
import subprocess
import sys


def main() -> int:
    """Run the command in a process group of its own, in front of the terminal if there is one."""
    if not sys.stdin.isatty():
        os.execv(sys.argv[1], sys.argv[1:])
    terminal = sys.stdin.fileno()
    child = subprocess.Popen(sys.argv[1:], process_group=0)
    # Taking the terminal back stops a process by SIGTTOU unless it ignores that.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(terminal, child.pid)
    try:
        return child.wait()
    finally:
        os.tcsetpgrp(terminal, os.getpgrp())


if __name__ == "__main__":
    sys.exit(main())
