"""The list of findings: the worst first, then the newest, those that need nothing folded; with a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tuimove.diagnosis.finding import Clock
from tuimove.recording.record import FindingRecord
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.filter_line import no_match
from tuimove.screen.one_run.filtered_pane import FilteredPane
from tuimove.screen.one_run.finding_entries import (
    finding_entry,
    folded_entry,
    needs_nothing,
    remark_entry,
    worst_first,
)
from tuimove.screen.option_lists import SafeList

MOST_SHOWN = 200


class FindingList(SafeList):
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
        FindingList > .option-list--option-highlighted { background: $foreground 7%; color: $foreground; }
        FindingList:focus > .option-list--option-highlighted {
            background: $foreground 14%; color: $foreground; text-style: none;
        }
    }
    """
    PLACEHOLDER = "rule, matrix, severity, word"

    class Pointed(Message):
        """Posted when a finding is chosen."""

        def __init__(self, finding: FindingRecord) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(FindingList(), id=id)
        self._glyphs = glyphs
        self._clock: Clock = "epoch"
        self._is_read = True
        """Whether the records so far have been read: before, there may be findings among the rest."""
        self._findings: list[FindingRecord] = []
        self._listed: list[FindingRecord | str | None] = []
        """What each entry stands for: a finding, the remark, or None for the notices that need nothing."""
        self._remark = ""
        self._is_unfolded = False
        self._shown_of: tuple[object, ...] = ()

    def show(self, findings: list[FindingRecord], clock: Clock, remark: str = "", *, is_read: bool = True) -> None:
        """Show findings, below what a run's end remarks on what they lack; rewrites only when there are new ones."""
        self._findings, self._clock, self._remark, self._is_read = findings, clock, remark, is_read
        self.rebuild()

    def on_resize(self, _event: events.Resize) -> None:
        """Break the sentences anew."""
        self.rebuild()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Post the highlighted finding."""
        if self.query_one(FindingList).has_focus and (finding := self._listed_at(event.option_index)):
            self.post_message(self.Pointed(finding))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post the selected finding, or unfold the notices that need nothing."""
        if finding := self._listed_at(event.option_index):
            self.post_message(self.Pointed(finding))
        elif event.option_index < len(self._listed):
            self._is_unfolded = not self._is_unfolded
            self.rebuild()

    def _listed_at(self, place: int) -> FindingRecord | None:
        """Return a listed finding; None for the line of notices, and where the list has become shorter meanwhile."""
        entry = self._listed[place] if place < len(self._listed) else None
        return entry if isinstance(entry, FindingRecord) else None

    def rebuild(self) -> None:
        """List the findings that pass the filter."""
        options = self.query_one(FindingList) if self.is_mounted else None
        if options is None or self.size.width < 1:
            return
        width = self.size.width - options.styles.scrollbar_size_vertical
        shown_of = len(self._findings), self.filter, self._is_unfolded, width, self._clock, self._is_read, self._remark
        if shown_of == self._shown_of:
            return
        self._shown_of = shown_of
        line = options.highlighted
        before = [] if line is None else self._listed[line : line + 1]
        matching = worst_first(one for one in self._findings if self.filter in _searched_text(one))
        folded = self._folded(matching[:MOST_SHOWN])
        self._listed = [*([self._remark] if self._remark else []), *folded]
        quiet = sum(map(needs_nothing, matching))
        options.clear_options()
        options.add_options([self._entry(one, quiet, width) for one in self._listed])
        options.add_options([] if folded else [self._nothing()])
        options.highlighted = next((self._listed.index(one) for one in before if one in self._listed), None)

    def _folded(self, matching: list[FindingRecord]) -> Sequence[FindingRecord | None]:
        """Return findings with one line for those that need nothing, and these below it where they are unfolded."""
        telling = [one for one in matching if not needs_nothing(one)]
        quiet = [one for one in matching if needs_nothing(one)]
        if not quiet or self.filter:
            return [*telling, *quiet]
        return [*telling, None, *(quiet if self._is_unfolded else ())]

    def _nothing(self) -> Option:
        words = "no findings" if self._is_read else "reading ..."
        words = no_match("finding", self.filter) if self._findings else words
        return Option(Content.styled(words, "$foreground 60%"), disabled=True)

    def _entry(self, entry: FindingRecord | str | None, quiet: int, width: int) -> Option:
        if isinstance(entry, str):
            return Option(remark_entry(entry, width, self._glyphs), disabled=True)
        if entry is None:
            return Option(folded_entry(quiet, self._glyphs, is_open=self._is_unfolded))
        return Option(finding_entry(entry, self._clock, self._glyphs, width))


def _searched_text(finding: FindingRecord) -> str:
    parts = (finding.severity, finding.rule, finding.matrix or "network", finding.message, finding.advice)
    return " ".join(parts).lower()
