"""One step of full-batch training in JAX, in a separate process.

JAX fixes the size of its thread pool when its first array is made, so each number of threads needs another process. In
jaxlib 0.10 XLA_FLAGS with `--xla_cpu_multi_thread_eigen=false` and `intra_op_parallelism_threads=1` doesn't limit the
pool. The environment variable PJRT_NPROC does, NPROC in earlier versions, and unlike binding to a processor it lets the
system move a thread to an idle one.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.errors import TuimoveError
from tuimove.runs.child_process import death_of, start_module

Floats32 = npt.NDArray[np.float32]

POOL_SIZES = ("PJRT_NPROC", "NPROC")
"""Environment variables from which JAX reads its number of threads."""


class JaxError(TuimoveError):
    """JAX is installed but fails."""


class JaxProcess:
    """The client's side of a process that trains networks in JAX."""

    def __init__(self, connection: Connection, process: subprocess.Popen[bytes]) -> None:
        self._connection = connection
        self._process = process

    def arrange(self, images: npt.NDArray[np.uint8], scales: Floats32, targets: Floats32, rate: float) -> None:
        """Send the images, (samples, inputs), the value of each pixel level, and the one-hot labels."""
        self._ask("arrange", images, scales, targets, rate)

    def start(self, matrices: dict[str, Floats32]) -> int:
        """Start to train a network from these weights; return its number."""
        return int(self._ask("start", matrices))

    def epoch(self, number: int) -> float:
        """Train a network for one epoch; return its seconds, without the communication."""
        return float(self._ask("epoch", number))

    def matrices(self, number: int) -> dict[str, Floats32]:
        """Return a network's weights."""
        matrices: dict[str, Floats32] = self._ask("matrices", number)
        return matrices

    def _ask(self, what: str, *arguments: Any) -> Any:
        try:
            self._connection.send((what, arguments))
            answer, complaint = self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.wait()
            raise JaxError(f"jax: {death_of(self._process)}") from None
        if complaint:
            raise JaxError(f"jax: {complaint}")
        return answer


@contextmanager
def jax_process(threads: int) -> Iterator[JaxProcess]:
    """Provide a process whose JAX uses `threads` threads, and end it afterwards.

    It has its own session, so that Ctrl-C reaches only this process, which then ends it. When this process is killed,
    the connection closes and it ends by itself.
    """
    ours, theirs = Pipe()
    with ours:
        with theirs:
            arguments = [str(theirs.fileno()), str(threads)]
            process = start_module("tuimove.command_line.bench.jax_process", arguments, inherited=[theirs.fileno()])
        try:
            yield JaxProcess(ours, process)
        finally:
            process.kill()
            process.wait()


class JaxNetworks:
    """State of the JAX process: the images, and networks in training."""

    def arrange(self, images: npt.NDArray[np.uint8], scales: Floats32, targets: Floats32, rate: float) -> None:
        """Store the images as a dense array; nothing is compiled yet."""
        self._jax: Any = importlib.import_module("jax")
        self._jax.config.update("jax_default_matmul_precision", "highest")
        self._images, self._targets = self._jax.numpy.array(scales[images]), self._jax.numpy.array(targets)
        self._step = self._jax.jit(_step_function(self._jax, rate / len(images)), donate_argnums=0)
        self._networks: list[tuple[Any, ...]] = []

    def start(self, matrices: dict[str, Floats32]) -> int:
        """Store a network's weights; return its number."""
        self._networks.append(tuple(self._jax.numpy.array(matrix) for matrix in matrices.values()))
        return len(self._networks) - 1

    def epoch(self, number: int) -> float:
        """Train a network for one epoch; return the seconds that it took."""
        began = time.perf_counter()
        self._networks[number] = self._jax.block_until_ready(
            self._step(self._networks[number], self._images, self._targets)
        )
        return time.perf_counter() - began

    def matrices(self, number: int) -> dict[str, Floats32]:
        """Return a copy of a network's weights."""
        return dict(zip(("W1", "b1", "W2", "b2"), map(np.array, self._networks[number]), strict=True))


def _step_function(jax: Any, step: float) -> Any:
    """Return one step with the step size built in; the weights are (outputs, inputs), the quicker layout."""

    def descend(matrices: Any, images: Any, targets: Any) -> Any:
        W1, b1, W2, b2 = matrices
        Z1 = images @ W1.T + b1
        A1 = jax.numpy.maximum(Z1, 0)
        dZ2 = jax.nn.softmax(A1 @ W2.T + b2, axis=1) - targets
        dZ1 = jax.numpy.where(Z1 > 0, dZ2 @ W2, 0)
        return (
            W1 - step * (dZ1.T @ images),
            b1 - step * dZ1.sum(axis=0),
            W2 - step * (dZ2.T @ A1),
            b2 - step * dZ2.sum(axis=0),
        )

    return descend


def _serve(connection: Connection, threads: str) -> None:
    """Answer the other process's requests until it closes the connection."""
    os.environ.update(dict.fromkeys(POOL_SIZES, threads), JAX_PLATFORMS="cpu")
    networks = JaxNetworks()
    while True:
        what, arguments = connection.recv()
        try:
            connection.send((getattr(networks, what)(*arguments), ""))
        except Exception as error:
            connection.send((None, f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    with suppress(EOFError, ConnectionError):  # the other process has ended
        _serve(Connection(int(sys.argv[1])), sys.argv[2])
