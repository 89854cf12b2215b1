"""The thread behind an experiment's screen: what it has the screen say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.workers_here import workers_here as workers_here
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.screen.leaving import LeavingApp
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.settings.preset import DataKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.settings.sweep import Experiment, Member


def experiment_of(data: Path) -> Experiment:
    base = Preset("a", network=NetworkKeys(hidden=3), training=TrainingKeys(epochs=1), data=DataKeys(str(data)))
    return Experiment(base, (Member(replace(base, name="b"), ()),), ("training.seed",))


@pytest.mark.usefixtures("workers_here")
def test_notices_are_shown_and_where_the_runs_are_kept_is_not(tmp_path: Path, idx_folder: Path) -> None:
    thread = ExperimentThread(
        experiment_of(idx_folder), ExperimentOptions(out=tmp_path / "out", notices=("notice: odd",)), None
    )
    thread.work()
    assert (list(thread.words), thread.board.states["finished"]) == (["notice: odd"], 1)


@pytest.mark.parametrize(("dask", "words"), [(None, ""), ("tcp://a:1", ", unfinished runs anew")])
def test_the_question_says_where_the_background_begins_unfinished_runs_anew(
    dask: str | None, words: str, tmp_path: Path
) -> None:
    thread = ExperimentThread(experiment_of(tmp_path), ExperimentOptions(dask=dask), None)
    thread.out = tmp_path
    leaving = LeavingApp()._leaving(thread, " and quit")
    assert leaving.background == f"go on in the background{words}"
