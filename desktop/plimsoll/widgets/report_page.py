"""A report as one HTML file that needs nothing else, and prints well."""

from collections.abc import Iterable
from html import escape

from plimsoll.domain.report import Report, ReportPart, Tone
from plimsoll.widgets.colours import DAY
from plimsoll.widgets.report_drawing import drawing_of
from plimsoll.widgets.report_words import INK, cell_words, left_out_words, origin_words, table_words

_INKS = "\n".join(f".{tone} {{ color: {colour}; }}" for tone, colour in INK.items() if tone is not Tone.PLAIN)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = f"""\
@page {{ size: A4 landscape; margin: 13mm; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 28px 32px 48px; max-width: 1240px;
  background: {DAY.panel}; color: {DAY.text};
  font: 14px/1.45 Inter, system-ui, "Segoe UI", "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; }}
h1 {{ font-size: 26px; margin: 0; }}
h2 {{ font-size: 18px; margin: 34px 0 4px; padding-top: 12px; border-top: 2px solid {DAY.text};
  break-after: avoid; }}
.origin, .words {{ color: {DAY.muted}; margin: 4px 0 12px; }}
.demo {{ color: {DAY.over}; font-weight: 600; }}
.cautions {{ border-left: 4px solid {DAY.near}; background: {DAY.background}; margin: 16px 0;
  padding: 8px 14px; }}
.cautions p {{ margin: 3px 0; }}
.headlines {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 18px 0 6px; }}
.headline {{ border: 1px solid {DAY.rule}; border-radius: 4px; padding: 9px 12px; break-inside: avoid; }}
.headline .title {{ color: {DAY.muted}; }}
.headline .figure {{ font-size: 22px; font-weight: 600; }}
.headline .note {{ color: {DAY.muted}; font-size: 12px; }}
.charts {{ display: grid; grid-template-columns: repeat(2, 1fr); gap: 16px 28px; margin: 10px 0 16px; }}
.charts svg {{ width: 100%; height: auto; font-family: inherit; break-inside: avoid; }}
.table {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-size: 13px; }}
th {{ text-align: left; color: {DAY.muted}; font-weight: 600; border-bottom: 1px solid {DAY.faint};
  vertical-align: bottom; }}
th, td {{ padding: 4px 8px 4px 0; }}
th.figure, td.figure {{ text-align: right; white-space: nowrap; padding: 4px 0 4px 10px; }}
th.figure {{ white-space: normal; }}
th.figure + th:not(.figure), td.figure + td:not(.figure) {{ padding-left: 18px; }}
td {{ border-bottom: 1px solid {DAY.rule}; vertical-align: top; overflow-wrap: break-word; }}
td.when {{ white-space: nowrap; }}
tr {{ break-inside: avoid; }}
thead {{ display: table-header-group; }}
{_INKS}
@media print {{ body {{ padding: 0; max-width: none; font-size: 10pt; }} table {{ font-size: 8.5pt; }}
  .table {{ overflow: visible; }} h2 {{ margin-top: 18px; }} .words {{ break-after: avoid; }} }}
@media screen and (max-width: 760px) {{ .charts, .headlines {{ grid-template-columns: 1fr; }} }}
"""


def page_of(report: Report) -> str:
    """Return the report as HTML; nothing in it is fetched or run."""
    title = escape(f"{report.kind.caption} · {report.period}")
    demo = (
        '<p class="demo">DEMO: replayed prices, simulated between real closes. Nobody owns this book.</p>'
        if report.is_demo
        else ""
    )
    body = "\n".join(
        (
            f"<header><h1>{title}</h1>",
            f'<p class="origin">{escape(origin_words(report))}</p>{demo}</header>',
            *_cautions(report),
            *_headlines(report),
            *(line for part in report.parts for line in _part(part, report.base_currency)),
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _cautions(report: Report) -> Iterable[str]:
    if report.cautions:
        yield '<section class="cautions">'
        yield from (f"<p>{escape(words)}</p>" for words in report.cautions)
        yield "</section>"


def _headlines(report: Report) -> Iterable[str]:
    yield '<section class="headlines">'
    for headline in report.headlines:
        figure = escape(cell_words(headline.cell, report.base_currency))
        yield (
            f'<div class="headline"><div class="title">{escape(headline.title)}</div>'
            f'<div class="figure {headline.cell.tone}">{figure}</div>'
            f'<div class="note">{escape(headline.words)}</div></div>'
        )
    yield "</section>"


def _part(part: ReportPart, currency: str) -> Iterable[str]:
    yield f'<section>\n<h2>{escape(part.title)}</h2>\n<p class="words">{escape(part.words)}</p>'
    if part.charts:
        drawn = "\n".join(drawing_of(chart, currency).svg for chart in part.charts)
        yield f'<div class="charts">\n{drawn}\n</div>'
    if part.rows:
        yield from _table(part, currency)
    yield "</section>"


def _table(part: ReportPart, currency: str) -> Iterable[str]:
    words = table_words(part, currency)
    sides = ["" if column.kind.is_text else "figure" for column in part.columns]
    yield '<div class="table"><table>\n<thead><tr>'
    for caption, side in zip(words.captions, sides, strict=True):
        yield f'<th scope="col" class="{side}">{escape(caption)}</th>'
    yield "</tr></thead>\n<tbody>"
    for row, texts in zip(part.printed, words.rows, strict=True):
        cells = "".join(
            f'<td class="{side or ("when" if cell.kind.is_text and not isinstance(cell.value, str) else "")} '
            f'{cell.tone}">{escape(text)}</td>'
            for cell, text, side in zip(row, texts, sides, strict=True)
        )
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table></div>"
    if part.n_left_out:
        yield f'<p class="words">{escape(left_out_words(part))}</p>'
