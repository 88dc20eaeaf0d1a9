"""Arithmetic that leaves the range of numbers is refused by name, never answered with a warning or a NaN."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from plimsoll.risk.errors import OutOfRange, SingularMatrix

_Taken = ParamSpec("_Taken")
_Answer = TypeVar("_Answer")


def refuses_overflow(figure: Callable[_Taken, _Answer]) -> Callable[_Taken, _Answer]:
    """Return a figure that raises OutOfRange where its arithmetic overflows, or divides by what underflowed.

    Money of 1e200 squared is no number, and a variance of 1e-200 squared is zero: neither can be seen at the
    border, since each input by itself is a good number.

    Raises
    ------
    OutOfRange
        If the arithmetic leaves the range of numbers, or the answer is NaN.
    SingularMatrix
        If a matrix within that range could not be decomposed.
    """

    @functools.wraps(figure)
    def guarded(*args: _Taken.args, **kwargs: _Taken.kwargs) -> _Answer:
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                answer = figure(*args, **kwargs)
        except np.linalg.LinAlgError as error:
            raise SingularMatrix(
                f"{figure.__name__} met a matrix it could not decompose ({error}), expected a covariance: "
                "see nearest_psd"
            ) from error
        except ArithmeticError as error:
            raise _out_of_range(figure.__name__, str(error)) from error
        if isinstance(answer, float) and answer != answer:  # noqa: PLR0124  NaN alone differs from itself
            raise _out_of_range(figure.__name__, "the answer was NaN")
        return answer

    return guarded


def _out_of_range(name: str, what: str) -> OutOfRange:
    return OutOfRange(
        f"{name} left the range of numbers ({what}), expected inputs of an ordinary size: change their unit"
    )
