"""Kernels are compiled once a machine, wherever that can be kept, and get along with threads, forks and others."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numba
import pytest
from tuimove.kernels import compilation

from tuimove.digits import Digits

from .. import processes
from ..conftest import Tuimove, parse_records, random_digits, write_idx_folder

pytestmark = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT),  # type: ignore[attr-defined]
    reason="nothing is compiled",
)

QUICK = ("--no-ui", "--set", "training.epochs=2", "--set", "network.hidden=3")

BESIDE_OTHERS = """
    import os, threading
    import numba, numpy as np
    numba.config.CACHE_DIR = "a-caller's-own"

    @numba.njit(parallel=True)
    def caller_s_own(numbers):
        total = 0.0
        for place in numba.prange(numbers.size):
            total += numbers[place]
        return total

    from tests.conftest import random_digits
    from tuimove.controls import Controls
    from tuimove.preset import Preset, TrainingKeys
    from tuimove.session import run_session
    from tuimove.sinks import Sink

    class LastWeights(Sink):
        def keep_weights(self, name, epoch, weights):
            self.weights = weights

    def trained(results):
        last = LastWeights()
        run_session(Preset("p", training=TrainingKeys(epochs=50)), random_digits(500, (6, 5), 4), [last], Controls(), 2)
        results.append(last.weights["W1"].tobytes())

    results = []
    threads = [threading.Thread(target=trained, args=(results,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert caller_s_own(np.ones(1000)) == 1000
    child = os.fork()
    if child == 0:
        trained(results)
        os._exit(0 if len(set(results)) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(results) == 2 and len(set(results)) == 1
    assert numba.config.CACHE_DIR == "a-caller's-own"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    digits: Digits = random_digits(60, (3, 3), 4)
    return write_idx_folder(tmp_path / "data", digits)


def test_two_processes_that_start_at_once_share_one_cache(folder: Path, tmp_path: Path) -> None:
    """Both compile and both finish; the next one finds everything compiled."""
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "tuimove", "run", "same-network", "--data", str(folder), *QUICK]

    def start() -> subprocess.Popen[str]:
        return processes.start(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    both = [start(), start()]
    outputs = [processes.communicate(process) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all("compiling kernels (once on this machine)" in words for _, words in outputs)
    third = start()
    records, words = processes.communicate(third)
    assert third.returncode == 0
    assert "compiling" not in words
    losses = {parse_records(text)[-2]["loss"] for text in (records, *(text for text, _ in outputs))}
    assert len(losses) == 1


def test_where_nothing_can_be_written_kernels_are_compiled_anew(tuimove: Tuimove, folder: Path) -> None:
    """It is said, with the folder's name."""
    settings = {**os.environ, "NUMBA_CACHE_DIR": "/dev/null/cache"}
    ran = tuimove("run", "same-network", "--data", folder, *QUICK, env=settings)
    assert ran.returncode == 0
    assert "/dev/null/cache can't be written, so every run does it anew" in ran.stderr


def test_nothing_is_written_beside_the_sources() -> None:
    """So tuimove works from an installation that can only be read."""
    sources = Path(compilation.__file__).parent
    assert not [*sources.rglob("*.nbi"), *sources.rglob("*.nbc")]


def test_sessions_get_along_with_threads_forks_and_a_caller_s_own_numba_code() -> None:
    """Two sessions in two threads beside a parallel kernel of the caller's, and one after a fork: the same bits."""
    ran = processes.run([sys.executable, "-c", textwrap.dedent(BESIDE_OTHERS)], cwd=Path(__file__).parents[2])
    assert ran.returncode == 0, ran.stderr
