"""The workers of a Dask cluster, and whether their versions of tuimove, Python, NumPy and Numba match ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from distributed import Client

from tuimove.errors import Input, TuimoveError
from tuimove.settings.wording import counted

NUMBERS_DEPEND_ON = ("python", "numpy", "numba")
"""Packages whose version may change the last digits of a result."""


class Workforce:
    """The workers of a cluster, as of the last call of `refresh`."""

    def __init__(self, client: Client, address: str, say: Callable[[str], None]) -> None:
        """Find the workers; raises a TuimoveError when there are none, or one has another version of tuimove."""
        self.threads: dict[str, int] = {}
        """Threads of each running worker with matching versions, by its address."""
        self.present: set[str] = set()
        """Addresses of all workers, those included that Dask has paused for lack of memory."""
        self._client, self._say = client, say
        self._unfit: set[str] = set()
        self._read()
        self._require_fit(address)

    def refresh(self) -> None:
        """Update the workers; new ones with conflicting versions aren't used."""
        known = {*self.threads, *self._unfit}
        self._read()
        arrived = self.threads.keys() - known
        unfit = self._version_conflicts(arrived) if arrived else {}
        self._unfit |= unfit.keys()
        for worker in arrived:
            if worker in unfit:
                self._say(f"worker {worker} isn't used: {unfit[worker]}")
            else:
                self._say(f"worker {worker} joined with {counted(self.threads[worker], 'thread')}")
        self.threads = {worker: threads for worker, threads in self.threads.items() if worker not in self._unfit}

    def _read(self) -> None:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        self.present = set(workers)
        self.threads = {name: worker["nthreads"] for name, worker in workers.items() if worker["status"] == "running"}

    def _require_fit(self, address: str) -> None:
        if not self.threads:
            scheduler = self._client.scheduler_info(n_workers=0)["address"]
            words = f"the scheduler has no workers; start some with `dask worker {scheduler}`"
            raise TuimoveError(f"{address!r}: {words}", about=Input.DASK)
        workers, threads = len(self.threads), sum(self.threads.values())
        if unfit := self._version_conflicts(self.threads):
            words = "; ".join(f"worker {worker}: {why}" for worker, why in unfit.items())
            raise TuimoveError(f"{address!r}: {words}", about=Input.DASK)
        self._say(f"connected to {counted(workers, 'worker')} with {counted(threads, 'thread')}")

    def _version_conflicts(self, workers: Iterable[str]) -> dict[str, str]:
        """Return, by worker, the conflict that excludes it; warn of versions that may change last digits."""
        versions: Any = self._client.get_versions(packages=["tuimove", *NUMBERS_DEPEND_ON[1:]])
        ours = versions["client"]["packages"]
        theirs = {worker: versions["workers"].get(worker, {"packages": {}})["packages"] for worker in workers}
        unfit = {worker: _difference(packages, ours, ["tuimove"]) for worker, packages in theirs.items()}
        for worker, packages in theirs.items():
            if not unfit[worker] and (differing := _difference(packages, ours, NUMBERS_DEPEND_ON)):
                self._say(f"worker {worker} has {differing}: last digits may differ")
        return {worker: why for worker, why in unfit.items() if why}


def _difference(theirs: Mapping[str, str | None], ours: Mapping[str, str | None], names: Iterable[str]) -> str:
    """Describe the packages whose versions differ; empty where none do."""
    return ", ".join(
        f"{_shown(name, theirs.get(name))}, not {_version(ours.get(name))} as here"
        for name in names
        if theirs.get(name) != ours.get(name)
    )


def _shown(name: str, version: str | None) -> str:
    return f"no {name}" if version is None else f"{name} {_version(version)}"


def _version(version: str | None) -> str:
    return (version or "none").removesuffix(".final.0")
