"""`[sweep]`: which runs a preset makes, and what is refused in which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuimove.errors import PresetError
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import Override
from tuimove.settings.sweep import load_experiment, over_seeds


def write(folder: Path, sweep: str) -> str:
    path = folder / "my.toml"
    path.write_text(f'title = "mine"\n[network]\nhidden = 7\n{sweep}', encoding="utf-8")
    return str(path)


def test_a_preset_without_a_sweep_is_one_run(tmp_path: Path) -> None:
    experiment = load_experiment(write(tmp_path, ""))
    assert [member.preset for member in experiment.members] == [experiment.base]
    assert experiment.keys == ()


def test_every_combination_is_a_run_named_after_what_varies(tmp_path: Path) -> None:
    sweep = '[sweep]\n"training.seed" = [1, 2]\n"network.activation" = ["relu", "tanh"]'
    experiment = load_experiment(write(tmp_path, sweep))
    presets = [member.preset for member in experiment.members]
    assert [(p.training.seed, p.network.activation) for p in presets] == [
        (1, "relu"), (1, "tanh"), (2, "relu"), (2, "tanh"),
    ]  # fmt: skip
    assert presets[1].name == "training.seed=1,network.activation=tanh"
    assert all(preset.network.hidden == 7 for preset in presets)


def test_zipped_lists_go_side_by_side(tmp_path: Path) -> None:
    sweep = '[sweep]\nmode = "zip"\n"training.seed" = [1, 2]\n"training.learning_rate" = [0.1, 1]'
    members = load_experiment(write(tmp_path, sweep)).members
    assert [(m.preset.training.seed, m.preset.training.learning_rate) for m in members] == [(1, 0.1), (2, 1.0)]


def test_the_command_line_changes_the_sweep_and_what_is_common(tmp_path: Path) -> None:
    overrides = [Override("--set", "sweep.training.seed", [4, 5, 6]), Override("--set", "training.epochs", 9)]
    members = load_experiment(write(tmp_path, '[sweep]\n"training.seed" = [1]'), overrides).members
    assert [(m.preset.training.seed, m.preset.training.epochs) for m in members] == [(4, 9), (5, 9), (6, 9)]


@pytest.mark.parametrize(
    ("sweep", "complaint"),
    [
        ('[sweep]\n"training.seeds" = [1]', "did you mean 'training.seed'"),
        ('[sweep]\n"training.seed" = []', "must be a list of values that isn't empty"),
        ('[sweep]\n"training.seed" = 3', "= 3: must be a list; write '[3]'"),
        ('[sweep]\n"training.seed" = [1, -1, "x"]', "training.seed = -1: must be at least 0"),
        ('[sweep]\n"training.seed" = [1, -1, "x"]', "training.seed = 'x': must be a whole number"),
        ('[sweep]\nmode = "zip"\n"training.seed" = [1, 2]\n"network.hidden" = [3]', "equally long"),
        ('[sweep]\nmode = "grid"\n"training.seed" = [1, 2]', "must be product or zip"),
        ("sweep = 3", "did you mean"),
    ],
)
def test_a_mistake_in_a_sweep_is_named(tmp_path: Path, sweep: str, complaint: str) -> None:
    with pytest.raises(PresetError) as raised:
        load_experiment(write(tmp_path, sweep))
    assert complaint in str(raised.value)
    assert "my.toml" in str(raised.value)


def test_a_grid_beyond_the_most_runs_is_refused_before_it_is_made(tmp_path: Path) -> None:
    numbers = list(range(1000))
    sweep = f'[sweep]\n"training.seed" = {numbers}\n"training.epochs" = {numbers[1:]}'
    with pytest.raises(PresetError, match="999,000 runs, more than 10,000"):
        load_experiment(write(tmp_path, sweep))


@pytest.mark.parametrize(("name", "runs"), [("repeatability", 9), ("four-networks", 4), ("different-networks", 100),
                                            ("activations", 8), ("learning-rates", 8)])  # fmt: skip
def test_a_shipped_experiment_makes_its_runs(name: str, runs: int) -> None:
    assert name in shipped_presets()
    members = load_experiment(name).members
    assert len({member.preset.name for member in members}) == len(members) == runs


def test_an_experiment_over_seeds_has_each_of_its_runs_under_every_seed() -> None:
    experiment = over_seeds(load_experiment("four-networks"), 2)
    assert experiment.keys[-1] == "training.seed"
    assert [member.preset.training.seed for member in experiment.members] == [1] * 4 + [2] * 4
    assert len({member.preset.name for member in experiment.members}) == 8


def test_an_experiment_that_varies_the_seed_itself_is_left_as_it_is() -> None:
    experiment = load_experiment("repeatability")
    assert over_seeds(experiment, 3) is experiment


@pytest.mark.parametrize(
    "sweep", ['"training.seed" = [1, 2, 1]', 'mode = "zip"\n"training.seed" = [1, 1]\n"network.init" = ["he", "he"]']
)
def test_two_runs_that_are_the_same_are_refused(tmp_path: Path, sweep: str) -> None:
    with pytest.raises(PresetError, match=r"my\.toml: \[sweep\] makes two runs of training\.seed=1"):
        load_experiment(write(tmp_path, f"[sweep]\n{sweep}"))
