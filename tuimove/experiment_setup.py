"""What an experiment needs before its first run, with a screen or without: folder, data, kernels, and an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from tuimove.experiment import Engine, ExperimentOptions
from tuimove.experiment_folder import open_experiment_folder
from tuimove.loading import load_while_compiling
from tuimove.sweep import Experiment

Say = Callable[[str], None]


@contextmanager
def ready_engine(
    experiment: Experiment, options: ExperimentOptions, say: Say
) -> Iterator[tuple[Engine, ExperimentOptions]]:
    """Give what trains the runs, and the options with the folder that they are kept in.

    Mistakes in the address, the folder and the data, and compiling, come once and first.

    Raises
    ------
    TuimoveError
        When any of them won't do; nothing has been trained then.
    """
    with ExitStack() as stack:
        cluster = stack.enter_context(_connected_cluster(options.dask, say)) if options.dask is not None else None
        if options.out is None:  # a folder that nobody has named is made once there is something for it
            load_while_compiling(experiment.base, say)
        opened = open_experiment_folder(experiment, options.out, say, is_kept=options.is_kept)
        folder = stack.enter_context(opened)
        if options.out is not None:
            load_while_compiling(experiment.base, say)
        yield cluster or _local_engine(options), replace(options, out=folder)


@contextmanager
def _connected_cluster(address: str, say: Say) -> Iterator[Engine]:
    from tuimove.dask_connection import connected_client

    with connected_client(address) as client:
        from tuimove.dask_cluster import DaskCluster

        yield DaskCluster(client, address, say)


def _local_engine(options: ExperimentOptions) -> Engine:
    from tuimove.full_batch import usable_threads
    from tuimove.worker_processes import WorkerProcesses

    return WorkerProcesses(options.threads or usable_threads())
