"""Reads a report's page as a person does: its headings, tables, legends and charts in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Element:
    """An element with its attributes, and with the elements and words in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[Element | str] = field(default_factory=list)

    def all(self, tag: str, css_class: str = "") -> list[Element]:
        """Return the elements of a tag and a class within it, in their order."""
        return [one for one in self.within() if one.tag == tag and (not css_class or css_class in one.classes)]

    def within(self) -> Iterator[Element]:
        """Yield every element within it, in their order."""
        for part in self.parts:
            if isinstance(part, Element):
                yield part
                yield from part.within()

    @property
    def classes(self) -> list[str]:
        """The names of its classes."""
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """Its words, without the style sheet and what only shows under the mouse."""
        parts = (part if isinstance(part, str) else part.text for part in self.parts)
        return "" if self.tag in ("style", "title") else " ".join("".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def read_page(text: str) -> Element:
    """Return a page as its elements; an element that isn't closed where it should be fails the test."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [one.tag for one in reader.open] == ["page"]
    return reader.open[0]


def headings(page: Element) -> list[str]:
    """Return the headings in their order."""
    return [one.text for one in page.within() if one.tag in ("h1", "h2", "h3")]


def chart(page: Element, title: str) -> Element:
    """Return the only chart with a title, as its figure."""
    (found,) = [one for one in page.all("figure") if one.all("p", "title")[0].text == title]
    return found


def legend(page: Element) -> Element:
    """Return the first legend."""
    return page.all("div", "legend")[0]


def labels(legend: Element) -> list[str]:
    """Return a legend's title and labels."""
    return [part.text for part in legend.parts if isinstance(part, Element)]


def line_classes(figure: Element) -> list[str]:
    """Return the classes of a chart's lines, in their order."""
    return [one.attributes["class"] for one in figure.all("path", "line")]
