"""Messages from screens to the application, which alone opens screens and ends runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from tuimove.settings.preset import Preset
from tuimove.settings.sweep import Experiment


@dataclass
class PresetChosen(Message):
    """Train this preset."""

    preset: Preset


@dataclass
class PresetEditAsked(Message):
    """Let the user change this preset, and train it."""

    preset: Preset


@dataclass
class ExperimentChosen(Message):
    """Train this experiment."""

    experiment: Experiment


@dataclass
class LivingRunChosen(Message):
    """Show the run or experiment in this folder, which another process trains."""

    folder: Path


@dataclass
class RecordedRunChosen(Message):
    """Show one of many runs above them, from its records."""

    folder: Path
    data: Path | None
    """Folder of the run's images; None for the bundled ones."""


@dataclass
class RecordedExperimentChosen(Message):
    """Show the runs of a recorded experiment from their records."""

    folder: Path


@dataclass
class Told(Message):
    """Keep these words among the messages, without showing them."""

    words: str
    severity: str = "information"


@dataclass
class RestartAsked(Message):
    """Stop the current run, after confirmation, and train this preset."""

    preset: Preset


@dataclass
class StopAsked(Message):
    """Stop what the screen shows, after confirmation; the screen stays."""

    end_it: Callable[[], None]
    source: object
    """What the screen shows."""
