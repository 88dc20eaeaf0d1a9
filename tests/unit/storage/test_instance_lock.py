import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.storage.instance_lock import LOCK_NAME, AlreadyRunning, InstanceLock

HOLD = """
import sys
from pathlib import Path
from plimsoll.storage.instance_lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_that_a_directory_is_held_once_and_free_after_release(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path)
    with pytest.raises(AlreadyRunning):
        InstanceLock(tmp_path)
    first.release()
    first.release()
    with InstanceLock(tmp_path):
        assert (tmp_path / LOCK_NAME).exists()
    InstanceLock(tmp_path).release()


def test_that_another_process_is_named_with_what_to_do_and_its_death_frees_the_directory(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning, match=f"process {other.pid} on .*--data-dir") as refusal:
            InstanceLock(tmp_path)
        assert refusal.value.directory == tmp_path
        other.send_signal(signal.SIGKILL)
        other.wait()
    InstanceLock(tmp_path).release()


def test_that_a_lock_file_without_words_is_told_as_unknown(tmp_path: Path) -> None:
    holder = InstanceLock(tmp_path)
    os.truncate(tmp_path / LOCK_NAME, 0)
    with pytest.raises(AlreadyRunning, match="process unknown"):
        InstanceLock(tmp_path)
    holder.release()


def test_that_a_longer_name_of_an_earlier_holder_does_not_shine_through(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(
        "process 99999999999999 on a-host-with-a-very-long-name.example.org\nmore"
    )
    with InstanceLock(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text().startswith(f"process {os.getpid()} on ")
        assert (tmp_path / LOCK_NAME).read_text().count("\n") == 1
