from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fakes.snapshot_maker import make_breach, make_limits
from plimsoll.domain.breach import Breach
from plimsoll.domain.limit import Severity

MakeBreach = Callable[..., Breach]


@pytest.fixture
def breach() -> MakeBreach:
    """Make a breach of the VaR limit, of another severity or name where asked for."""

    def made(
        number: int = 1, *, severity: Severity = Severity.CRITICAL, name: str = "VaR 95 %", **changes: Any
    ) -> Breach:
        limit = replace(make_limits()[0], severity=severity, name=name)
        return make_breach(number, limit, 412_380.0, **changes)

    return made
