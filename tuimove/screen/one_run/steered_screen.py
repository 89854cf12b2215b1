"""The keys by which the run on a screen is steered: each becomes a request to the run."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from tuimove.diagnosis.finding import Clock
from tuimove.recording.record import Record
from tuimove.screen.messages import RestartAsked, StopAsked
from tuimove.screen.one_run.finding_entries import told_findings
from tuimove.screen.polled_screen import PolledScreen
from tuimove.screen.sources.run_source import RunSource

MOST_SEED = 2**31
STEERING = frozenset(("toggle_pause", "one_epoch", "scale_rate", "keep_snapshot", "finish_now", "restart"))
"""Actions that need a run to steer."""


NEEDS_FOLDER = frozenset(("detach", "keep_snapshot"))
"""Actions that need a run that is kept."""
OVER = STEERING - {"restart"} | {"detach"}
"""Actions that need a run that goes on."""


class SteeredScreen(PolledScreen):
    """A screen of one run, which pauses, steps, stops and restarts it where it can be steered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_pause", "pause, or go on"),
        Binding("e", "one_epoch", "train one epoch, then pause", show=False),
        Binding("left_square_bracket", "scale_rate(0.5)", "halve the rate", key_display="["),
        Binding("right_square_bracket", "scale_rate(2)", "double the rate", key_display="]"),
        Binding("w", "keep_snapshot", "write the weights to a file", show=False),
        Binding("f", "finish_now", "end the run now", show=False),
        Binding("r", "restart", "restart with another seed", show=False),
    ]
    MISSING: ClassVar[frozenset[str]] = frozenset()
    """Actions that this kind of run can't be asked for."""

    def __init__(self, source: RunSource, fps: float | None) -> None:
        super().__init__(fps)
        self.source = source

    @property
    def missing(self) -> frozenset[str]:
        """Actions that this run can't be asked for: of its kind, where it isn't kept, and once it has ended."""
        if self.is_over:
            return self.MISSING | OVER
        return self.MISSING | NEEDS_FOLDER if self.source.is_unkept else self.MISSING

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, failed before its first epoch, or lost its process."""
        return self.source.end is not None or self.source.phase in ("failed", "gone")

    @property
    def way_back(self) -> str:
        """What to press once it has failed, after a semicolon."""
        return "; p picks another preset" if self.source.role == "here" else ""

    def tell_findings(self, records: Iterable[Record], clock: Clock) -> None:
        """Keep new findings among the messages, but for those of a run that is only read."""
        for told in told_findings(records, clock) if self.source.role else ():
            self.post_message(told)

    def _can_steer(self) -> bool:
        """Return whether the run goes on and can be steered from here; notify the user when it can't."""
        if not self._may_steer():
            return False
        if self.is_over:
            self.notify("this run has ended", timeout=3)
        return not self.is_over

    def _may_steer(self) -> bool:
        """Return whether the run is this screen's to steer, even once it has ended; notify the user when it isn't."""
        if not self.source.can_be_steered:
            self.notify(self.source.why_watched, severity="warning", timeout=3, markup=False)
        return self.source.can_be_steered

    def action_toggle_pause(self) -> None:
        """Pause or resume the run."""
        if not self._can_steer():
            return
        controls = self.source.controls
        controls.resume() if controls.is_paused else controls.pause()
        self.poll()

    def action_one_epoch(self) -> None:
        """Train one epoch, then pause."""
        if self._can_steer():
            self.source.controls.step()

    def action_finish_now(self) -> None:
        """End the run, after confirmation; it stays on the screen."""
        if self._can_steer():
            self.post_message(StopAsked(self.source.controls.stop, self.source))

    def action_scale_rate(self, factor: float) -> None:
        """Halve or double the learning rate from the next epoch on."""
        if self._can_steer():
            self.source.controls.scale_rate(factor)
            word = "halved" if factor < 1 else "doubled"
            self.notify(f"rate {word} from the next epoch on", timeout=2)

    def action_keep_snapshot(self) -> None:
        """Store the weights of this epoch in the run folder."""
        if not self._can_steer():
            return
        if self.source.out is None:
            self.notify("no run folder: start without --no-store to keep weights", severity="warning", timeout=4)
        else:
            self.source.controls.ask_for_snapshot()
            self.notify(f"weights of this epoch go to {self.source.out}", timeout=4, markup=False)

    def action_restart(self) -> None:
        """Stop this run, after confirmation, and train another with the same preset and another seed."""
        if self._may_steer():
            preset = self.source.preset
            training = replace(preset.training, seed=random.randrange(MOST_SEED))
            self.post_message(RestartAsked(replace(preset, training=training)))
