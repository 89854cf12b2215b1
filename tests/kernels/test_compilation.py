"""Kernels are compiled once a machine, wherever that can be kept, and get along with threads, forks and others.

What a cache can suffer is what users of other programs with compiled code have reported: files cut short or emptied,
a folder that can't be written, a disk that is full.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pytest
from tuimove.kernels import cache, compilation

from tests.conftest import Tuimove, parse_records, random_digits, write_idx_folder
from tests.support import processes
from tests.support.kept_kernels import cache_without
from tuimove.errors import harmless
from tuimove.runs.loading import _compile_kernels

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    pytest.skip("nothing is compiled", allow_module_level=True)

MISSING = {
    "distribution.add_powers",
    "elementary.activate",
    "epoch.clear",
    "epoch.descend",
    "epoch.write_product_rows",
    "matrix.measure_rows",
    "movement.add_movement",
    "pixels.fill_backward",
}
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
    from tuimove.runs.steering.controls import Controls
    from tuimove.settings.preset import Preset, TrainingKeys
    from tuimove.runs.session import run_session
    from tuimove.recording.sinks.sink import Sink

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

ONE_MODULE = (
    "import tuimove.kernels.movement; from tuimove.kernels.compilation import compile_kernels; compile_kernels()"
)


def double(values):  # type: ignore[no-untyped-def]
    for k in range(values.size):
        values[k] = 2 * values[k]


def call_twice(values):  # type: ignore[no-untyped-def]
    DOUBLE(values)  # type: ignore[name-defined]  # noqa: F821
    DOUBLE(values)  # type: ignore[name-defined]  # noqa: F821


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[compilation.Kernel]]:
    """Have two small kernels, of which one calls the other, be all that there are, with a cache of their own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))

    def renewed() -> list[compilation.Kernel]:
        inner, outer = (
            compilation.Kernel(function, "void(float64[::1])", inner=function is double, fastmath=False)
            for function in (double, call_twice)
        )
        monkeypatch.setitem(globals(), "DOUBLE", inner)
        both = [inner, outer]
        monkeypatch.setattr(compilation, "_kernels", both)
        monkeypatch.setattr(compilation, "CACHE", cache.KernelCache())
        monkeypatch.setattr(compilation, "_can_share", lambda: False)
        return both

    return renewed


def prepared(renewed: Callable[[], list[compilation.Kernel]]) -> list[str]:
    """Return what is said while the kernels are made ready as in a new process; they then do what they should."""
    _, twice = renewed()
    said: list[str] = []
    _compile_kernels(lambda _, words: said.append(words))
    values = np.ones(3)
    twice(values)
    assert values.tolist() == [4, 4, 4]
    return [words for words in said if not words.startswith("compiled in ")]


def kernel_files() -> list[Path]:
    return sorted(compilation.CACHE.folder.iterdir())


def test_kernels_are_compiled_once(kernels: Callable[[], list[compilation.Kernel]]) -> None:
    assert prepared(kernels) == ["compiling kernels (once on this machine) ..."]
    assert [path.name for path in kernel_files()] == [
        "test_compilation.call_twice.kernel",
        "test_compilation.double.kernel",
    ]
    assert prepared(kernels) == []


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other", "all"])
def test_damaged_files_are_compiled_anew_and_replaced(
    kernels: Callable[[], list[compilation.Kernel]], damage: str
) -> None:
    prepared(kernels)
    whole = [path.read_bytes() for path in kernel_files()]
    for path in kernel_files() if damage == "all" else kernel_files()[:1]:
        content = path.read_bytes()
        flipped = bytes([content[-9] ^ 4])
        path.write_bytes(
            {"cut": content[:30], "flipped": content[:-9] + flipped + content[-8:], "other": b"x" * 999}.get(
                damage, b""
            )
        )
    (words,) = prepared(kernels)
    assert words.startswith(f"compiling kernels: some of those kept in {compilation.CACHE.folder} are damaged")
    assert len(kernel_files()) == len(whole)
    assert all(compilation.CACHE.load(path.stem) for path in kernel_files())
    assert prepared(kernels) == []


def too_large(path: Path) -> None:
    path.touch()
    os.truncate(path, cache.MOST_BYTES + 1)


SPECIAL: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "a link": lambda path: path.symlink_to(shutil.copy(__file__, path.parent.parent)),
    "nowhere": lambda path: path.symlink_to("nowhere"),
    "a folder": lambda path: (path / "within").mkdir(parents=True),
    "too large": too_large,
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_regular_file_is_damaged_and_replaced_without_waiting(
    kernels: Callable[[], list[compilation.Kernel]], kind: str
) -> None:
    prepared(kernels)
    damaged = kernel_files()[0]
    damaged.unlink()
    SPECIAL[kind](damaged)
    (words,) = prepared(kernels)
    assert "are damaged and are replaced" in words
    assert all(path.is_file() and not path.is_symlink() for path in kernel_files())
    assert prepared(kernels) == []


def test_code_that_this_version_of_numba_cannot_read_is_damaged_too(
    kernels: Callable[[], list[compilation.Kernel]],
) -> None:
    prepared(kernels)
    payload = b"\x80\x04no pickle"
    kernel_files()[0].write_bytes(cache.CHECKSUM(payload).digest() + payload)
    assert len(prepared(kernels)) == 1
    assert prepared(kernels) == []


def test_a_full_disk_costs_nothing_but_the_next_compilation(
    kernels: Callable[[], list[compilation.Kernel]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", full)
    compiling, kept = prepared(kernels)
    assert compiling == "compiling kernels (once on this machine) ..."
    assert kept.endswith("No space left on device; the next run compiles them anew")
    assert kernel_files() == []


@pytest.mark.parametrize("place", ["/dev/null/cache", "a\nfile", "~/file\x1b[31m"])
def test_where_nothing_can_be_written_kernels_are_compiled_anew(
    kernels: Callable[[], list[compilation.Kernel]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    """It is said, with the folder's name and the variable that chose it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("a\nfile", "file\x1b[31m"):
        (tmp_path / name).touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", place)
    shown = harmless(place.replace("~", str(tmp_path)))
    for _ in range(2):
        (words,) = prepared(kernels)
        assert words == f"compiling kernels: {shown} (NUMBA_CACHE_DIR) can't be written, so every run does it anew"
    assert not (tmp_path / "~").exists()


def test_of_a_version_s_folder_that_is_none_it_is_said_and_not_of_the_one_above(
    kernels: Callable[[], list[compilation.Kernel]],
) -> None:
    prepared(kernels)
    folder = compilation.CACHE.folder
    shutil.rmtree(folder)
    folder.touch()
    assert prepared(kernels) == [
        f"compiling kernels: {folder} (NUMBA_CACHE_DIR) isn't a folder, so every run does it anew"
    ]


def test_arguments_of_another_type_or_layout_are_refused(kernels: Callable[[], list[compilation.Kernel]]) -> None:
    prepared(kernels)
    twice = compilation._kernels[1]
    for wrong in (np.ones(3, np.float32), np.ones(6)[::2], 1.0):
        with pytest.raises(TypeError):
            twice(wrong)


def test_an_inner_kernel_can_be_called_by_a_test(kernels: Callable[[], list[compilation.Kernel]]) -> None:
    prepared(kernels)
    values = np.ones(3)
    compilation._kernels[0](values)
    assert values.tolist() == [2, 2, 2]


def test_two_processes_that_start_at_once_share_one_cache(tmp_path: Path) -> None:
    """Both compile and both finish; the next one finds everything compiled, and imports nothing that compiles."""
    settings = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    both = [processes.start([sys.executable, "-c", ONE_MODULE], env=settings) for _ in range(2)]
    assert [processes.wait(process) for process in both] == [0, 0]
    (folder,) = (tmp_path / "cache").iterdir()
    (kernel,) = folder.iterdir()
    before = kernel.stat().st_mtime_ns
    script = f"{ONE_MODULE}; import sys; sys.exit('numba.np.linalg' in sys.modules)"
    assert processes.run([sys.executable, "-c", script], env=settings).returncode == 0
    assert kernel.stat().st_mtime_ns == before


def test_a_first_run_compiles_in_two_processes_and_the_second_not_at_all(tuimove: Tuimove, tmp_path: Path) -> None:
    """And what is compiled in two processes at once fits together, with what has been compiled before, too.

    Of the kernels that a run needs some of each module are missing; all are when a suite begins on a fresh machine.
    """
    folder = write_idx_folder(tmp_path / "data", random_digits(60, (3, 3), 4))
    settings = cache_without(MISSING, tmp_path / "cache")
    first, second = (tuimove("run", "same-network", "--data", folder, *QUICK, env=settings) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "compiling kernels (once on this machine)" in first.stderr
    assert "compiling" not in second.stderr
    assert parse_records(first.stdout)[-2]["loss"] == parse_records(second.stdout)[-2]["loss"]


def test_nothing_is_written_beside_the_sources() -> None:
    """So tuimove works from an installation that can only be read."""
    sources = Path(compilation.__file__).parent
    assert {path.suffix for path in sources.iterdir()} <= {".py", ""}


def test_sessions_get_along_with_threads_forks_and_a_caller_s_own_numba_code() -> None:
    """Two sessions in two threads beside a parallel kernel of the caller's, and one after a fork: the same bits."""
    ran = processes.run([sys.executable, "-c", textwrap.dedent(BESIDE_OTHERS)], cwd=Path(__file__).parents[2])
    assert ran.returncode == 0, ran.stderr
