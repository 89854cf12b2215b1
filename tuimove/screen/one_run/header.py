"""The two lines at the top of a run's dashboard: preset, phase, progress and speed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from textual.content import Content

from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.header_lines import (
    NARROW,
    STATE_STYLES,
    STATE_WORDS,
    HeaderLines,
    format_left,
    format_seconds,
    progress_bar,
)
from tuimove.screen.drawing.symbols import state_symbol
from tuimove.screen.one_run.finding_entries import worst_count
from tuimove.screen.one_run.state import RunState
from tuimove.screen.preset_words import CLASSES, INPUTS
from tuimove.settings.data_name import BUNDLED

ROLE_STATES = ("training", "paused", "loading", "compiling")
"""States in which it matters who trains a run, and who may steer it."""
NARROW_ROLES = {"here": " here", "elsewhere": " elsewhere", "elsewhere, you can steer": " elsewhere",
                "elsewhere, steered by you": ", you steer", "elsewhere, another screen steers": ", watched",
                "elsewhere, watched": ", watched"}  # fmt: skip
"""What a narrow header says behind the state, by role."""
MOST_SPEED = 99_999.9
"""Greatest speed that fits; recorded runs may claim more."""


class RunHeader(HeaderLines):
    """The header of one run."""

    def show(self, state: RunState, role: str) -> None:
        """Show a run's state; `role` says who trains it and what this screen may do, empty for a recorded run."""
        self.put(lambda width: (self._first_line(state, role, width), self._second_line(state, width)))

    def _first_line(self, state: RunState, role: str, width: int) -> Content:
        word = state.phase.split()[0]
        phase = state.phase.partition(",")[0] if width <= NARROW else state.phase
        says = STATE_WORDS.get(word, f"{phase}{_role_words(role, width) if word in ROLE_STATES else ''}")
        doing = Content.styled(f"{state_symbol(word, self.glyphs)} {says}", STATE_STYLES.get(word, "bold"))
        if worst := worst_count(state.findings, self.glyphs):
            doing = worst + "  " + doing
        about = Content.styled(state.preset.title, "bold")
        if width > NARROW:
            about += Content.styled(f"   {_network_words(state)}{_rate_words(state)}", "$foreground 60%")
        room = max(0, width - doing.cell_length - 1)
        return about.truncate(room, ellipsis=True, pad=True) + " " + doing

    def _second_line(self, state: RunState, width: int) -> Content:
        if state.clock == "step":
            return _loop_line(state, width)
        epochs = state.epochs
        share = min(1.0, state.epoch / epochs) if epochs else 0.0
        count = f"epoch {state.epoch:>{len(str(epochs))}}/{epochs} " if epochs else f"epoch {state.epoch} "
        count = count if width > NARROW or not epochs else count.removeprefix("epoch ")
        pace = f" {share:4.0%}" if epochs else ""
        if width > NARROW:
            pace += f"  {min(state.speed, MOST_SPEED):7.1f} epochs/s" if state.speed else " " * 18
        pace += self.load_words(width, is_busy=state.phase == "training")
        if state.seconds_left is not None:
            pace += f"  {format_left(state.seconds_left):>11}"
        elif state.seconds is not None:
            pace += f"  {format_seconds(state.seconds):>7}"
        bar = progress_bar(share, max(0, width - len(count) - len(pace)), self.glyphs)
        return Content(count) + bar + Content(pace)


def _role_words(role: str, width: int) -> str:
    """Return who trains, behind the state: in a word or two where there is little room."""
    if width <= NARROW:
        return NARROW_ROLES.get(role, "")
    return f" {role}" if role else ""


def _network_words(state: RunState) -> str:
    if not state.is_own:
        count = len(state.history.matrices)
        matrices = f"{count} matri{'x' if count == 1 else 'ces'}"
        return ", ".join(filter(None, [*_loop_words(state.loop), matrices]))
    network = state.preset.network
    inputs, classes = _ends_of_network(state)
    return f"{inputs}-{network.hidden}-{classes} {network.activation}, {network.init} start"


def _ends_of_network(state: RunState) -> tuple[object, object]:
    """Return the inputs and the classes, of the bundled images before they are loaded."""
    if state.run:
        return state.run.data["inputs"], state.run.data["classes"]
    return (INPUTS, CLASSES) if state.preset.data.name == BUNDLED else ("...", "...")


def _loop_words(loop: dict[str, Any]) -> Iterator[str]:
    """Yield framework with its version, and optimizer, as far as they are known."""
    framework = loop.get("framework")
    if isinstance(framework, str) and framework != "arrays":
        yield f"{framework} {loop.get(framework, '')}".strip()
    optimizer = loop.get("optimizer")
    if isinstance(optimizer, dict):
        yield str(optimizer.get("name", ""))


def _loop_line(state: RunState, width: int) -> Content:
    """Return step, speed, time and what the loop has noted: nobody knows how many steps are to come."""
    words = [f"step {state.epoch}"]
    if width > NARROW and state.speed:
        words.append(f"{min(state.speed, MOST_SPEED):.1f} steps/s")
    if math.isfinite(seconds := state.elapsed):
        words.append(format_seconds(seconds))
    words += [f"{name.replace('_', ' ')} {format_number(value)}" for name, value in state.noted.items()]
    return Content("   ".join(words)).truncate(width, ellipsis=True)


def _rate_words(state: RunState) -> str:
    return "" if math.isnan(state.rate) else f"   learning rate {state.rate:.4g}"
