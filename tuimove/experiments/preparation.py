"""Prepares an experiment for its first run, with a screen or without: folder, data, kernels, and an engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from tuimove.experiments.experiment import Engine, ExperimentOptions
from tuimove.experiments.plan import keep_plan, open_experiment_folder, require_same_data
from tuimove.runs.loading import Progress, load_while_compiling
from tuimove.settings.sweep import Experiment
from tuimove.settings.wording import Say


@dataclass(frozen=True)
class PendingExperiment:
    """An experiment with its folder, before its data are loaded and the kernels compiled."""

    experiment: Experiment
    options: ExperimentOptions
    """Options with the folder that the runs are stored in."""
    cluster: Engine | None
    stored_as: str | None
    """Name by which the experiment is found in the default place; None elsewhere."""

    def engine(self, say: Say, progress: Progress | None = None) -> Engine:
        """Load the data and compile the kernels once, to find errors early; return the engine that trains the runs.

        `say` is called with the command line's notices; then `say` and `progress` as by `load_while_compiling`.

        Raises
        ------
        TuimoveError
            When the data are invalid.
        """
        for words in self.options.notices:
            say(words)
        digits = load_while_compiling(self.experiment.base, say, progress)
        if self.options.out is not None:
            require_same_data(self.options.out, digits)
            if self.options.is_resumed:  # the data may have moved
                keep_plan(self.options.out, self.experiment)
        return self.cluster or _local_engine(self.options)


@contextmanager
def pending_experiment(experiment: Experiment, options: ExperimentOptions, say: Say) -> Iterator[PendingExperiment]:
    """Provide an experiment with its folder; an error before the first run removes a new folder.

    `say` is called with notices about the folder, and about workers until the experiment ends.

    Raises
    ------
    TuimoveError
        When the scheduler's address or the folder is invalid.
    """
    with ExitStack() as stack:
        cluster = stack.enter_context(_connected_cluster(options.dask, say)) if options.dask is not None else None
        opened = open_experiment_folder(
            experiment,
            options.out,
            say,
            is_kept=options.is_kept,
            is_resumed=options.is_resumed,
            remedy=options.unkept_remedy,
        )
        folder = stack.enter_context(opened)
        stored_as = folder.name if folder is not None and options.out is None else None
        yield PendingExperiment(experiment, replace(options, out=folder), cluster, stored_as)


@contextmanager
def _connected_cluster(scheduler: str, say: Say) -> Iterator[Engine]:
    from tuimove.experiments.dask.connection import connected_client, scheduler_address

    address = scheduler_address(scheduler)
    with connected_client(address) as client:
        from tuimove.experiments.dask.cluster import DaskCluster

        yield DaskCluster(client, address, say)


def _local_engine(options: ExperimentOptions) -> Engine:
    from tuimove.experiments.local.processes import WorkerProcesses
    from tuimove.training.full_batch import usable_threads

    return WorkerProcesses(options.threads or usable_threads())
