"""What the recorder costs, beside what gradsnitch and ormas-monitor cost where they are installed.

Run as `python -m tests.figures.recorder_costs [ROUNDS]`, with PyTorch installed and nothing else running. The same
PyTorch loop is timed with nothing and with each tool in turn, on one thread; ratios are to the loop with nothing of the
same round. A transformer of GPT-2's shapes is looked at, and programs are started with warm and with empty caches.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

BATCH = 64
TRANSFORMER = """
import gc, pathlib, sys, time, torch
torch.set_num_threads(1)
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for name, (inputs, outputs) in {"c_attn": (1, 3), "c_proj": (1, 1), "c_fc": (1, 4), "m_proj": (4, 1)}.items():
            setattr(self, name, torch.nn.Linear(768 * inputs, 768 * outputs))
        self.ln_1, self.ln_2 = torch.nn.LayerNorm(768), torch.nn.LayerNorm(768)
model = torch.nn.ModuleDict({"wte": torch.nn.Embedding(50257, 768), "wpe": torch.nn.Embedding(1024, 768),
                             "h": torch.nn.ModuleList(Block() for _ in range(12)), "ln_f": torch.nn.LayerNorm(768)})
optimizer = torch.optim.SGD(model.parameters(), 1e-3)
optimizer.step()
def resident(): return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
gc.collect(); before = resident()
began = time.perf_counter()
import tuimove
recorder = tuimove.Recorder(model, optimizer, out=sys.argv[1], budget=1)
optimizer.step(); first = time.perf_counter() - began
looks = []
for _ in range(7):
    began = time.perf_counter(); optimizer.step(); looks.append(time.perf_counter() - began)
entries = sum(one.numel() for one in model.parameters())
print(f"{entries / 1e6:.0f} million parameters: a look {sorted(looks)[3]:.3f} s (fastest {min(looks):.3f}), "
      f"constructor and first step {first:.2f} s, memory + {resident() - before:.0f} MB")
recorder.close()
"""
START = """
import sys, time, torch
model = torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))
optimizer = torch.optim.Adam(model.parameters())
model(torch.rand(64, 784)).sum().backward()
optimizer.step()
began = time.perf_counter()
import tuimove
recorder = tuimove.Recorder(model, optimizer, out=sys.argv[1])
optimizer.step()
print(time.perf_counter() - began)
recorder.close()
"""


class Watcher(NamedTuple):
    """A tool in a loop."""

    after_backward: Callable[[int, Any], object]
    close: Callable[[], object]


def nothing(*_: Any) -> Watcher:
    """Return what watches nothing."""
    return Watcher(lambda _step, _loss: None, lambda: None)


def recorded(model: Any, optimizer: Any, folder: Path) -> Watcher:
    """Return the recorder."""
    import tuimove

    return Watcher(lambda _step, _loss: None, tuimove.Recorder(model, optimizer, out=folder).close)


def gradsnitch(model: Any, optimizer: Any, _: Path) -> Watcher:
    """Return gradsnitch as its page attaches it."""
    monitor = import_module("gradsnitch").watch(model, optimizer)
    return Watcher(lambda step, loss: monitor.log(step, loss.item()), lambda: None)


def ormas(model: Any, optimizer: Any, folder: Path) -> Watcher:
    """Return ormas-monitor as its page attaches it."""
    folder.mkdir()
    before = Path.cwd()
    os.chdir(folder)  # it writes where it is
    monitor = import_module("ormas_monitor").Monitor(model, optimizer)

    def close() -> None:
        monitor.close()
        os.chdir(before)

    return Watcher(lambda _step, loss: monitor.step(loss), close)


WATCHERS = {"recorder": recorded, "gradsnitch": gradsnitch, "ormas_monitor": ormas}


def mlp(torch: Any) -> Any:
    """Return 784-100-10."""
    return torch.nn.Sequential(torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10))


def cnn(torch: Any) -> Any:
    """Return a convolutional network of 103,000 parameters."""
    nn = torch.nn
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 120), nn.ReLU(),
                         nn.Linear(120, 10))  # fmt: skip


def seconds_of(
    torch: Any, make: Callable[[Any], Any], steps: int, watch: Callable[[Any, Any, Path], Watcher], folder: Path
) -> float:
    """Return how long a loop of Adam steps takes, from before the tool is made until it has been closed."""
    torch.manual_seed(0)
    model, images, labels = make(torch), torch.rand(4096, 784), torch.randint(0, 10, (4096,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    began = time.perf_counter()
    watcher = watch(model, optimizer, folder)
    for step in range(steps):
        chosen = torch.randint(0, 4096, (BATCH,))
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
        loss.backward()
        watcher.after_backward(step, loss)
        optimizer.step()
    watcher.close()
    return time.perf_counter() - began


def compare(torch: Any, name: str, make: Callable[[Any], Any], steps: int, rounds: int) -> None:
    """Print the median and the range of each tool's ratio to nothing."""
    present = {tool: watch for tool, watch in WATCHERS.items() if tool == "recorder" or find_spec(tool)}
    ratios: dict[str, list[float]] = {tool: [] for tool in present}
    with tempfile.TemporaryDirectory() as folder:
        for tool, watch in present.items():
            seconds_of(torch, make, 50, watch, Path(folder) / f"warm-{tool}")
        for turn in range(rounds):
            alone = [seconds_of(torch, make, steps, nothing, Path(folder))]
            for tool, watch in present.items():
                seconds = seconds_of(torch, make, steps, watch, Path(folder) / f"{turn}-{tool}")
                alone.append(seconds_of(torch, make, steps, nothing, Path(folder)))
                ratios[tool].append(seconds / statistics.mean(alone[-2:]))
    print(f"{name}, batch {BATCH}, Adam, {steps} steps, {alone[-1] / steps * 1e3:.2f} ms each:")
    for tool, found in ratios.items():
        low, high = min(found) - 1, max(found) - 1
        print(f"  {tool:<14}{statistics.median(found) - 1:+.1%} ({low:+.1%} to {high:+.1%})", flush=True)


def printed_by(script: str, **environment: str) -> str:
    """Return what a script prints that is given a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", script, f"{folder}/run"], env=os.environ | environment, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
    return done.stdout.strip()


def main() -> None:
    """Print all figures."""
    import torch

    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(printed_by(TRANSFORMER))
    warm = [float(printed_by(START)) for _ in range(5)]
    print(f"import, constructor and first step of an MLP: {statistics.median(warm):.2f} s warm", end=", ")
    with tempfile.TemporaryDirectory() as cache:
        print(f"{float(printed_by(START, NUMBA_CACHE_DIR=cache)):.2f} s with an empty cache", flush=True)
    compare(torch, "MLP 784-100-10", mlp, 3000, rounds)
    compare(torch, "CNN, 103,000 parameters", cnn, 1000, rounds)


if __name__ == "__main__":
    main()
