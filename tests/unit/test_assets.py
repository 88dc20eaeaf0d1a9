"""Resources are found wherever the program came from, and one that is missing is named."""

from pathlib import Path

import pytest

from plimsoll import assets


@pytest.mark.parametrize(
    "name",
    ["samples/positions.csv", "samples/instruments.csv", "samples/limits.toml", "fonts/Inter-Regular.otf",
     "icons/plimsoll.svg", "market/closes.npz", "market/codes.csv"],
)  # fmt: skip
def test_that_what_the_program_ships_with_is_there(name: str) -> None:
    assert assets.path(name).is_file()


def test_that_a_missing_resource_is_named_with_what_to_do() -> None:
    with pytest.raises(assets.MissingAsset, match=r"'fonts/none\.otf' was not found.*install plimsoll again"):
        assets.path("fonts/none.otf")


def test_that_an_installed_copy_outranks_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "desktop" / "plimsoll"
    (package / "resources").mkdir(parents=True)
    (package / "resources" / "a.txt").write_text("wheel", encoding="utf-8")
    (tmp_path / "resources").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "resources" / name).write_text("checkout", encoding="utf-8")
    monkeypatch.setattr(assets, "_PACKAGE", package)
    assert assets.path("a.txt").read_text(encoding="utf-8") == "wheel"
    assert assets.path("b.txt").read_text(encoding="utf-8") == "checkout"


def test_that_what_came_with_the_program_is_told_from_what_a_person_wrote(tmp_path: Path) -> None:
    assert assets.is_ours(assets.path("samples/limits.toml"))
    assert not assets.is_ours(tmp_path / "limits.toml")
