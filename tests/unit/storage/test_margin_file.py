"""Margin rates: the sample says what is built in, and every wrong field is named."""

from pathlib import Path

import pytest

from plimsoll import assets
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.margin_rates import STANDARD_RATES
from plimsoll.storage.margin_file import margin_from_file, margin_from_text

PATH = Path("margin.toml")


def test_that_the_sample_says_what_is_built_in() -> None:
    rates = margin_from_file(assets.path("samples/margin.toml"))
    assert rates.source == "margin.toml"
    assert rates.asks_as(STANDARD_RATES)
    assert not rates.is_built_in


def test_that_what_a_file_leaves_out_stays_as_built_in() -> None:
    rates = margin_from_text("[shares]\nlong_fraction = 0.3\n", PATH)
    assert (rates.share_long, rates.share_short) == (0.3, 0.3)
    assert rates.coin_fractions == STANDARD_RATES.coin_fractions


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[shares]\nlong_fraction = 0", "key shares.long_fraction"),
        ('[shares]\nshort_fraction = "30 %"', "key shares.short_fraction"),
        ("[shares]\nlong = 0.3", "key shares.long"),
        ("[shares]\nshort_least_usd = -1", "key shares.short_least_usd"),
        ("[scan]\nindex_fraction = 1.5", "key scan.index_fraction"),
        ("[fx]\nmajor_leverage = 0.5", "key fx.major_leverage"),
        ('[fx]\nmajors = ["usd"]', "key fx.majors"),
        ("[cfd]\ngold_leverage = true", "key cfd.gold_leverage"),
        ("cfd = 20", "key cfd"),
        ("[futures]\nspan = 1", "key futures"),
        ("coin_tier = 3", "key coin_tier"),
        ("[[coin_tier]]\nfraction = 1.5", "key coin_tier 1.fraction"),
        ("[[coin_tier]]\nup_to_usd = 5\nfraction = 0.1", "key coin_tier 1.up_to_usd"),
        ("[[coin_tier]]\nfraction = 0.1\n[[coin_tier]]\nfraction = 0.2", "key coin_tier 1.up_to_usd"),
        ("[[coin_tier]]\nup_to_usd = 5\n[[coin_tier]]\nfraction = 0.2", "key coin_tier 1.fraction"),
        (
            "coin_tier = [{up_to_usd = 5, fraction = 0.1}, {up_to_usd = 4, fraction = 0.1}, {fraction = 1}]",
            "key coin_tier 2.up_to_usd",
        ),
        ("[shares", "the file"),
    ],
)
def test_that_a_wrong_field_is_named_with_what_was_expected(text: str, where: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        margin_from_text(text, PATH)
    assert [complaint.where for complaint in refusal.value.complaints] == [where]


def test_that_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(FileRefused) as refusal:
        margin_from_text("[shares]\nlong_fraction = 9\n[cfd]\nindex_leverage = 0\n", PATH)
    assert len(refusal.value.complaints) == 2
