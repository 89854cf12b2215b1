"""The two lines above many runs: title and phase, finished runs, speed, and counts of states."""

from __future__ import annotations

from textual.content import Content

from tuimove.screen.drawing.header_lines import (
    NARROW,
    STATE_STYLES,
    STATE_WORDS,
    HeaderLines,
    format_left,
    progress_bar,
)
from tuimove.screen.drawing.symbols import state_symbol
from tuimove.screen.sources.board import Board

COUNTED = ("training", "failed", "unfinished", "interrupted", "stopped")
"""States whose runs are counted in the header, the most urgent first."""
LEAST_BAR = 8


class GridHeader(HeaderLines):
    """The header of many runs."""

    def show(self, board: Board, phase: str, role: str, speed: float) -> None:
        """Show the progress of the runs; `speed` is in epochs per second over all of them, `role` as for one run."""
        self.put(lambda width: (self._first_line(board, phase, role, width), self._second_line(board, speed, width)))

    def _first_line(self, board: Board, phase: str, role: str, width: int) -> Content:
        says = f"{phase} {role}" if role and phase == "training" else STATE_WORDS.get(phase, phase)
        doing = Content.styled(f"{state_symbol(phase, self.glyphs)} {says}", STATE_STYLES.get(phase, "bold"))
        title = Content.styled(board.title, "bold")
        return title.truncate(max(0, width - doing.cell_length - 1), ellipsis=True, pad=True) + " " + doing

    def _second_line(self, board: Board, speed: float, width: int) -> Content:
        count = Content(f"{board.states['finished']} of {len(board.runs)} runs ")
        share = board.share_done
        about = self._counts(board) + Content(
            f" {int(share * 100):3}%" + _pace_words(board, speed, is_narrow=width <= NARROW)
        )
        about += self.load_words(width, is_busy=bool(speed))
        room = width - count.cell_length - about.cell_length
        if room < LEAST_BAR:
            return (count + about).truncate(width)
        return count + progress_bar(share, room, self.glyphs) + about

    def _counts(self, board: Board) -> Content:
        """Return the number of runs in each of the COUNTED states."""
        counted = [(state, board.states[state]) for state in COUNTED if board.states[state]]
        return Content("").join(
            Content.styled(f" {count} {state}", STATE_STYLES.get(state, "")) for state, count in counted
        )


def _pace_words(board: Board, speed: float, *, is_narrow: bool) -> str:
    """Return speed and time left, where they are known."""
    if not speed:
        return ""
    left = f"  {format_left(board.epochs_left / speed):>11}"
    return left if is_narrow else f"  {speed:7.1f} epochs/s{left}"
