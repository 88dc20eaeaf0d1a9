"""The log: one file for its owner, and no secret in any line of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.logs import Redaction, set_up

pytestmark = pytest.mark.logs_warnings
SECRET = "s3cr3t-t0k3n"  # noqa: S105  made up


@pytest.fixture(autouse=True)
def root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def text_of(folder: Path) -> str:
    return (folder / "plimsoll.log").read_text(encoding="utf-8")


def test_that_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    set_up(tmp_path / "a" / "logs", verbose=False)
    assert (tmp_path / "a" / "logs").stat().st_mode & 0o077 == 0


def test_that_warnings_and_news_go_to_the_file_and_only_errors_to_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(tmp_path, verbose=False)
    log = logging.getLogger("plimsoll.test")
    for level in ("debug", "info", "warning", "error"):
        getattr(log, level)("a line of %s", level)
    text = text_of(tmp_path)
    assert "a line of debug" not in text
    for level in ("info", "warning", "error"):
        assert f"a line of {level}" in text
    screen = capsys.readouterr().err
    assert "a line of error" in screen
    assert "a line of warning" not in screen


def test_that_verbose_puts_everything_on_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(tmp_path, verbose=True)
    logging.getLogger("plimsoll.test").debug("the smallest thing")
    assert "the smallest thing" in text_of(tmp_path)
    assert "the smallest thing" in capsys.readouterr().err


def test_that_a_secret_stands_in_no_line_however_it_came_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redaction = set_up(tmp_path, verbose=True)
    redaction.secrets.add(SECRET)
    log = logging.getLogger("plimsoll.test")
    log.info("plain %s", SECRET)
    log.info("in a tuple %s", (SECRET, {"key": SECRET}))
    log.info("%(name)s by name", {"name": SECRET})
    lost = ConnectionError(f"wss://host/?token={SECRET}")
    log.error("with a trace of %s", SECRET, exc_info=lost)
    for written in (text_of(tmp_path), capsys.readouterr().err):
        assert SECRET not in written
        assert "•••" in written
        assert "ConnectionError" in written, "the trace itself stays"


def test_that_a_token_in_a_url_goes_even_when_nobody_named_it(tmp_path: Path) -> None:
    set_up(tmp_path, verbose=False)
    logging.getLogger("websocket").warning("GET /ws?Token=abc123&plan=x and token='q'")
    text = text_of(tmp_path)
    assert "abc123" not in text
    assert "plan=x" in text


def test_that_other_libraries_are_cleaned_too(tmp_path: Path) -> None:
    redaction = set_up(tmp_path, verbose=True)
    redaction.secrets.add(SECRET)
    logging.getLogger("some.library").error("header X-Auth: %s", SECRET)
    assert SECRET not in text_of(tmp_path)


@given(before=st.text(), after=st.text())
def test_that_cleaning_takes_the_secret_out_and_cleaning_twice_changes_nothing(
    before: str, after: str
) -> None:
    redaction = Redaction()
    redaction.secrets.add(SECRET)
    once = redaction.cleaned(before + SECRET + after)
    assert SECRET not in once
    assert redaction.cleaned(once) == once


@given(st.text().filter(lambda text: "token=" not in text.lower()))
def test_that_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    redaction = Redaction()
    redaction.secrets.add(SECRET)
    assert redaction.cleaned(text) == text.replace(SECRET, "•••")


@pytest.mark.parametrize(
    ("message", "values"), [("two %s %s", (SECRET,)), ("%d", (SECRET,)), ("none", (SECRET,))]
)
def test_that_a_message_with_wrong_arguments_is_kept_and_raises_nothing(
    message: str, values: tuple[str, ...]
) -> None:
    redaction = Redaction()
    redaction.secrets.add(SECRET)
    record = logging.LogRecord("plimsoll.risk", logging.ERROR, __file__, 1, message, values, None)
    assert redaction.filter(record), "a slip in a log line must not stop a worker"
    assert message in record.getMessage()
    assert SECRET not in record.getMessage()


def test_that_a_long_log_is_cut_into_few_files(tmp_path: Path) -> None:
    set_up(tmp_path, verbose=False)
    log = logging.getLogger("plimsoll.test")
    for _ in range(260):
        log.info("x" * 100_000)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["plimsoll.log", "plimsoll.log.1", "plimsoll.log.2", "plimsoll.log.3"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 21_000_000
