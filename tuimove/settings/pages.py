"""The pages in `tuimove/docs`, which a command prints and the dashboard's help opens."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SUMMARY_LINE = 2
"""Index of the line that summarizes a page, after its title and an empty line."""


LAST = ("performance", "architecture", "contributing")
"""Topics for those who change the program, after all others."""


@cache
def shipped_pages() -> dict[str, str]:
    """Return the text of every page by its topic, in alphabetical order but for the last ones."""
    found = [item for item in files("tuimove").joinpath("docs").iterdir() if item.name.endswith(".md")]
    pages = {item.name.removesuffix(".md"): item.read_text(encoding="utf-8") for item in sorted(found, key=str)}
    return dict(sorted(pages.items(), key=lambda page: LAST.index(page[0]) + 1 if page[0] in LAST else 0))


def page_summary(text: str) -> str:
    """Return the sentence that summarizes a page."""
    return text.splitlines()[SUMMARY_LINE]
