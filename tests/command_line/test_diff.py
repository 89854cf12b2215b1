"""`tuimove diff`: a table that fits 80 columns, JSON, and exit codes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.support.in_process import InProcess
from tests.support.weight_files import moved_weights, save_npz, save_safetensors, started_weights
from tuimove.command_line.headless.checkpoint_difference import short_number, shortened


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    after = {**moved_weights(0.1), "W2": started_weights()["W2"]}
    before = save_npz(tmp_path / "before.npz", **started_weights(), n=np.arange(3))
    return before, save_safetensors(tmp_path / "after.safetensors", after)


def test_a_table_and_a_summary_are_printed(in_process: InProcess, pair: tuple[Path, Path]) -> None:
    done = in_process("diff", *pair)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].split() == ["matrix", "distance", "left", "before", "after", "cosine", "max", "KS"]
    assert [line.split()[0] for line in lines[1:4]] == ["W1", "b1", "W2"]
    norm = f"{np.linalg.norm(started_weights()['W2']):.4g}"
    assert lines[3].split() == ["W2", "0", "1", norm, norm, "1", "0", "0"]
    assert lines[4:] == ["never moved: W2", "2 of 3 arrays moved; 1 never moved; left out: 1 of integers"]


@pytest.mark.parametrize(("only", "code"), [([], 3), (["--only", "W2"], 3), (["--only", "*1"], 0)])
def test_a_matrix_that_never_moved_fails_where_that_is_asked(
    in_process: InProcess, pair: tuple[Path, Path], only: list[str], code: int
) -> None:
    assert in_process("diff", *pair, "--fail-on-unmoved", *only).returncode == code


def test_json_has_all_numbers_in_one_object(in_process: InProcess, pair: tuple[Path, Path]) -> None:
    table = json.loads(in_process("diff", *pair, "--json").stdout)
    first = table["matrices"][0]
    old, new = started_weights()["W1"].astype(float), moved_weights(0.1)["W1"].astype(float)
    assert (table["moved"], table["never_moved"], table["left_out"]["before"]) == (2, ["W2"], {"of integers": 1})
    assert first["distance"] == pytest.approx(np.linalg.norm(new - old))
    assert first["shape"] == [20, 8]
    bias = next(one for one in table["matrices"] if one["name"] == "b1")
    assert bias["start_left"] is None


def test_long_names_and_wild_numbers_fit_80_columns(in_process: InProcess, tmp_path: Path) -> None:
    before = {
        f"encoder.layer.{n}.attention.self.query_projection.weight": np.full(9, 10.0 ** (n * 9)) for n in range(4)
    }
    after = {name: -array * 1.2345678 for name, array in before.items()}
    done = in_process("diff", save_npz(tmp_path / "a.npz", **before), save_npz(tmp_path / "b.npz", **after))
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("e.l.")
    assert len({line.split()[0] for line in lines[1:5]}) == 4, "the layers' numbers stay"


def test_what_is_wrong_or_other_is_said_below_the_table(in_process: InProcess, tmp_path: Path) -> None:
    before = save_npz(tmp_path / "a.npz", W=np.ones(3, np.float32), gone=np.ones(2), cut=np.ones((2, 3)))
    after = save_npz(tmp_path / "b.npz", W=np.array([1, math.nan, 2]), new=np.ones(2), cut=np.ones(6))
    assert in_process("diff", before, after).stdout.splitlines()[2:] == [
        "not finite: W: 0 entries before, 1 after",
        "added: new",
        "removed: gone",
        "other shape: cut: (2, 3), then (6,)",
        "float32, then float64: W",
        "1 of 1 array moved; 1 added; 1 removed; 1 of another shape",
    ]


def test_a_run_s_own_weights_are_compared(in_process: InProcess, idx_folder: Path, tmp_path: Path) -> None:
    in_process("run", "quick-look", "--no-ui", "--threads", 1, "--data", idx_folder, "--set", "data.train=200",
               "--set", "training.epochs=5", "--out", tmp_path / "run")  # fmt: skip
    done = in_process("diff", tmp_path / "run" / "first.npz", tmp_path / "run" / "last.npz")
    assert done.stdout.splitlines()[-1] == "4 of 4 arrays moved"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (0.98765, "0.9877"), (0.00012345, "1e-04"), (-0.98765, "-0.988"), (12345.678, "12346"),
     (1.6e-7, "2e-07"),
     (123456.0, "1e+05"), (math.nan, "-"), (math.inf, "-"), (-1.2e-300, "-1e-300")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert short_number(value) == text


def test_names_become_letters_before_they_lose_their_middle() -> None:
    assert shortened("encoder.layer.12.attention.weight", 24) == "e.l.12.attention.weight"
    assert shortened("encoder/layer/12/attention/weight", 14) == "e/l/..a/weight"
    assert shortened("short", 14) == "short"
