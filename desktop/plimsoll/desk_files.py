"""What the user's files say of a desk; read before any window, so that a refusal is a line and no flash."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plimsoll import assets, cli
from plimsoll.domain.book import Book
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import Limit
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.person import People, only_person
from plimsoll.domain.response_policy import BUILT_IN, ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.storage.folders import FolderRefused, Folders
from plimsoll.storage.limits_file import limits_from_file
from plimsoll.storage.portfolio_file import book_from_files, instruments_beside
from plimsoll.storage.scenarios_file import scenarios_from_file
from plimsoll.storage.settings import Settings, settings_from_file

DEMO_BAND_FRACTION = 0.05


def room_of(name: str) -> Any:
    """Return another part of the program; loaded here, so that no window waits for it."""
    return importlib.import_module(f"plimsoll.{name}")


@dataclass(frozen=True, slots=True)
class DeskFiles:
    """Everything that files say of one desk."""

    folders: Folders
    settings: Settings
    book: Book
    master: Mapping[str, Instrument]
    limits: tuple[Limit, ...]
    scenarios: tuple[StressScenario, ...]
    people: People
    policy: ResponsePolicy
    margin: MarginRates
    positions: Path
    instruments: Path
    limits_path: Path
    alerts: Any


def files_of(request: cli.DeskRequest | cli.DemoRequest, folders: Folders) -> DeskFiles:
    """Read the files a desk is made of.

    Raises
    ------
    FileRefused
        With every complaint about the first file that has any.
    """
    settings = settings_from_file(folders.settings_file)
    positions = request.portfolio or settings.positions
    limits_path = request.limits or settings.limits
    if isinstance(request, cli.DemoRequest):
        positions = positions or assets.path("samples/positions.csv")
        limits_path = limits_path or assets.path("samples/limits.toml")
    if positions is None or limits_path is None:
        raise FolderRefused(
            f"no book yet: name one with --portfolio and --limits, or in {folders.settings_file} "
            "(positions = …, limits = …); `plimsoll demo` needs none"
        )
    instruments = settings.instruments or instruments_beside(positions)
    book, master = book_from_files(instruments, positions, settings.base_currency)
    scenarios = scenarios_from_file(settings.scenarios or assets.path("samples/scenarios.toml"))
    return DeskFiles(
        folders,
        settings,
        book,
        master,
        limits_from_file(limits_path),
        scenarios,
        _people(folders.config / "people.toml", settings.person),
        _demo_policy() if isinstance(request, cli.DemoRequest) else _policy(settings.responses),
        _margin(settings.margin),
        positions,
        instruments,
        limits_path,
        _alerts(settings, folders),
    )


def _alerts(settings: Settings, folders: Folders) -> Any:
    """Return the channels the settings ask for; without any nothing is loaded for them."""
    if not settings.alerts:
        return None
    return room_of("notify.alert_settings").alert_settings_from(settings.alerts, folders.settings_file)


def _people(path: Path, account: str) -> People:
    """Return who may sign here; scrypt and its kin are loaded only where somebody wrote people down."""
    if not path.exists():
        return only_person(account)
    people: People = room_of("storage.people_file").people_from_file(path, account).people
    return people


def _demo_policy() -> ResponsePolicy:
    """Return the built-in policy for one person and a replayed day that passes in minutes.

    A price moves in a second as far as in several minutes of a market: an approval would always be too late.
    """
    alone = tuple(
        replace(response, price_band_fraction=DEMO_BAND_FRACTION, two_persons=False)
        for response in BUILT_IN.responses
    )
    return ResponsePolicy(alone, BUILT_IN.rules)


def _policy(path: Path | None) -> ResponsePolicy:
    if path is None:
        return BUILT_IN
    policy: ResponsePolicy = room_of("storage.policy_file").policy_from_file(path)
    return policy


def _margin(path: Path | None) -> MarginRates:
    if path is None:
        return STANDARD_RATES
    rates: MarginRates = room_of("storage.margin_file").margin_from_file(path)
    return rates
