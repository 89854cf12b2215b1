"""Small data sets, and the program as a user runs it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, settings

from tests.support.in_process import in_process as in_process
from tests.support.processes import TUIMOVE, ending_with, guarded, run
from tuimove.training.image_set import FILES, Digits

Bytes = npt.NDArray[np.uint8]

LONGEST = ("test_kernels_run_without", "test_dask", "test_compilation", "test_faults", "test_grid_terminal")
"""In the names of the tests that take longest; they begin in this order."""
SHARED = {"cluster": "dask", "ground": "faults"}
"""Fixtures that take long to build, and the group of the tests that use one: a single worker runs them all."""

settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that none is left over for one processor at the end, and form groups."""
    for item in items:
        for fixture in SHARED.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(SHARED[fixture]))

    def turn(item: pytest.Item) -> int:
        return next((place for place, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))

    items.sort(key=turn)


def random_digits(samples: int, inputs: tuple[int, int], classes: int, density: float = 0.3) -> Digits:
    """Return images whose ink says a little about their class, one of them empty."""
    random = np.random.default_rng(samples * 1000 + classes)

    def half(count: int) -> tuple[Bytes, Bytes]:
        labels = (np.arange(count) % classes).astype(np.uint8)
        images = random.integers(1, 256, (count, inputs[0] * inputs[1]))
        images[random.random(images.shape) > density] = 0
        images[np.arange(count), np.arange(count) % classes % images.shape[1]] = 255
        images[0] = 0
        return images.astype(np.uint8), labels

    train, test = half(samples), half(max(classes, samples // 4))
    return Digits("random", *train, *test, image_shape=inputs, classes=classes)


def idx_bytes(array: Bytes) -> bytes:
    """Return an array as an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return header + array.tobytes()


def write_idx_folder(folder: Path, digits: Digits, *, zipped: bool = False) -> Path:
    """Write a data set under the usual four names."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in FILES.items():
        array = getattr(digits, part)
        shaped = array.reshape(len(array), *digits.image_shape) if "images" in part else array
        content = idx_bytes(shaped)
        (folder / (name + ".gz" * zipped)).write_bytes(gzip.compress(content) if zipped else content)
    return folder


@pytest.fixture
def digits() -> Digits:
    return random_digits(200, (6, 5), 4)


@pytest.fixture
def idx_folder(tmp_path: Path, digits: Digits) -> Path:
    return write_idx_folder(tmp_path / "data", digits)


@pytest.fixture(autouse=True, scope="session")
def _guarded() -> Iterator[None]:
    """End whatever this process's tests have left, even if it is killed."""
    with guarded("tests"):
        yield


@pytest.fixture(autouse=True)
def _ends_with_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """End whatever a test has started, in this process or others."""
    with ending_with(request.node.name[:80].encode("ascii", "replace").decode()):
        yield


@pytest.fixture(autouse=True, scope="session")
def _own_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests' runs out of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("runs")))
        yield


Tuimove = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Return the empty folder that `tuimove` runs in."""
    folder = tmp_path / "workplace"
    folder.mkdir()
    return folder


@pytest.fixture
def tuimove(workplace: Path) -> Tuimove:
    """Run the program in an empty folder, as a user would."""

    def call(*arguments: object, **settings: Any) -> subprocess.CompletedProcess[str]:
        options = {"cwd": workplace, "env": {**os.environ, "COLUMNS": "80"}, **settings}
        return run([*TUIMOVE, *arguments], **options)

    return call


def parse_records(lines: str) -> list[dict[str, Any]]:
    """Return the records of a JSON Lines text, refusing the NaN that Python's parser would take."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in lines.splitlines()]
