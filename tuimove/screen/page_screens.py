"""The pages of documentation on the screen: a list of them, and a reader; no browser is needed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, OptionList
from textual.widgets.option_list import Option

from tuimove.screen.line.see_through import SeeThrough
from tuimove.screen.option_lists import SafeList
from tuimove.screen.while_open import WhileOpen
from tuimove.settings.pages import page_summary, shipped_pages


class PageList(WhileOpen, SeeThrough[None]):
    """Lists the pages with a sentence each; esc, ? or q closes it."""

    CSS = """
    PageList {
        align: center middle;
        OptionList { width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 0 2;
                     border: round $primary; background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        """Yield the list."""
        width = max(map(len, shipped_pages()))
        entries = [(topic, f"{topic:<{width}}", page_summary(text)) for topic, text in shipped_pages().items()]
        topics = TopicList(*[Option(Content.assemble((name, "bold"), "  ", words), id=topic)
                             for topic, name, words in entries])  # fmt: skip
        topics.border_title = "pages"
        topics.border_subtitle = "enter opens, esc goes back"
        yield topics

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Show the page above the list."""
        self.app.push_screen(PageScreen(str(event.option_id)))


class TopicList(SafeList):
    """The list of topics, with vi keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]


class PageScreen(WhileOpen, SeeThrough[None]):
    """Shows one page; esc, ? or q closes it."""

    CSS = """
    PageScreen {
        align: center middle;
        PageScroll { width: 104; max-width: 100%; height: 100%; border: round $primary; background: $surface; }
        Markdown { padding: 0 1; background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "close")]

    def __init__(self, topic: str) -> None:
        super().__init__()
        self._topic = topic

    def compose(self) -> ComposeResult:
        """Yield the page in a scrolling container."""
        with PageScroll() as scroll:
            scroll.border_title = self._topic
            scroll.border_subtitle = "esc goes back"
            yield Markdown(shipped_pages()[self._topic], open_links=False)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Open another page above this one; show the address of any other link."""
        event.stop()
        topic = event.href.partition("#")[0].removesuffix(".md")
        if topic in shipped_pages():
            self.app.push_screen(PageScreen(topic))
        else:
            self.notify(f"elsewhere: {event.href}", markup=False)


class PageScroll(WhileOpen, VerticalScroll, can_focus=True):
    """Scrolls a page with the keys of pagers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("space", "page_down", show=False),
        Binding("b", "page_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]
