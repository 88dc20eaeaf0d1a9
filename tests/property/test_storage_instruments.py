"""Any master survives its file, and any change of it leaves the rest of the file as it stood."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.instruments_file import instruments_from_file, write_instruments

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=12
).filter(lambda text: not text.startswith("\ufeff"))
TAGS = st.lists(
    st.from_regex(r"[a-z][a-z ,]{0,5}[a-z]", fullmatch=True).filter(lambda tag: "," not in tag),
    max_size=3,
    unique=True,
).map(tuple)
SIZES = st.floats(1e-6, 1e9, allow_nan=False).filter(lambda size: size > 0)
CODES = st.from_regex(r"[A-Z]{1,6}(\.US)?", fullmatch=True).filter(lambda code: code != "CASH")
INSTRUMENTS = st.builds(
    Instrument,
    code=CODES,
    name=WORDS,
    asset_class=st.sampled_from(AssetClass),
    currency=st.sampled_from(("USD", "EUR", "USDT")),
    settlement=st.sampled_from(Settlement),
    sector=st.none() | WORDS,
    country=st.none() | WORDS,
    multiplier=SIZES,
    lot=SIZES,
    may_be_negative=st.booleans(),
    stale_after_s=SIZES,
    fixed_price=st.none() | SIZES,
    stands_for=st.just("") | WORDS,
    tags=TAGS,
    margin_class=st.just("") | WORDS,
    exchange=st.just("") | WORDS,
)
MASTERS = st.lists(INSTRUMENTS, min_size=1, max_size=6, unique_by=lambda item: item.code)


@given(MASTERS, MASTERS)
def test_that_a_master_written_over_another_is_read_back_exactly(
    first: list[Instrument], second: list[Instrument]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "instruments.csv"
        for master in (first, second, first):
            write_instruments(path, master)
            assert instruments_from_file(path) == {item.code: item for item in master}
            text = path.read_text()
            write_instruments(path, master)
            assert path.read_text() == text
