"""A text file of a person's: taken whole or refused in words, and written so that it is never half there."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from plimsoll.domain.errors import Complaint, FileRefused

MOST_BYTES = 100 * 1024 * 1024


def text_of(path: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of a file, without its byte order mark.

    Parameters
    ----------
    path : Path
        A plain file in UTF-8.
    most_bytes : int
        The most that is read; a longer file is refused.

    Returns
    -------
    str
        Line ends as they stand in the file.

    Raises
    ------
    FileRefused
        If it is not there, is no plain file, cannot be read, is too long, or is not UTF-8 text.
    """
    raw = _bytes_of(path, most_bytes)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(path, "the file", "UTF-16 text", "UTF-8: save it as 'CSV UTF-8' or plain UTF-8 text")
    if b"\0" in raw:
        where = f"line {_line_at(raw, raw.index(0))}"
        raise _refused(path, where, "a NUL byte", "plain text: the file is damaged or of another kind")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"line {_line_at(raw, error.start)}"
        byte = f"byte 0x{error.object[error.start]:02x}"
        raise _refused(path, where, byte, "UTF-8: save the file as UTF-8 text") from None


def write_atomically(path: Path, text: str) -> None:
    """Put `text` in the place of the file, so that a reader sees the old or the new one, never a half.

    Raises
    ------
    OSError
        If it could not be written; the old file then still stands.
    """
    write_parts_atomically(path, (text.encode(),))


def write_parts_atomically(path: Path, parts: Iterable[bytes]) -> None:
    """Put parts, one behind the other, in the place of the file, as `write_atomically` does with a text.

    Raises
    ------
    OSError
        If they could not be written; the old file then still stands, as it does if a part cannot be made.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _bytes_of(path: Path, most_bytes: int) -> bytes:
    if path.is_dir():
        raise _refused(path, "the file", "a directory", "a file")
    if path.exists() and not path.is_file():
        raise _refused(path, "the file", "a device or a pipe", "a plain file")
    try:
        with path.open("rb") as file:
            raw = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise _refused(path, "the file", "not there", "a file: check its name") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise _refused(path, "the file", why, "a file that may be read") from None
    if len(raw) > most_bytes:
        raise _refused(
            path, "the file", f"longer than {most_bytes} bytes", f"at most {most_bytes}: split the file"
        )
    return raw


def _refused(path: Path, where: str, was: str, expected: str) -> FileRefused:
    return FileRefused(path, (Complaint(where, was, expected),))


def _line_at(raw: bytes, place: int) -> int:
    return raw.count(b"\n", 0, place) + 1
