"""What screens ask of the application; it alone opens screens and ends runs."""

from __future__ import annotations

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
    """Show what another process trains in this folder: a run or an experiment."""

    folder: Path


@dataclass
class RecordedRunChosen(Message):
    """Show one of many runs above them, from its records."""

    folder: Path
    data: Path | None
    """The folder of its images, if it has images of its own."""


@dataclass
class RestartAsked(Message):
    """Stop the run that is shown, if the user means it, and train this preset."""

    preset: Preset
