"""The bench times everything it promises, and says what its numbers are of."""

from __future__ import annotations

import pytest

from tuimove import bench

from .conftest import random_digits


@pytest.fixture
def small_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bench run on a few small images and a small machine."""
    monkeypatch.setattr(bench, "load_digits", lambda *_, **__: random_digits(64, (5, 5), 10))
    monkeypatch.setattr(bench, "SAMPLES", (32, 64))
    monkeypatch.setattr(bench, "WIDTHS", (16, 32))
    monkeypatch.setattr(bench, "SGEMM_SIZE", 64)
    monkeypatch.setattr(bench, "READ_BYTES", 2**16)
    monkeypatch.setattr(bench, "REST_SECONDS", 0.0)


@pytest.mark.usefixtures("small_bench")
def test_every_work_is_compared_for_one_thread_and_for_all() -> None:
    """Each width beside NumPy and scipy.sparse, nine networks, a measurement, a diagnosis, and how the cost grows."""
    lines: list[str] = []
    timed = bench.run_bench(1, [10, 20], [1, 2], lines.append)
    compared = [(comparison["what"], comparison["threads"]) for comparison in timed["comparisons"]]
    nine = "9 networks of 20 neurons"
    assert compared == [
        ("10 neurons", 1), ("20 neurons", 1), (nine, 1),
        ("10 neurons", 2), ("20 neurons", 2), (nine, 2),
        ("a measurement at 100 neurons", 1), ("1000 diagnoses at 10 neurons", 1),
    ]  # fmt: skip
    assert {"numpy", "scipy.sparse"} <= timed["comparisons"][0]["ratios"].keys()
    assert timed["scaling"].keys() == {"images", "neurons"}
    assert timed["limits"]["sgemm_gflops"] > 0
    assert any("of the least time of dense code" in line for line in lines)


def test_a_ratio_is_the_median_over_neighbouring_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the ratio of the medians: a machine that slows down slows both of a pair."""
    times = iter([1.0, 2.0, 10.0, 30.0, 100.0, 400.0])
    monkeypatch.setattr(bench, "_seconds", lambda _: next(times))
    compared = bench.take_turns("work", 1, {"ours": list, "theirs": list}, rounds=3)
    assert compared.ratios == {"theirs": 3.0}
    assert compared.seconds == {"ours": 10.0, "theirs": 30.0}
