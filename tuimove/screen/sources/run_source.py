"""Where a dashboard's run comes from, whoever trains it: a thread of this process, or a record of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.steering.controls import Steering
from tuimove.settings.preset import Preset

if TYPE_CHECKING:
    from tuimove.recording.record import EndRecord
    from tuimove.training.image_set import Digits


class Source(Protocol):
    """What a screen shows, one run or many: polled for what is new."""

    @property
    def phase(self) -> str:
        """What is going on, in a word or two."""

    @property
    def trouble(self) -> str:
        """What kept it from its work, in words; empty when nothing did."""

    @property
    def remark(self) -> str:
        """A message to show once, beside the run; mostly empty."""

    def start(self) -> None:
        """Begin; called once, after the first frame."""


class RunSource(Source, Protocol):
    """A run that a dashboard shows, which is told what the user wants."""

    preset: Preset
    mailbox: Mailbox
    """Records, progress and weights since the last look."""
    digits: Digits | None
    """The data, once loaded; never written to."""

    @property
    def controls(self) -> Steering:
        """Takes what the user asks of the run; without effect where it can't be steered."""

    @property
    def end(self) -> EndRecord | None:
        """How the run ended, once it has."""

    @property
    def out(self) -> Path | None:
        """The run's folder, if it has one."""

    @property
    def can_be_steered(self) -> bool:
        """Whether requests through `controls` have an effect."""

    @property
    def pictures_missing(self) -> str:
        """Why there will be no pictures of weights and images, in words; empty while there may be some yet."""

    def close(self) -> None:
        """Let go of whatever is read; called when the screen is left, which ends no training."""
