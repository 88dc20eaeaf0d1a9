import os
import socket
from pathlib import Path
from typing import Never

import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.storage.text_file import text_of, write_atomically


def refusal_of(path: Path, **limits: int) -> str:
    with pytest.raises(FileRefused) as refusal:
        text_of(path, **limits)
    (complaint,) = refusal.value.complaints
    return str(complaint)


def test_that_a_directory_is_no_file(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == "the file: was 'a directory', expected a file"


def test_that_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "ghost.csv") == "the file: was 'not there', expected a file: check its name"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_that_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "a device or a pipe" in refusal_of(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no local sockets on this system")
def test_that_a_socket_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "s"))
        assert "a device or a pipe" in refusal_of(tmp_path / "s")


def test_that_a_file_over_the_cap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("x" * 101)
    assert "longer than 100 bytes" in refusal_of(path, most_bytes=100)
    assert text_of(path, most_bytes=101) == "x" * 101


def test_that_a_name_no_system_can_have_is_refused_in_words() -> None:
    assert "expected a file" in refusal_of(Path("a\0b"))


def test_that_a_file_one_may_not_read_is_refused_with_the_system_s_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("x")

    def refuse(*args: object, **kwargs: object) -> Never:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal_of(path) == "the file: was 'Permission denied', expected a file that may be read"


def test_that_writing_replaces_the_whole_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    write_atomically(path, "old\n")
    write_atomically(path, "neue Grüße\r\n")
    assert text_of(path) == "neue Grüße\r\n"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("old")

    def full(handle: int) -> Never:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
