"""One logger a room, one file, and no token in any line."""

import logging
import logging.handlers
import re
import sys
from pathlib import Path

_TOKEN = re.compile(r"(token=)[^&\s\"']+", re.IGNORECASE)
_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


class Redaction(logging.Filter):
    """Takes secrets out of every record before a handler writes it.

    Attributes
    ----------
    secrets : set of str
        Exact values that may never be written; whatever follows ``token=`` never is either.
    """

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it always passes."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # A filter's exception would reach whoever logged: a slip in a message must not stop a worker.
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = self.cleaned(message), ()
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_info, record.exc_text = None, self.cleaned(text)
        return True

    def cleaned(self, text: str) -> str:
        """Return `text` without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "•••")
        return _TOKEN.sub(r"\1•••", text)


def set_up(folder: Path, *, verbose: bool) -> Redaction:
    """Write the log of this run to `folder`/plimsoll.log, warnings also to standard error."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    redaction = Redaction()
    to_file = logging.handlers.RotatingFileHandler(
        folder / "plimsoll.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8"
    )
    to_screen = logging.StreamHandler(sys.stderr)
    to_screen.setLevel(logging.DEBUG if verbose else logging.ERROR)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for handler in (to_file, to_screen):
        handler.addFilter(redaction)
        handler.setFormatter(logging.Formatter(_FORMAT))
        root.addHandler(handler)
    return redaction
