"""A report as one HTML page that needs nothing else: no script, no font, nothing that is fetched.

All text on the page comes from users and is escaped here, in `element`; only SVG made by `svg_figures.py` is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --yes: #1a7f4b; --no: #b3541e; }
@media (prefers-color-scheme: dark) { :root { --yes: #5fc48f; --no: #f0a070; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
h3 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
figure { margin: 1rem 0; } figure svg { width: 100%; max-width: 46rem; height: auto; }
figcaption, .soft { color: color-mix(in srgb, currentColor 70%, transparent); font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 9rem; }
table.words td, table.words th { text-align: left; white-space: normal; }
td.yes { color: var(--yes); font-weight: 600; } td.no { color: var(--no); font-weight: 600; }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; font-size: .85rem; }
"""

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing."""

MARKS = {True: "yes", False: "no", None: ""}
"""Classes of cells that say whether something agrees."""


def element(name: str, text: str, of_class: str = "") -> str:
    """Return an element that holds text, escaped."""
    attribute = f' class="{escape(of_class)}"' if of_class else ""
    return f"<{name}{attribute}>{escape(text)}</{name}>"


def table(rows: Sequence[Sequence[str]], agree: Sequence[bool | None] = (), *, of_words: bool = False) -> str:
    """Return a table, its header first; `agree` says of each row whether its last cell means yes, no, or neither."""
    header, *others = rows
    head = "".join(element("th", cell) for cell in header)
    marks = [MARKS[mark] for mark in agree] or [""] * len(others)
    body = "\n".join(_row(row, mark) for row, mark in zip(others, marks, strict=True))
    opening = '<table class="words">' if of_words else "<table>"
    return f'<div class="wide">{opening}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'


def _row(row: Sequence[str], mark: str) -> str:
    cells = "".join(element("td", cell) for cell in row[:-1])
    return f"<tr>{cells}{element('td', row[-1], mark)}</tr>"


def figure(svg: str, caption: str) -> str:
    """Return a drawing with a caption."""
    return f"<figure>{svg}{element('figcaption', caption) if caption else ''}</figure>"


def folded(title: str, text: str) -> str:
    """Return preformatted text that opens where its title is chosen."""
    return f"<details>{element('summary', title)}{element('pre', text)}</details>"


def page(title: str, parts: Iterable[str]) -> str:
    """Return the whole page."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{element('title', title)}\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )
