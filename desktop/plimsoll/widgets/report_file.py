"""A report in the form its file's name asks for."""

from pathlib import Path

from plimsoll.bridge.report_workbook import workbook_of
from plimsoll.domain.report import Report
from plimsoll.widgets.report_page import page_of
from plimsoll.widgets.report_paper import paper_of

FORMS = ("html", "pdf", "xlsx")


def report_file(report: Report, path: Path) -> bytes:
    """Return the bytes of a report: HTML, PDF or XLSX by the file's name.

    Raises
    ------
    ValueError
        If the name ends otherwise.
    """
    match path.suffix.lower():
        case ".html":
            return page_of(report).encode()
        case ".pdf":
            return paper_of(report)
        case ".xlsx":
            return workbook_of(report)
        case _:
            raise ValueError(
                f"the report's name was {path.name!r}, expected one that ends in .html, .pdf or .xlsx"
            )
