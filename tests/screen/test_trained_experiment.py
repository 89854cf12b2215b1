"""The thread behind an experiment's screen: what it has the screen say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.workers_here import workers_here as workers_here
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.settings.preset import DataKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.settings.sweep import Experiment, Member


@pytest.mark.usefixtures("workers_here")
def test_notices_are_shown_and_where_the_runs_are_kept_is_not(tmp_path: Path, idx_folder: Path) -> None:
    base = Preset("a", network=NetworkKeys(hidden=3), training=TrainingKeys(epochs=1), data=DataKeys(str(idx_folder)))
    experiment = Experiment(base, (Member(replace(base, name="b"), ()),), ("training.seed",))
    thread = ExperimentThread(experiment, ExperimentOptions(out=tmp_path / "out", notices=("notice: odd",)), None)
    thread.work()
    assert (list(thread.words), thread.board.states["finished"]) == (["notice: odd"], 1)
