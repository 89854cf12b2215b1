"""The list of findings: the worst first, then the newest; with a filter."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.record import FindingRecord
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.symbols import severity_symbol

STYLES = {"notice": "$foreground 60%", "warning": "bold $warning", "alarm": "bold $error"}
MOST_SHOWN = 200


class FindingList(OptionList):
    """The list itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "next", show=False),
        Binding("k", "cursor_up", "previous", show=False),
    ]


class FindingsPane(Vertical):
    """Findings with a filter; choosing one posts it."""

    DEFAULT_CSS = """
    FindingsPane {
        height: 1fr;
        FindingList { height: 1fr; padding: 0; background: transparent; scrollbar-size: 1 1; }
        FindingList, FindingList:focus { border: none; }
        Input { height: 1; border: none; display: none; padding: 0 1; }
        Input.-open { display: block; }
    }
    """

    class Pointed(Message):
        """Posted when a finding is chosen."""

        def __init__(self, finding: FindingRecord) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._findings: list[FindingRecord] = []
        self._ordered: list[FindingRecord] = []
        self._shown_of = (-1, "")
        self._filter = ""

    def compose(self) -> ComposeResult:
        """Yield the filter and the list."""
        yield Input(placeholder="filter: a rule, matrix, severity or word; esc ends")
        yield FindingList()

    def show(self, findings: list[FindingRecord]) -> None:
        """Show findings; rewrites only when there are new ones."""
        self._findings = findings
        self._rebuild()

    def open_filter(self) -> None:
        """Focus the field of the filter."""
        self.query_one(Input).add_class("-open").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._filter = event.value.strip().lower()
        self._rebuild()

    def on_input_submitted(self) -> None:
        """Focus the list and keep the filter."""
        self.query_one(FindingList).focus()

    def key_escape(self, event: events.Key) -> None:
        """Clear the filter; without one, pass the key on."""
        field = self.query_one(Input)
        if field.has_class("-open"):
            event.stop()
            field.value = ""
            field.remove_class("-open")
            self.query_one(FindingList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Post the highlighted finding."""
        if self.query_one(FindingList).has_focus:
            self.post_message(self.Pointed(self._ordered[event.option_index]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post the selected finding."""
        self.post_message(self.Pointed(self._ordered[event.option_index]))

    def _rebuild(self) -> None:
        shown_of = len(self._findings), self._filter
        if shown_of == self._shown_of or not self.is_mounted:
            return
        self._shown_of = shown_of
        matching = [finding for finding in self._findings if self._filter in _searched_text(finding)]
        matching.sort(key=lambda finding: (-SEVERITIES.index(finding.severity), -finding.epoch))
        self._ordered = matching[:MOST_SHOWN]
        options = self.query_one(FindingList)
        highlighted = options.highlighted
        options.clear_options()
        options.add_options([Option(self._entry(finding)) for finding in self._ordered] or [self._nothing()])
        options.highlighted = highlighted if self._ordered and highlighted is not None else None

    def _nothing(self) -> Option:
        words = "no finding matches the filter" if self._findings else "no findings"
        return Option(Content.styled(words, "$foreground 60%"), disabled=True)

    def _entry(self, finding: FindingRecord) -> Content:
        symbol = severity_symbol(finding.severity, self._glyphs)
        about = f"epoch {finding.epoch}  {finding.matrix or 'network'}  {finding.rule}"
        numbers = f"  {format_number(finding.value)} (limit {format_number(finding.limit)})"
        return Content.assemble(
            (f"{symbol} {finding.severity:<8}", STYLES[finding.severity]), (about, "bold"), numbers, "\n",
            (f"  {finding.message} ", ""), (finding.advice, "$foreground 60%"),
        )  # fmt: skip


def _searched_text(finding: FindingRecord) -> str:
    parts = (finding.severity, finding.rule, finding.matrix or "network", finding.message, finding.advice)
    return " ".join(parts).lower()
