"""The list of findings: the worst first, then the newest; with a filter."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tuimove.diagnosis.finding import SEVERITIES, Clock
from tuimove.recording.record import FindingRecord
from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.symbols import severity_symbol
from tuimove.screen.one_run.filtered_pane import FilteredPane

STYLES = {"notice": "$foreground 60%", "warning": "bold $warning", "alarm": "bold $error"}
MOST_SHOWN = 200


class FindingList(OptionList):
    """The list itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "walk through the findings", show=False),
        Binding("k", "cursor_up", "walk through the findings", show=False),
    ]


class FindingsPane(FilteredPane):
    """Findings with a filter; choosing one posts it."""

    DEFAULT_CSS = """
    FindingsPane {
        FindingList { height: 1fr; padding: 0; background: transparent; scrollbar-size: 1 1; }
        FindingList, FindingList:focus { border: none; }
    }
    """
    PLACEHOLDER = "filter: a rule, matrix, severity or word; esc ends"

    class Pointed(Message):
        """Posted when a finding is chosen."""

        def __init__(self, finding: FindingRecord) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(FindingList(), id=id)
        self._glyphs = glyphs
        self._clock: Clock = "epoch"
        self._findings: list[FindingRecord] = []
        self._ordered: list[FindingRecord] = []
        self._shown_of = (-1, "")

    def show(self, findings: list[FindingRecord], clock: Clock) -> None:
        """Show findings; rewrites only when there are new ones."""
        self._findings, self._clock = findings, clock
        self.rebuild()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Post the highlighted finding."""
        if self.query_one(FindingList).has_focus:
            self.post_message(self.Pointed(self._ordered[event.option_index]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post the selected finding."""
        self.post_message(self.Pointed(self._ordered[event.option_index]))

    def rebuild(self) -> None:
        """List the findings that pass the filter."""
        shown_of = len(self._findings), self.filter
        if shown_of == self._shown_of or not self.is_mounted:
            return
        self._shown_of = shown_of
        matching = [finding for finding in self._findings if self.filter in _searched_text(finding)]
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
        about = f"{self._clock} {finding.epoch}  {finding.matrix or 'network'}  {finding.rule}"
        numbers = f"  {format_number(finding.value)} (limit {format_number(finding.limit)})"
        return Content.assemble(
            (f"{symbol} {finding.severity:<8}", STYLES[finding.severity]), (about, "bold"), numbers, "\n",
            (f"  {finding.message} ", ""), (finding.advice, "$foreground 60%"),
        )  # fmt: skip


def _searched_text(finding: FindingRecord) -> str:
    parts = (finding.severity, finding.rule, finding.matrix or "network", finding.message, finding.advice)
    return " ".join(parts).lower()
