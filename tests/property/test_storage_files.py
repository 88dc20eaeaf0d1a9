import contextlib
import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity, Unit
from plimsoll.domain.tick import TICK_DTYPE
from plimsoll.storage.limits_file import limits_from_file, limits_from_text, write_limits
from plimsoll.storage.portfolio_file import book_from_files, check
from plimsoll.storage.settings import settings_from_file
from plimsoll.storage.tick_archive import TickArchiveWriter, read_archive

INSTRUMENTS = "code,name,asset_class,currency,settlement\n" + "".join(
    f"C{number}.US,,equity,USD,funded\n" for number in range(9)
)
AMOUNTS = st.decimals(-(10**12), 10**12, places=6, allow_nan=False)
PRICES = st.decimals("0.0001", 10**6, places=4)
LINES = st.dictionaries(st.integers(0, 8), st.tuples(AMOUNTS.filter(bool), PRICES), min_size=1)


def files(directory: str, positions: str | bytes) -> tuple[Path, Path]:
    instruments, path = Path(directory) / "instruments.csv", Path(directory) / "positions.csv"
    instruments.write_text(INSTRUMENTS)
    path.write_bytes(positions if isinstance(positions, bytes) else positions.encode())
    return instruments, path


@given(LINES)
@settings(deadline=None, max_examples=40)
def test_that_a_book_holds_exactly_what_its_file_says(lines: dict[int, tuple[Decimal, Decimal]]) -> None:
    text = "code,quantity,average_price\n" + "".join(f"C{n}.US,{q},{p}\n" for n, (q, p) in lines.items())
    with tempfile.TemporaryDirectory() as directory:
        book, _ = book_from_files(*files(directory, text), "USD")
    assert [held.code for held in book.positions] == [f"C{n}.US" for n in lines]
    assert [(held.quantity, held.cost) for held in book.positions] == [(q, q * p) for q, p in lines.values()]


@given(LINES, st.data())
@settings(deadline=None, max_examples=40)
def test_that_the_order_of_columns_changes_nothing(
    lines: dict[int, tuple[Decimal, Decimal]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(["code", "quantity", "average_price"]))
    cells = [{"code": f"C{n}.US", "quantity": str(q), "average_price": str(p)} for n, (q, p) in lines.items()]
    plain, mixed = (
        "\n".join([",".join(names), *(",".join(row[name] for name in names) for row in cells)])
        for names in (["code", "quantity", "average_price"], order)
    )
    with tempfile.TemporaryDirectory() as directory:
        first, _ = book_from_files(*files(directory, plain), "USD")
        second, _ = book_from_files(*files(directory, mixed), "USD")
    assert first == second


@given(st.binary(max_size=300) | st.text(st.sampled_from('cC0.,"\n\r;\t €-eN'), max_size=120).map(str.encode))
@settings(deadline=None, max_examples=150)
def test_that_no_bytes_whatsoever_do_more_to_the_readers_than_be_refused(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        for content in (raw, b"code,quantity,average_price\n" + raw):
            instruments, positions = files(directory, content)
            found = check(positions, instruments)
            assert (found.book is None) == bool(found.complaints)
        for reader in (limits_from_file, settings_from_file):
            with contextlib.suppress(FileRefused):
                reader(positions)


@st.composite
def limits(draw: st.DrawFn) -> list[Limit]:
    names = draw(
        st.lists(
            st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True), unique=True, min_size=1, max_size=5
        )
    )
    found = []
    for name in names:
        measure = draw(st.sampled_from(Measure))
        kind = draw(st.sampled_from(measure.scopes))
        member = "" if kind is ScopeKind.BOOK else draw(st.sampled_from(["", "Energy", "Gas & Öl"]))
        most = 1.0 if measure.unit in {Unit.FRACTION, Unit.INDEX} else 1e12
        fraction = st.floats(0.01, 1.0)
        needs_name = measure.value.startswith(("stress", "hedge"))
        updates = draw(st.integers(1, 1_000))
        found.append(
            Limit(
                name, draw(st.sampled_from(["VaR", 'a "quoted" name', "Über 5 %"])), measure,
                draw(st.floats(1e-9, most)), draw(st.sampled_from(list(Severity))), Scope(kind, member),
                draw(fraction), draw(fraction), draw(st.floats(0.0, 604_800.0)),
                purpose=draw(st.sampled_from(["", "x"])), detail="oil −30 %" if needs_name else "",
                confirm_updates=updates, confirm_of=draw(st.integers(updates, 1_000)),
                confirm_s=draw(st.floats(0.0, 3_600.0)), response=draw(st.sampled_from(["", "cut-half"])),
                effective_from=draw(st.sampled_from(["", "2026-11-23T08:00:00Z"])),
                effective_until=draw(st.sampled_from(["", "2026-11-24T08:00:00+00:00"])),
                next_review=draw(st.sampled_from(["", "2027-01-31"])),
            )
        )  # fmt: skip
    return found


@given(limits(), limits())
@settings(deadline=None, max_examples=40)
def test_that_limits_written_over_others_are_read_back_as_they_are(
    first: list[Limit], second: list[Limit]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "limits.toml"
        write_limits(path, first)
        write_limits(path, second)
        found = {limit.limit_id: limit for limit in limits_from_file(path)}
    assert found == {limit.limit_id: limit for limit in second}


@given(st.text(st.sampled_from('[]="#\n limtdx019.-'), max_size=80))
@settings(max_examples=100)
def test_that_no_text_does_more_to_the_limits_than_be_refused(text: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        limits_from_text(text, Path("limits.toml"))
    assert refusal.value.complaints


@given(st.lists(st.lists(st.integers(0, 40), max_size=6), min_size=1, max_size=4), st.integers(0, 200))
@settings(deadline=None, max_examples=40)
def test_that_an_archive_cut_anywhere_is_a_prefix_of_what_was_given(
    starts: list[list[int]], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        given_ticks = []
        for batches in starts:
            writer = TickArchiveWriter(directory, ("GOLD",), largest_segment=1500)
            for n in batches:
                rows = np.zeros(n, dtype=TICK_DTYPE)
                rows["seq"] = len(given_ticks) + np.arange(n)
                given_ticks += rows["seq"].tolist()
                writer.append(rows)
                writer.flush()
            writer.close()
        segments = sorted(directory.iterdir())
        if segments:
            size = segments[-1].stat().st_size
            with segments[-1].open("r+b") as file:
                file.truncate(max(size - cut, 0))
        found = [(part.first_number, part.rows["seq"].tolist()) for part in read_archive(directory)]
    seqs = [seq for _, part in found for seq in part]
    assert seqs == given_ticks[: len(seqs)]
    assert len(given_ticks) - len(seqs) <= -(-cut // TICK_DTYPE.itemsize)
    assert all(part[0] == first - 1 for first, part in found if part)
