"""The interface of a dashboard's run, trained in this process, by another one, or recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.steering.controls import Steering
from tuimove.settings.preset import Preset

if TYPE_CHECKING:
    from tuimove.recording.record import EndRecord, RunRecord
    from tuimove.training.image_set import Digits


class Source(Protocol):
    """The interface of a screen's data, of one run or many."""

    @property
    def phase(self) -> str:
        """What the source is doing, in a word or two."""

    @property
    def role(self) -> str:
        """Who trains it, and what this screen may do, as in `elsewhere, you can steer`; empty for what is only read."""

    @property
    def is_unkept(self) -> bool:
        """Whether it trains what is stored nowhere, as the user has asked."""

    @property
    def trouble(self) -> str:
        """Error of the source; empty when there is none."""

    @property
    def remark(self) -> str:
        """A message to show once; usually empty."""

    def start(self) -> None:
        """Start; called once, after the first frame."""


class RunSource(Source, Protocol):
    """A run that a dashboard shows and steers."""

    preset: Preset
    mailbox: Mailbox
    """Records, epochs and weights since the last poll."""
    described: RunRecord | None
    """The run record, where it is known before anything is polled."""
    digits: Digits | None
    """The data, once loaded; never written to."""

    @property
    def controls(self) -> Steering:
        """Receives the user's requests; without effect where the run can't be steered."""

    @property
    def end(self) -> EndRecord | None:
        """The end record, once there is one."""

    @property
    def out(self) -> Path | None:
        """The run's folder, if it has one."""

    @property
    def can_be_steered(self) -> bool:
        """Whether requests through `controls` have an effect."""

    @property
    def why_watched(self) -> str:
        """Why requests through `controls` have no effect."""

    @property
    def pictures_missing(self) -> str:
        """Why there are no pictures of weights and images; empty while they may come."""

    def close(self) -> None:
        """Close files and connections; called when the screen closes, and ends no training."""
