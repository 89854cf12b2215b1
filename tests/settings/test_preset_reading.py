"""Presets: what is read, what is refused and in which words."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.command_line.flags import parse_assignment
from tuimove.errors import PresetError
from tuimove.settings.preset import ACTIVATIONS, BIAS_GRADIENTS, INITS, MOST_EPOCHS
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import Override, load_preset


def write(folder: Path, text: str) -> str:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def complaint(name: str, *overrides: Override) -> str:
    with pytest.raises(PresetError) as raised:
        load_preset(name, overrides)
    return str(raised.value)


def test_an_error_holds_each_mistaken_key_with_what_is_wrong() -> None:
    with pytest.raises(PresetError) as raised:
        load_preset("quick-look", [Override("--set", "training.epochs", -1), Override("--set", "network.hiden", 3)])
    mistakes = raised.value.mistakes
    assert list(mistakes) == ["training.epochs", "network.hiden"]
    assert str(raised.value).splitlines() == [f"quick-look.toml, --set: {words}" for words in mistakes.values()]


@pytest.mark.parametrize("name", shipped_presets())
def test_every_shipped_preset_loads_and_says_first_what_one_should_see(name: str) -> None:
    preset = load_preset(name)
    assert preset.name == name
    assert len(preset.title) > 10
    assert shipped_presets()[name].startswith("# ")


def test_an_empty_file_is_the_default_preset(tmp_path: Path) -> None:
    preset = load_preset(write(tmp_path, ""))
    assert preset.title == "my"
    assert (preset.network.hidden, preset.training.epochs, preset.measure.every) == (10, 1000, 10)
    assert preset.data.train is None


def test_the_contract_s_example_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
title = "One network, 1000 epochs"
[network]
hidden = 10                    # neurons
activation = "relu"
init = "uniform"
[training]
learning_rate = 1              # whole numbers are numbers
epochs = 1000
seed = 1
bias_gradient = "per_neuron"
[data]
name = "mnist"
train = 60000
label_noise = 0.0
[measure]
every = 10
""",
    )
    assert load_preset(path).training.learning_rate == 1.0


def test_the_command_line_wins(tmp_path: Path) -> None:
    path = write(tmp_path, "[network]\nhidden = 10\n")
    overrides = [parse_assignment("network.hidden=20"), parse_assignment("network.activation = tanh")]
    preset = load_preset(path, [*overrides, Override("--seed", "training.seed", 7)])
    assert (preset.network.hidden, preset.network.activation, preset.training.seed) == (20, "tanh", 7)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("network.hiden = 3", "unknown key 'network.hiden' = 3; did you mean 'network.hidden'?"),
        ("hidden = 3", "unknown key 'hidden' = 3; did you mean 'network.hidden'?"),
        ("[netwrok]\nhidden = 3", "unknown section 'netwrok' = {'hidden': 3}; did you mean 'network'?"),
        ("network = 3", "network = 3: must be a section, [network]"),
        ("network.hidden = 0", "network.hidden = 0: must be at least 1"),
        ("network.hidden = 1.5", "network.hidden = 1.5: must be a whole number"),
        ("network.hidden = true", "network.hidden = True: must be a whole number"),
        ("network.hidden = [10]", "network.hidden = [10]: must be a whole number"),
        ("network.activation = 'rely'", "relu, leaky_relu, tanh, sigmoid; did you mean 'relu'?"),
        ("network.init = 'norml'", "did you mean 'normal'?"),
        ("training.learning_rate = nan", "training.learning_rate = nan: must be a finite number above 0"),
        ("training.learning_rate = -0.5", "must be a finite number above 0"),
        ("training.learning_rate = '0.5'", "training.learning_rate = '0.5': must be a number"),
        ("training.epochs = 0", "training.epochs = 0: must be at least 1"),
        ("training.seed = -1", "training.seed = -1: must be at least 0"),
        ("training.bias_gradient = 'per_nuron'", "did you mean 'per_neuron'?"),
        ("measure.every = 0", "measure.every = 0: must be at least 1"),
        ("data.train = 0", "data.train = 0: must be at least 1"),
        ("data.label_noise = 1.1", "data.label_noise = 1.1: must be between 0 and 1"),
        ("data.label_noise = nan", "must be between 0 and 1"),
        ("data.name = ''", "must not be empty"),
        ('title = "\\u001b[2J"', "must not hold control characters"),
        ("title = 3", "title = 3: must be text in quotes"),
    ],
)
def test_a_mistake_is_named_with_file_key_value_and_the_nearest_right_one(
    tmp_path: Path, line: str, expected: str
) -> None:
    path = write(tmp_path, line)
    said = complaint(path)
    assert said.startswith(f"{path}: ")
    assert expected in said
    assert len(said.splitlines()) == 1


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    said = complaint(write(tmp_path, "[network]\nhidden = 0\ninit = 'x'\n[measure]\nevery = 'often'"))
    assert len(said.splitlines()) == 3


def test_a_mistake_on_the_command_line_names_the_option() -> None:
    assert "quick-look.toml, --seed: training.seed = 'one'" in complaint(
        "quick-look", Override("--seed", "training.seed", "one")
    )


def test_malformed_toml_is_named_with_line_and_column(tmp_path: Path) -> None:
    said = complaint(write(tmp_path, "title = 'x'\n[network\n"))
    assert "my.toml: " in said
    assert "line 2, column 9" in said


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "not a text file in UTF-8"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = " + b"1" * 5000, "my.toml: "),
        (b"training.learning_rate = 1" + b"0" * 400, "must be a finite number above 0"),
    ],
)
def test_a_file_of_rubbish_is_refused_in_words(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    assert expected in complaint(str(path))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quik-look", "unknown preset 'quik-look'; did you mean 'quick-look'?"),
        ("zzz", "there are activations, "),
        ("nowhere/quik-look.toml", "No such file or directory; did you mean 'quick-look'?"),
        ("../", "Is a directory"),
        ("bad\0name.toml", "null"),
        ("", "unknown preset ''"),
    ],
)
def test_an_unknown_preset_is_named(name: str, expected: str) -> None:
    assert expected in complaint(name)


def test_an_assignment_needs_an_equals_sign() -> None:
    with pytest.raises(PresetError, match="expected KEY=VALUE"):
        parse_assignment("network.hidden")


sections = {
    "network": st.fixed_dictionaries(
        {},
        optional={
            "hidden": st.integers(1, 10**9),
            "activation": st.sampled_from(ACTIVATIONS),
            "init": st.sampled_from(INITS),
        },
    ),
    "training": st.fixed_dictionaries(
        {},
        optional={
            "learning_rate": st.floats(1e-300, 1e300),
            "epochs": st.integers(1, MOST_EPOCHS),
            "seed": st.integers(0, 2**62),
            "bias_gradient": st.sampled_from(BIAS_GRADIENTS),
        },
    ),
    "data": st.fixed_dictionaries({}, optional={"label_noise": st.floats(0, 1), "train": st.integers(1, 99)}),
}


@given(
    name=st.text(min_size=1).filter(str.isprintable),
    title=st.text().filter(str.isprintable),
    values=st.fixed_dictionaries({}, optional=sections),
)
@settings(max_examples=100, deadline=None)
def test_a_written_preset_reads_back_as_itself(
    tmp_path_factory: pytest.TempPathFactory, name: str, title: str, values: dict[str, dict[str, Any]]
) -> None:
    overrides = [
        Override("", f"{section}.{key}", value) for section, keys in values.items() for key, value in keys.items()
    ]
    preset = load_preset("quick-look", [Override("", "name", name), Override("", "title", title), *overrides])
    path = tmp_path_factory.mktemp("presets") / "preset.toml"
    path.write_text(preset.as_toml(), encoding="utf-8")
    assert load_preset(str(path)) == preset


@given(key=st.text(string.ascii_lowercase + "._", max_size=20), value=st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_assignment_is_taken_or_refused_in_words(key: str, value: str) -> None:
    try:
        load_preset("quick-look", [parse_assignment(f"{key}={value}")])
    except PresetError as error:
        assert str(error)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_file_is_taken_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("rubbish") / "my.toml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        load_preset(str(path))
    except PresetError as error:
        assert str(path) in str(error)
