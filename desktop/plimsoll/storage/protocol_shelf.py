"""The newest protocol backtest on the disk: it is there again after a restart, to the cent."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from plimsoll.domain.errors import Complaint, FileRefused
from plimsoll.domain.limit import Severity
from plimsoll.domain.protocol_result import (
    PolicyTrials,
    ProtocolCourse,
    ProtocolEpisode,
    ProtocolFigures,
    ProtocolResult,
)
from plimsoll.storage.text_file import text_of, write_atomically

FORMAT = 1


def keep_result(path: Path, result: ProtocolResult) -> None:
    """Write a result; the same result is the same bytes.

    Raises
    ------
    OSError
        If it could not be written; an older one then still stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text_of_result(result))


def kept_result(path: Path) -> ProtocolResult | None:
    """Return the result that was kept; None where none was.

    Raises
    ------
    FileRefused
        If the file is damaged, or of another format.
    """
    if not path.exists():
        return None
    try:
        body = json.loads(text_of(path))
        if body["format"] != FORMAT:
            raise ValueError(f"format {body['format']}")  # noqa: TRY301  told as any other damage is
        return _result(body)
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, FileRefused):
            raise
        complaint = Complaint("the file", str(fault), "a protocol backtest of this version: run it again")
        raise FileRefused(path, (complaint,)) from None


def text_of_result(result: ProtocolResult) -> str:
    """Return a result as the file has it."""
    body = {
        "format": FORMAT,
        "currency": result.currency,
        "refusal": result.refusal,
        "words": list(result.words),
        "courses": [_course_row(course) for course in result.courses],
        "trials": [asdict(trials) for trials in result.trials],
    }
    return json.dumps(body, sort_keys=True)


def _course_row(course: ProtocolCourse) -> dict[str, Any]:
    return {
        "policy": course.policy,
        "days": course.days.tolist(),
        "equity": course.equity.tolist(),
        "untouched": course.untouched.tolist(),
        "episodes": [asdict(episode) for episode in course.episodes],
        "figures": asdict(course.figures),
        "seal": course.seal,
    }


def _result(body: Mapping[str, Any]) -> ProtocolResult:
    return ProtocolResult(
        courses=tuple(_course(row) for row in body["courses"]),
        trials=tuple(
            PolicyTrials(
                row["policy"],
                tuple(ProtocolFigures(**figures) for figures in row["by_human"]),
                tuple(ProtocolFigures(**figures) for figures in row["by_history"]),
            )
            for row in body["trials"]
        ),
        words=tuple(body["words"]),
        refusal=body["refusal"],
        currency=body["currency"],
    )


def _course(row: Mapping[str, Any]) -> ProtocolCourse:
    return ProtocolCourse(
        row["policy"],
        np.array(row["days"], dtype=np.int64),
        np.array(row["equity"], dtype=np.float64),
        np.array(row["untouched"], dtype=np.float64),
        tuple(
            ProtocolEpisode(**{**each, "severity": Severity(each["severity"])}) for each in row["episodes"]
        ),
        ProtocolFigures(**row["figures"]),
        row["seal"],
    )
