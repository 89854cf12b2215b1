"""One step of full-batch training in NumPy, scipy.sparse, PyTorch, torch.sparse and JAX.

Each is written by hand the way that is quickest in its library, with the images laid out beforehand. Dense weights are
(outputs, inputs), as in a linear layer of PyTorch: a product that contracts the images' rows is slower in all.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuimove.command_line.bench.jax_process import JaxError, JaxProcess, jax_process
from tuimove.command_line.bench.turns import Turn, timed
from tuimove.settings.preset import NetworkKeys, TrainingKeys
from tuimove.training.image_layout import SCALES
from tuimove.training.image_set import Digits
from tuimove.training.network import Floats32, start_networks

KEYS = TrainingKeys(learning_rate=0.5, epochs=10**9)
"""Training keys of every contender."""

Matrices = dict[str, Floats32]
"""W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden), b2 (classes,)."""


@dataclass(frozen=True)
class Contender:
    """A network in training."""

    turn: Turn
    """Trains one epoch, which updates the weights; returns its seconds."""
    matrices: Callable[[], Matrices]
    """Returns the network's weights."""


Start = Callable[[Matrices], Contender]
"""Starts to train a network from these weights, which it may overwrite."""


def starting_matrices(digits: Digits, hidden: int, seed: int = 0) -> Matrices:
    """Return the starting weights of a network with `hidden` neurons."""
    return start_networks([NetworkKeys(hidden=hidden)], [seed], digits.inputs, digits.classes).copied_matrices()


@contextmanager
def contenders(digits: Digits, threads: int, say: Callable[[str], None]) -> Iterator[dict[str, Start]]:
    """Provide the installed libraries by name, each with the images in its own layout.

    A library that is installed but fails is left out, and `say` is called with the reason.
    """
    images, targets = SCALES[digits.train_images], np.eye(digits.classes, dtype=np.float32)[digits.train_labels]
    starts = {"numpy": _numpy_start(images, targets)}
    if is_installed("scipy"):
        starts["scipy.sparse"] = _scipy_start(images, targets)
    if is_installed("torch"):
        starts |= _torch_starts(images, targets, threads)
    with ExitStack() as processes:
        if is_installed("jax"):
            try:
                jax = processes.enter_context(jax_process(threads))
                jax.arrange(digits.train_images, SCALES, targets, KEYS.learning_rate)
                starts["jax"] = lambda start: _jax_step(start, jax)
            except JaxError as error:
                say(f"left out: {error}")
        yield starts


def is_installed(library: str) -> bool:
    """Return whether a library can be imported."""
    return importlib.util.find_spec(library) is not None


def _numpy_start(images: Floats32, targets: Floats32) -> Start:
    return lambda start: _numpy_step(start, targets, lambda W1: images @ W1.T, lambda errors: errors.T @ images)


def _scipy_start(images: Floats32, targets: Floats32) -> Start:
    from scipy import sparse

    rows = sparse.csr_array(images)
    columns = rows.T.tocsr()
    return lambda start: _numpy_step(start, targets, lambda W1: rows @ W1.T, lambda errors: (columns @ errors).T)


def _numpy_step(
    start: Matrices,
    targets: Floats32,
    weigh: Callable[[Floats32], Floats32],
    gather: Callable[[Floats32], Floats32],
) -> Contender:
    """Return a step in NumPy; `weigh` multiplies the images by W1, and `gather` the errors by the images."""
    W1, b1, W2, b2 = start.values()
    step = np.float32(KEYS.learning_rate / len(targets))

    def epoch() -> None:
        Z1 = weigh(W1)
        Z1 += b1
        A1 = np.maximum(Z1, 0)
        A2 = A1 @ W2.T
        A2 += b2
        A2 -= A2.max(axis=1, keepdims=True)
        np.exp(A2, out=A2)
        A2 /= A2.sum(axis=1, keepdims=True)
        A2 -= targets
        errors = A2 @ W2
        errors *= Z1 > 0
        W2[...] -= step * (A2.T @ A1)
        b2[...] -= step * A2.sum(axis=0)
        W1[...] -= step * gather(errors)
        b1[...] -= step * errors.sum(axis=0)

    return Contender(timed(epoch), lambda: start)


def _torch_starts(images: Floats32, targets: Floats32, threads: int) -> dict[str, Start]:
    dense, compressed = _torch_products(images), _torch_sparse_products(images)
    return {
        "pytorch": lambda start: _torch_step(start, targets, threads, *dense),
        "torch.sparse": lambda start: _torch_step(start, targets, threads, *compressed),
    }


def _torch_products(images: Floats32) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return both products of the images in PyTorch, dense."""
    import torch

    dense = torch.from_numpy(images)

    def weigh(W1: Any, b1: Any, out: Any) -> None:
        torch.addmm(b1, dense, W1.t(), out=out)

    def descend(W1: Any, errors: Any, step: float) -> None:
        W1.addmm_(errors.t(), dense, alpha=-step)

    return weigh, descend


def _torch_sparse_products(images: Floats32) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return both products with the images and their transpose as compressed sparse rows."""
    import torch

    def compressed(matrix: Floats32) -> Any:
        # PyTorch passes 32-bit indices on as they are; others are converted at every product.
        rows, columns = np.nonzero(matrix)
        ends = np.cumsum(np.bincount(rows, minlength=len(matrix)))
        starts, places = (torch.from_numpy(np.asarray(each, np.int32)) for each in (np.append(0, ends), columns))
        with warnings.catch_warnings(action="ignore"):  # sparse rows are in beta state
            return torch.sparse_csr_tensor(starts, places, torch.from_numpy(matrix[rows, columns]), matrix.shape)

    by_sample, by_input = compressed(images), compressed(images.T)

    def weigh(W1: Any, b1: Any, out: Any) -> None:
        torch.addmm(b1, by_sample, W1.t(), out=out)

    def descend(W1: Any, errors: Any, step: float) -> None:
        W1.sub_((by_input @ errors).t(), alpha=step)

    return weigh, descend


def _torch_step(
    start: Matrices, targets: Floats32, threads: int, weigh: Callable[..., Any], descend: Callable[..., Any]
) -> Contender:
    """Return a step in PyTorch, with every large array allocated beforehand."""
    import torch

    samples, (hidden,) = len(targets), start["b1"].shape
    W1, b1, W2, b2 = (torch.from_numpy(matrix) for matrix in start.values())
    wanted = torch.from_numpy(targets)
    Z1, A1, errors = (torch.empty(samples, hidden) for _ in range(3))
    A2, live = torch.empty(targets.shape), torch.empty(samples, hidden, dtype=torch.bool)
    step = KEYS.learning_rate / samples

    def epoch() -> None:
        torch.set_num_threads(threads)
        with torch.no_grad():
            weigh(W1, b1, Z1)
            torch.clamp(Z1, min=0, out=A1)
            torch.addmm(b2, A1, W2.t(), out=A2)
            torch.softmax(A2, 1, out=A2)
            A2.sub_(wanted)
            torch.mm(A2, W2, out=errors)
            torch.gt(Z1, 0, out=live)
            errors.mul_(live)
            W2.addmm_(A2.t(), A1, alpha=-step)
            b2.sub_(A2.sum(0), alpha=step)
            descend(W1, errors, step)
            b1.sub_(errors.sum(0), alpha=step)

    return Contender(timed(epoch), lambda: start)


def _jax_step(start: Matrices, jax: JaxProcess) -> Contender:
    """Return a step in JAX, in its own process."""
    number = jax.start(start)
    return Contender(lambda: jax.epoch(number), lambda: jax.matrices(number))
