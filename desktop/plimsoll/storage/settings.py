"""The settings a person chose, from ``settings.toml``; what is not written there has its default.

::

    base_currency = "USD"
    theme = "night"  # night or day
    person = "Ada"  # left out: the account of the operating system

    [alltick]
    host = "quote.alltick.co"
    plan = "basic"  # free, basic, premium, professional, all_hk, all_cn, all_us
    account = "default"  # which token of the keyring

    [files]  # relative to the settings file
    instruments = "instruments.csv"
    positions = "positions.csv"
    limits = "limits.toml"
    responses = "responses.toml"  # what is proposed when a limit breaks; left out: what is built in
    margin = "margin.toml"  # what your broker asks; left out: the rates that are built in
    scenarios = "scenarios.toml"  # stress scenarios; left out: those that come with the program
    history = [
        "closes.csv",
        "history",
    ]  # own closes for stress and backtest: CSV, Parquet, or folders of them

    [method]
    var_confidence = 0.95
    es_confidence = 0.975
    window_days = 500
    mark_policy = "mid"  # mid, side or last
    participation = 0.2  # share of a day's volume taken on the way out
    roll_time = "17:00"  # New York

    [studies]
    cluster = "tcp://10.0.0.5:8786"  # a dask.distributed scheduler for protocol backtests (extra `cluster`)

    [alerts]  # e-mail and webhook: see plimsoll.notify.alert_settings

    [reports]  # left out: none is written by itself
    end_of_day = "17:05"  # New York; before the roll it tells of a day that is not over
    folder = "reports"  # relative to the settings file
    forms = ["pdf", "xlsx"]  # html, pdf, xlsx
"""

import getpass
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from plimsoll.domain.method import MarkPolicy, RiskMethod
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of, write_atomically
from plimsoll.storage.toml_table import (
    TomlTable,
    a_text,
    between,
    document_of,
    fitting,
    one_of,
    some_texts,
    whole,
)

PLANS = ("Free", "Basic", "Premium", "Professional", "All HK", "All CN", "All US")
"""As AllTick's price list writes them."""
THEMES = ("night", "day")
REPORT_FORMS = ("html", "pdf", "xlsx")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(:\d{1,5})?")
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{0,99}")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_CLUSTER = re.compile(r"(tcp|tls|ws|wss)://[A-Za-z0-9.\[\]:-]{1,253}:\d{1,5}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    """When the running desk writes its report of the day.

    Attributes
    ----------
    end_of_day : str
        New York time; empty for never.
    folder : Path or None
        Where to; None where the person has named none: then none is written by itself.
    forms : tuple of str
        Of REPORT_FORMS.
    """

    end_of_day: str = ""
    folder: Path | None = None
    forms: tuple[str, ...] = ("pdf",)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person can set.

    Attributes
    ----------
    base_currency : str
        The currency NAV is stated in.
    theme : str
        "night" or "day".
    person : str
        Who sits here; written into journal rows.
    host : str
        AllTick's host, with a port where it is not the usual one.
    stock_path, other_path : str
        Websocket paths of the two connections, without a slash in front.
    stock_rest_path, other_rest_path : str
        The same of the REST bases.
    plan : str
        The AllTick plan, which decides rates and counts.
    account : str
        Which token of the keyring.
    instruments, positions, limits, scenarios, responses, margin : Path or None
        The book's files; None where the person has named none yet.
    history : tuple of Path
        Files and folders of daily closes; the first outranks the others, and all outrank AllTick's.
    method : RiskMethod
        The conventions of VaR, ES and marks.
    cluster : str
        Address of a dask.distributed scheduler for long studies; empty for this machine.
    roll_time : str
        When the trading day rolls, New York time.
    alerts : Mapping
        The table of alert channels as it stands in the file.
    reports : ReportSchedule
        When the desk writes its report of the day.
    """

    base_currency: str = "USD"
    theme: str = "night"
    person: str = ""
    host: str = "quote.alltick.co"
    stock_path: str = "quote-stock-b-ws-api"
    other_path: str = "quote-b-ws-api"
    stock_rest_path: str = "quote-stock-b-api"
    other_rest_path: str = "quote-b-api"
    plan: str = "Basic"
    account: str = "default"
    instruments: Path | None = None
    positions: Path | None = None
    limits: Path | None = None
    scenarios: Path | None = None
    responses: Path | None = None
    margin: Path | None = None
    history: tuple[Path, ...] = ()
    method: RiskMethod = field(default_factory=RiskMethod)
    roll_time: str = "17:00"
    cluster: str = ""
    alerts: Mapping[str, object] = field(default_factory=dict)
    reports: ReportSchedule = ReportSchedule()


def settings_from_file(path: Path) -> Settings:
    """Return the settings of a file; a file that is not there is all defaults.

    Raises
    ------
    FileRefused
        With every complaint about it; it is never half taken.
    """
    settings = _read(text_of(path) if path.exists() else "", path)
    return settings if settings.person else replace(settings, person=account_of_this_computer())


def account_of_this_computer() -> str:
    """Return the name of the operating system's account, or "unknown"."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


def write_setting(path: Path, key: str, value: str | float) -> None:
    """Write one setting, keeping the file's comments; ``"method.window_days"`` names one in a table.

    Raises
    ------
    FileRefused
        If the file cannot be understood, or would not be with that value; it stays as it was.
    OSError
        If it could not be written; the old file then still stands.
    """
    # 15 ms that only a writer should pay: settings are read before the first paint.
    import tomlkit  # noqa: PLC0415

    old = text_of(path) if path.exists() else ""
    _read(old, path)
    document = tomlkit.parse(old)
    *tables, name = key.split(".")
    table: tomlkit.TOMLDocument | tomlkit.items.Table = document
    for part in tables:
        if part not in table:
            table[part] = tomlkit.table()
        table = table[part]
    table[name] = value
    text = tomlkit.dumps(document)
    _read(text, path)
    write_atomically(path, text)


def _read(text: str, path: Path) -> Settings:
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see the README")
    settings = _settings(TomlTable(document, "", complaints), path.parent)
    complaints.refuse_if_any()
    return settings


def _settings(table: TomlTable, folder: Path) -> Settings:
    standard = Settings()
    names = ("alltick", "files", "method", "studies")
    alltick, files, method, studies = (table.sub_table(name) for name in names)
    path = fitting(_PATH)

    def file(key: str) -> Path | None:
        named = files.take(key, a_text, "a file name in quotes", "")
        return (folder / Path(named).expanduser()) if named else None

    own_history: tuple[str, ...] = ()
    settings = Settings(
        base_currency=table.take(
            "base_currency", fitting(re.compile(r"[A-Z]{3}")), "a currency in capitals, like USD", "USD"
        ),
        theme=table.take("theme", one_of(THEMES), f"one of {', '.join(THEMES)}", standard.theme),
        person=table.take("person", a_text, "a name in quotes", ""),
        host=alltick.take(
            "host", fitting(_HOST), "a host name, without wss:// and without a token", standard.host
        ),
        stock_path=alltick.take("stock_path", path, "a path without a slash in front", standard.stock_path),
        other_path=alltick.take("other_path", path, "a path without a slash in front", standard.other_path),
        stock_rest_path=alltick.take(
            "stock_rest_path", path, "a path without a slash", standard.stock_rest_path
        ),
        other_rest_path=alltick.take(
            "other_rest_path", path, "a path without a slash", standard.other_rest_path
        ),
        plan=alltick.take("plan", one_of(PLANS), f"one of {', '.join(PLANS)}", standard.plan),
        account=alltick.take("account", fitting(_ACCOUNT), "a name of letters and digits", standard.account),
        instruments=file("instruments"),
        positions=file("positions"),
        limits=file("limits"),
        scenarios=file("scenarios"),
        responses=file("responses"),
        margin=file("margin"),
        history=tuple(
            folder / Path(named).expanduser()
            for named in files.take("history", some_texts, "a list of file names in quotes", own_history)
        ),
        method=_method(method),
        roll_time=method.take("roll_time", fitting(_TIME), 'a time like "17:00"', standard.roll_time),
        cluster=studies.take(
            "cluster", fitting(_CLUSTER), 'the address of a scheduler, like "tcp://10.0.0.5:8786"', ""
        ),
        alerts=table.sub_table("alerts").table,
        reports=_reports(table.sub_table("reports"), folder),
    )
    for part in (table, alltick, files, method, studies):
        part.complain_of_the_rest()
    return settings


def _reports(table: TomlTable, folder: Path) -> ReportSchedule:
    standard = ReportSchedule()
    named = table.take("folder", a_text, "a folder in quotes", "")
    schedule = ReportSchedule(
        end_of_day=table.take("end_of_day", fitting(_TIME), 'a time like "17:05"', standard.end_of_day),
        folder=(folder / Path(named).expanduser()) if named else None,
        forms=table.take("forms", _forms, f"a list of {', '.join(REPORT_FORMS)}", standard.forms),
    )
    table.complain_of_the_rest()
    if schedule.end_of_day and schedule.folder is None:
        table.complaints.add("key reports.folder", "not there", 'a folder in quotes, like "reports"')
    return schedule


def _forms(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value or not all(form in REPORT_FORMS for form in value):
        return None
    return tuple(dict.fromkeys(value))


def _method(table: TomlTable) -> RiskMethod:
    standard = RiskMethod()
    confidence = "a confidence above 0.5 and below 1, like 0.95"
    policies = tuple(MarkPolicy)
    return replace(
        standard,
        var_confidence=table.take("var_confidence", between(0.5, 1.0), confidence, standard.var_confidence),
        es_confidence=table.take("es_confidence", between(0.5, 1.0), confidence, standard.es_confidence),
        window_days=table.take("window_days", whole(100, 5000), "a whole number from 100 to 5000", 500),
        mark_policy=MarkPolicy(
            table.take(
                "mark_policy", one_of(policies), f"one of {', '.join(policies)}", standard.mark_policy.value
            )
        ),
        quote_fresh_s=table.take("quote_fresh_s", between(0.0, 3600.0), "seconds", standard.quote_fresh_s),
        participation=table.take(
            "participation", between(0.0, 1.0), "a share of the volume, like 0.2", standard.participation
        ),
    )
