"""What the recorder costs: the same PyTorch loop with and without it, in turn.

Run as `python -m tests.figures.recorder_costs`, with PyTorch installed and nothing else running.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tuimove import Recorder

BATCH = 64


def mlp(torch: Any) -> Any:
    """Return 784-100-10."""
    return torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))


def cnn(torch: Any) -> Any:
    """Return a convolutional network of 103,000 parameters."""
    nn = torch.nn
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 120), nn.ReLU(),
                         nn.Linear(120, 10))  # fmt: skip


def seconds_of(torch: Any, make: Callable[[Any], Any], steps: int, folder: Path | None) -> float:
    """Return how long a loop of Adam steps takes, with a recorder where there is a folder for it."""
    torch.manual_seed(0)
    model, images, labels = make(torch), torch.rand(4096, 784), torch.randint(0, 10, (4096,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    began = time.perf_counter()
    recorder = Recorder(model, optimizer, out=folder) if folder is not None else None
    for _ in range(steps):
        chosen = torch.randint(0, 4096, (BATCH,))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
        optimizer.step()
    if recorder is not None:
        recorder.close()
    return time.perf_counter() - began


def main() -> None:
    """Print the median ratio of each network over some rounds."""
    import torch

    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for name, make, steps in (("MLP 784-100-10", mlp, 3000), ("CNN, 103,000 parameters", cnn, 500)):
        with tempfile.TemporaryDirectory() as folder:
            seconds_of(torch, make, 50, Path(folder) / "warm")
            ratios = []
            for turn in range(rounds):
                alone = seconds_of(torch, make, steps, None)
                ratios.append(seconds_of(torch, make, steps, Path(folder) / str(turn)) / alone)
        print(f"{name}, batch {BATCH}, Adam, {steps} steps: {statistics.median(ratios) - 1:+.1%} "
              f"({min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%})")  # fmt: skip


if __name__ == "__main__":
    main()
