"""A kept backtest is there again to the last digit, and a damaged one is refused in words."""

from pathlib import Path

import numpy as np
import pytest

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Severity
from plimsoll.domain.protocol_result import (
    PolicyTrials,
    ProtocolCourse,
    ProtocolEpisode,
    ProtocolFigures,
    ProtocolResult,
)
from plimsoll.storage.protocol_shelf import keep_result, kept_result, text_of_result

FIGURES = ProtocolFigures(1.1, 1.0 / 3.0, 0.1, 0.2, 3.0, 4.0, 2, 1, 1, 2, 1, float("nan"))
EPISODE = ProtocolEpisode(
    "B-0001",
    "var",
    "VaR",
    "Energy",
    Severity.HIGH,
    5,
    2.0,
    1.0,
    65,
    "cut",
    "approved",
    7,
    1,
    1,
    9.0,
    0.1,
    True,
)


def result() -> ProtocolResult:
    course = ProtocolCourse(
        "as set", np.array([1, 2]), np.array([0.1, 0.3]), np.array([0.1, 0.2]), (EPISODE,), FIGURES, "seal"
    )
    return ProtocolResult((course,), (PolicyTrials("as set", (FIGURES,), ()),), ("words",), currency="EUR")


def test_that_what_was_kept_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    file = tmp_path / "new" / "protocol.json"
    assert kept_result(file) is None
    keep_result(file, result())
    back = kept_result(file)
    assert back is not None
    assert back.courses[0].episodes == (EPISODE,)
    assert back.courses[0].equity.tobytes() == result().courses[0].equity.tobytes()
    assert back.courses[0].days.dtype == np.int64
    assert text_of_result(back) == file.read_text()
    assert back.is_known
    assert back.courses[0].figures.gain_base == FIGURES.gain_base
    assert EPISODE.under_after_s == pytest.approx(6e-8)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 1}', "\x00"])
def test_that_a_damaged_file_is_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "protocol.json"
    file.write_text(text)
    with pytest.raises(FileRefused, match=r"protocol\.json"):
        kept_result(file)
