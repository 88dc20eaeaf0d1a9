"""Makes risk snapshots by hand, in every state a screen must be able to show."""

from dataclasses import dataclass, replace

import numpy as np

from plimsoll.domain.breach import Breach, BreachState, Driver, Evidence
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity, Unit
from plimsoll.domain.snapshot import (
    Coverage,
    GaugeReading,
    Grouping,
    LimitStatus,
    PositionState,
    PositionTable,
    Quality,
    RiskSnapshot,
)
from plimsoll.domain.tick import TickCounts

START_NS = 1_582_554_600_000_000_000  # Mon 24 Feb 2020 14:30 UTC, the opening bell
NAN = float("nan")

_SAMPLE = (
    # code, name, class, sector, currency, country, quantity, price
    ("AAPL.US", "Apple", "equity", "Technology", "USD", "US", 4200, 228.14),
    ("MSFT.US", "Microsoft", "equity", "Technology", "USD", "US", 2600, 431.02),
    ("IBM.US", "IBM", "equity", "Technology", "USD", "US", 1900, 143.85),
    ("JPM.US", "JPMorgan Chase", "equity", "Financials", "USD", "US", 5200, 214.66),
    ("AXP.US", "American Express", "equity", "Financials", "USD", "US", 2100, 128.30),
    ("XOM.US", "Exxon Mobil", "equity", "Energy", "USD", "US", 7400, 118.21),
    ("CVX.US", "Chevron", "equity", "Energy", "USD", "US", 3100, 104.12),
    ("BA.US", "Boeing", "equity", "Industrials", "USD", "US", 800, 317.90),
    ("CAT.US", "Caterpillar", "equity", "Industrials", "USD", "US", -1500, 131.44),
    ("UNH.US", "UnitedHealth", "equity", "Health care", "USD", "US", 900, 571.80),
    ("JNJ.US", "Johnson & Johnson", "equity", "Health care", "USD", "US", 2400, 146.20),
    ("KO.US", "Coca-Cola", "equity", "Consumer staples", "USD", "US", 6200, 58.40),
    ("PG.US", "Procter & Gamble", "equity", "Consumer staples", "USD", "US", -2300, 122.75),
    ("DIS.US", "Walt Disney", "equity", "Communication", "USD", "US", 2800, 133.01),
    ("700.HK", "Tencent", "equity", "Communication", "HKD", "HK", 9800, 412.60),
    ("9988.HK", "Alibaba", "equity", "Consumer discretionary", "HKD", "HK", -12000, 88.15),
    ("EURUSD", "Euro / US dollar", "fx", "EUR/USD", "USD", None, 1_500_000, 1.08432),
    ("USDJPY", "US dollar / yen", "fx", "USD/JPY", "JPY", None, -2_000_000, 154.213),
    ("GOLD", "Gold", "commodity", "Precious metals", "USD", None, 420, 2648.40),
    ("USOIL", "WTI crude oil", "commodity", "Energy", "USD", None, -6000, 71.32),
    ("BTCUSDT", "Bitcoin", "crypto", "Crypto", "USDT", None, 14.5, 67_120.50),
    ("ETHUSDT", "Ether", "crypto", "Crypto", "USDT", None, 160, 2631.40),
    ("SPX500", "S&P 500 index", "index", "Index", "USD", "US", -110, 3337.75),
    ("VIX", "Volatility index", "index", None, "USD", "US", 900, 17.08),
)
_FX = {"USD": 1.0, "HKD": 0.128, "JPY": 1 / 154.213, "USDT": 1.0}


@dataclass(frozen=True)
class Recipe:
    """What the made book looks like."""

    n_positions: int = 24
    seed: int = 7
    var_over: bool = False
    loaded: int = 24
    n_stale: int = 1
    n_unpriceable: int = 1


NAV_AT_ROLL = 25_000_000.0


def make_instruments(n: int) -> tuple[Instrument, ...]:
    """Return the sample's instruments, then invented ones until there are `n`."""
    made = []
    for row in range(n):
        code, name, asset_class, sector, currency, country, _, _ = _SAMPLE[row % len(_SAMPLE)]
        lap = row // len(_SAMPLE)
        if lap:
            code, name = f"{code.split('.')[0]}{lap}.US", f"{name} {lap}"
        kind = AssetClass(asset_class)
        settlement = (
            Settlement.FUNDED if kind in (AssetClass.EQUITY, AssetClass.CRYPTO) else Settlement.UNFUNDED
        )
        made.append(Instrument(code, name, kind, currency, settlement, sector, country))
    return tuple(made)


def make_table(
    recipe: Recipe, instruments: tuple[Instrument, ...], nav: float, step: int = 0
) -> PositionTable:
    """Return the grid of a made book; with each `step` prices have moved on."""
    n = len(instruments)
    base = np.random.default_rng(recipe.seed)
    quantity = np.array([_SAMPLE[row % len(_SAMPLE)][6] for row in range(n)], dtype=float)
    price = np.array([_SAMPLE[row % len(_SAMPLE)][7] for row in range(n)], dtype=float)
    fx = np.array([_FX[instrument.currency] for instrument in instruments])
    cost = price * (1.0 - base.normal(0.0, 0.06, n))
    day = base.normal(-0.004, 0.012, n)
    for k in range(min(step, 50)):
        day = day + np.random.default_rng(1000 + k + recipe.seed).normal(-0.0002, 0.0012, n)
    mark = price * (1.0 + day)
    value = quantity * mark * fx
    if n > len(_SAMPLE):
        value = value * len(_SAMPLE) / n
    unrealised = value * (1.0 - cost / mark)
    state = np.zeros(n, dtype=np.uint8)
    age = np.abs(base.normal(0.4, 0.25, n)) + 0.05
    doubted = np.arange(n)[::-1]
    stale, lost = doubted[3 : 3 + recipe.n_stale], doubted[0 : recipe.n_unpriceable]
    state[stale] = PositionState.STALE
    age[stale] = 38.0 + step * 0.1
    state[lost] = PositionState.UNPRICEABLE
    age[lost] = NAN
    limit_use = np.clip(np.abs(value) / nav / 0.10, 0.0, 1.2)
    es = value / nav * 90_000.0 * base.normal(1.0, 0.6, n)
    columns = {
        "mark": mark,
        "day_change_fraction": day,
        "value_base": value,
        "weight_fraction": value / nav,
        "day_pnl_base": value * day,
        "unrealised_base": unrealised,
        "unrealised_fraction": np.sign(quantity) * (mark / cost - 1.0),
        "es_contribution_base": es,
        "limit_use_fraction": limit_use,
        "day_low": np.minimum(mark, price) * 0.996,
        "day_high": np.maximum(mark, price) * 1.003,
    }
    for column in columns.values():
        column[lost] = NAN
    for column in (*columns.values(), quantity, cost, age, state):
        column.flags.writeable = False
    return PositionTable(
        instruments=instruments,
        quantity=quantity,
        average_price=cost,
        age_s=age,
        state=state,
        has_history=np.arange(n) < recipe.loaded,
        **columns,
    )


def make_limits() -> tuple[Limit, ...]:
    """Return a file of limits, the tightest of the picture among them."""
    sector, instrument = Scope(ScopeKind.SECTOR), Scope(ScopeKind.INSTRUMENT)
    return (
        Limit("var", "VaR 95 % · 1 day", Measure.VAR, 400_000.0, Severity.CRITICAL),
        Limit("es", "ES 97.5 % · 1 day", Measure.ES, 750_000.0, Severity.HIGH),
        Limit("drawdown", "Drawdown · peak", Measure.DRAWDOWN, 0.08, Severity.CRITICAL),
        Limit("daily-loss", "Daily loss", Measure.DAILY_LOSS_FRACTION, 0.02, Severity.CRITICAL),
        Limit("gross", "Gross leverage", Measure.GROSS_LEVERAGE, 2.5, Severity.HIGH),
        Limit("hhi", "Single-name concentration", Measure.HHI, 0.25, Severity.MEDIUM),
        Limit("sector", "Sector gross weight", Measure.GROSS_WEIGHT, 0.25, Severity.HIGH, sector),
        Limit("name", "Single-name weight", Measure.GROSS_WEIGHT, 0.10, Severity.HIGH, instrument),
        Limit("loss", "Position loss", Measure.POSITION_LOSS, 250_000.0, Severity.MEDIUM, instrument),
    )


def make_breach(number: int, limit: Limit, value: float, *, member: str = "", **changes: object) -> Breach:
    """Return a raised breach with its evidence: half an hour's course to the line and over it."""
    rng = np.random.default_rng(number)
    n = 160
    course = np.linspace(0.86, 0.97, n) + np.cumsum(rng.normal(0.0, 0.003, n))
    course += np.linspace(0.0, value / limit.line - course[-1], n) ** 3 / max(
        (value / limit.line - course[-1]) ** 2, 1e-9
    )
    course[-1] = value / limit.line
    evidence = Evidence(
        times_ns=tuple(START_NS + k * 10_000_000_000 for k in range(n)),
        values=tuple(float(v * limit.line) for v in course),
        drivers=(
            Driver("MSFT.US", 14_210.0, f"price {chr(0x2212)}3.1 %"),
            Driver("BTCUSDT", 9_870.0, f"price {chr(0x2212)}4.4 %"),
            Driver("700.HK", 4_120.0, f"price {chr(0x2212)}1.2 %"),
            Driver("GOLD", -2_030.0, "diversifies"),
        ),
        nav_base=24_918_402.0,
        n_fresh=23,
        n_instruments=24,
        quality="ETHUSDT was 38 s old",
    )
    breach = Breach(
        breach_id=f"B-{number:04d}",
        limit=limit,
        member=member,
        state=BreachState.RAISED,
        value=value,
        worst_value=value,
        raised_exchange_ns=START_NS + 1_600_000_000_000,
        raised_received_ns=1_763_821_885_000_000_000 - number * 60_000_000_000,
        evidence=evidence,
    )
    return replace(breach, **changes)  # type: ignore[arg-type]


def make_breaches() -> tuple[Breach, ...]:
    """Return four breaches of three severities, newest first."""
    limits = {limit.limit_id: limit for limit in make_limits()}
    return (
        make_breach(2291, limits["var"], 412_380.0),
        make_breach(2290, limits["name"], 0.104, member="MSFT.US"),
        make_breach(2289, limits["sector"], 0.262, member="Technology", state=BreachState.ACKNOWLEDGED),
        make_breach(2287, limits["loss"], 262_000.0, member="XOM.US", state=BreachState.OVERRIDDEN),
    )


def make_groupings(table: PositionTable, nav: float) -> tuple[Grouping, ...]:
    """Return exposure by the four groupings, largest gross first."""

    def keyed(name: str, keys: list[str], line: float) -> Grouping:
        labels = sorted(set(keys))
        value = np.nan_to_num(table.value_base)
        net = np.array([sum(v for v, k in zip(value, keys, strict=True) if k == g) for g in labels])
        gross = np.array([sum(abs(v) for v, k in zip(value, keys, strict=True) if k == g) for g in labels])
        order = np.argsort(-gross)
        share = gross / max(gross.sum(), 1.0)
        hhi = float((share**2).sum())
        lines = np.full(len(labels), line)
        return Grouping(
            name,
            tuple(labels[k] for k in order),
            net[order],
            gross[order],
            net[order] / nav,
            gross[order] / nav,
            lines,
            hhi,
            1.0 / hhi if hhi else NAN,
        )

    held = table.instruments
    return (
        keyed("sector", [i.sector or i.code for i in held], 0.25),
        keyed("asset_class", [i.asset_class.value for i in held], NAN),
        keyed("currency", [i.currency for i in held], NAN),
        keyed("country", [i.country or i.code for i in held], NAN),
    )


def make_snapshot(
    recipe: Recipe | None = None, *, step: int = 0, breaches: tuple[Breach, ...] = ()
) -> RiskSnapshot:
    """Return one whole snapshot; the same `recipe` with the next `step` is the next one of the same book."""
    recipe = recipe or Recipe()
    instruments = _INSTRUMENTS.setdefault(recipe.n_positions, make_instruments(recipe.n_positions))
    nav = 24_918_402.0 - 900.0 * step + 6_000.0 * np.sin(step / 9.0)
    table = make_table(recipe, instruments, nav, step)
    known = recipe.loaded >= min(recipe.n_positions, 24)
    wobble = 900.0 * np.sin(step / 5.0)
    var = (412_380.0 if recipe.var_over else 341_210.0) + wobble if known else NAN
    es = 618_905.0 + 1.4 * wobble if known else NAN
    drawdown = 0.0462 + step * 1e-5
    limits = make_limits()
    note = "" if known else f"loading {recipe.loaded} of {min(recipe.n_positions, 24)}"
    gross = float(np.nansum(np.abs(table.value_base)))
    known_values = {
        "var": var,
        "es": es,
        "drawdown": drawdown,
        "daily-loss": 0.0074,
        "gross": gross / nav,
        "hhi": 0.071,
        "sector": 0.262 if recipe.var_over else 0.196,
        "name": 0.104 if recipe.var_over else 0.092,
        "loss": 96_000.0,
    }
    members = {"sector": "Technology", "name": "MSFT.US", "loss": "XOM.US"}
    statuses = tuple(
        LimitStatus(
            limit,
            members.get(limit.limit_id, ""),
            known_values[limit.limit_id],
            known_values[limit.limit_id] / limit.line,
            limit.state_of(known_values[limit.limit_id]),
            note if np.isnan(known_values[limit.limit_id]) else "",
        )
        for limit in limits
    )
    by_id = {status.limit.limit_id: status for status in statuses}

    def gauge(key: str, title: str, measure: Measure, unit: Unit, remark: str) -> GaugeReading:
        status = by_id[key]
        quality = Quality.UNKNOWN if status.state is LimitState.UNKNOWN else Quality.GOOD
        if key == "es" and known and recipe.n_unpriceable:
            quality = Quality.LOW
        return GaugeReading(
            key,
            title,
            measure,
            status.value,
            status.limit.line,
            unit,
            status.use_fraction,
            status.state,
            quality,
            note or remark,
        )

    pnl = np.random.default_rng(5).standard_t(4, 500) * 175_000.0
    n = recipe.n_positions
    known_limits = [status for status in statuses if status.state is not LimitState.UNKNOWN]
    ticks = 3400 * step
    return RiskSnapshot(
        number=step,
        book_name="Global Macro",
        base_currency="USD",
        exchange_time_ns=START_NS + step * 20_000_000_000,
        received_time_ns=1_763_821_927_000_000_000 + step * 100_000_000,
        nav=nav if n else NAN,
        day_pnl=-186_240.0 - 900.0 * step,
        day_pnl_fx=-12_400.0,
        day_pnl_fraction=(-186_240.0 - 900.0 * step) / NAV_AT_ROLL,
        var=var,
        es=es,
        var_note=note,
        n_scenarios=500 if known else 0,
        history_loaded=recipe.loaded,
        history_wanted=min(n, 24),
        high_water_mark=26_125_000.0,
        drawdown=drawdown,
        max_drawdown=0.0511,
        gross=gross,
        net=float(np.nansum(table.value_base)),
        long=0.0,
        short=0.0,
        leverage=gross / nav,
        net_leverage=0.6,
        hhi=0.071,
        effective_number=14.1,
        coverage=Coverage(0.97, 0.95, 1.0, 0.02, n, recipe.n_stale, recipe.n_unpriceable, 0),
        quality=Quality.GOOD if known else Quality.UNKNOWN,
        table=table,
        groupings=make_groupings(table, nav) if n <= 500 else (),
        gauges=(
            gauge("var", "VaR 95 % · 1 day", Measure.VAR, Unit.MONEY, "historical, 500 scenarios"),
            gauge("es", "ES 97.5 % · 1 day", Measure.ES, Unit.MONEY, "97 % of exposure is priced"),
            gauge("drawdown", "Drawdown · peak", Measure.DRAWDOWN, Unit.FRACTION, "at every tick"),
            gauge("gross", "Gross leverage", Measure.GROSS_LEVERAGE, Unit.RATIO, "gross exposure over NAV"),
        ),
        limits=statuses,
        breaches=breaches,
        worst=max(known_limits, key=lambda status: status.use_fraction),
        n_unknown_limits=len(statuses) - len(known_limits),
        scenario_pnl=pnl if known else np.empty(0),
        trades=TickCounts(ticks, ticks - 12, 0, 2, 7, 3, 0, 0) if ticks > 12 else TickCounts(),
        books=TickCounts(ticks * 2, ticks * 2, 0, 0, 0, 0, 0, 0),
        n_journal_rows=14_208,
    )


_INSTRUMENTS: dict[int, tuple[Instrument, ...]] = {}
