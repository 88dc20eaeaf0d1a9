"""A cell that no spreadsheet takes for a formula."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell that a spreadsheet would run begins with (OWASP, CSV Injection), full-width forms too."""


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe in front, which it shows as that text."""
    # Blanks in front do not keep some spreadsheets from running what follows.
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) or cell.lstrip().startswith(FORMULA_SIGNS) else cell
