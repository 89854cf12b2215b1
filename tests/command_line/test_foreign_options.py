"""What people type who know other programs: their options, their ways of writing numbers, their keys.

Each test is of a kind of trouble that was reported of comparable programs and tried on this one:

| report | trouble | tests |
|---|---|---|
| W12 | no way to have nothing said | `..._quiet_...` |
| W13 | numbers that TOML doesn't take | `..._number_...` |
| W14 | Ctrl-Z in the dashboard | in `screen/test_leaving.py` |
| seen 1 | options and keys of others, hints at what is none | `..._option_...`, `..._key_...`, `..._command_...` |
| seen 3 | a sweep's values without brackets | `..._list_...` |
| seen 8 | joined emoji in titles | `..._title_...` |
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import random_digits, write_idx_folder
from tuimove.command_line.flags import parse_assignment
from tuimove.command_line.main import main
from tuimove.errors import PresetError, harmless
from tuimove.settings.key_names import ALIASES, KEYS, nearest_key
from tuimove.settings.preset_reading import Override, load_preset
from tuimove.settings.sweep import load_experiment
from tuimove.settings.typed_values import parse_value


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what a command is refused with in one line."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    out, said = capsys.readouterr()
    assert (out, said.count("\n")) == ("", 1)
    return said


RUN = ("run", "quick-look", "--no-ui")


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--epochs", "5"], "--epochs: no such option; write --set training.epochs=5"),
        (["--epochs=5"], "write --set training.epochs=5"),
        (["--epochs"], "write --set training.epochs=VALUE"),
        (["--lr", "0.1"], "write --set training.learning_rate=0.1"),
        (["--learning-rate", "1e-3"], "write --set training.learning_rate=1e-3"),
        (["--learning_rate=.5"], "write --set training.learning_rate=.5"),
        (["--hidden", "20"], "write --set network.hidden=20"),
        (["--neurons", "20"], "write --set network.hidden=20"),
        (["--activation", "tanh"], "write --set network.activation=tanh"),
        (["--init", "he"], "write --set network.init=he"),
        (["--label-noise", "0.2"], "write --set data.label_noise=0.2"),
        (
            ["--lr", "0.1", "--epochs", "5"],
            "=0.1; --epochs: no such option; write --set training.epochs=5",
        ),
        (["--dataset", "DIR"], "write --data DIR"),
        (["--workers", "4"], "write --threads 4"),
        (["-j", "4"], "-j: no such option; write --threads 4"),
        (["-o", "DIR"], "write --out DIR"),
        (["--output=DIR"], "write --out DIR"),
        (["--random-state", "7"], "write --seed 7"),
        (["--headless"], "write --no-ui"),
        (["--batch-size", "32"], "full batch"),
        (["--device", "cuda"], "on the CPU only"),
        (["--gpu"], "on the CPU only"),
        (["--optimizer", "adam"], "gradient descent"),
        (["-v"], "--quiet leaves them out"),
        (["--verbose"], "--quiet leaves them out"),
        (["--json"], "JSON"),
        (["--force"], "never overwritten"),
        (["training.epochs=5"], "training.epochs=5: write --set training.epochs=5"),
        (["lr=0.1"], "write --set lr=0.1"),
        (["--sed", "3"], "unrecognized arguments: --sed 3; did you mean '--seed'?"),
        (["--zebra", "3"], "unrecognized arguments: --zebra 3\n"),
    ],
)
def test_an_option_of_another_program_is_answered_with_what_does_it_here(
    arguments: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer in usage_error(capsys, *RUN, *arguments)


def test_an_option_before_the_preset_is_answered_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert "write --set training.epochs=5" in usage_error(capsys, "run", "--epochs", "5", "quick-look")


def test_a_resumed_run_s_options_are_answered_with_that_it_keeps_its_preset(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for option in ("--epochs", "--set"):
        assert "keeps the preset that it was begun with" in usage_error(
            capsys, "resume", "x", option, "training.epochs=5"
        )


def test_no_option_is_hinted_at_that_a_command_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["check", "x"], ["replay", "x"], ["presets"]):
        assert "--set training" not in usage_error(capsys, *command, "--epochs", "5")
        assert "did you mean '--fps'" not in usage_error(capsys, *command, "--epochs", "5")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("quick-look", "run quick-look"), ("my.toml", "run my.toml"), ("train", "run"), ("ls", "runs")],
)
def test_a_word_that_is_no_command_is_answered_with_the_one_that_is_meant(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"did you mean '{meant}'?" in usage_error(capsys, word)


def complaint(*assignments: str) -> str:
    with pytest.raises(PresetError) as raised:
        load_experiment("quick-look", [parse_assignment(text) for text in assignments])
    return str(raised.value)


@pytest.mark.parametrize(
    ("assignment", "meant"),
    [
        ("lr=0.1", "training.learning_rate"),
        ("training.lr=0.1", "training.learning_rate"),
        ("network.lr=0.1", "training.learning_rate"),
        ("epochs=5", "training.epochs"),
        ("training.epoch=5", "training.epochs"),
        ("traning.epochs=5", "training.epochs"),
        ("training_epochs=5", "training.epochs"),
        ("batch.seed=5", "training.seed"),
        ("neurons=5", "network.hidden"),
        ("network.units=5", "network.hidden"),
        ("network.hiden=5", "network.hidden"),
        ("Network.Hidden=5", "network.hidden"),
        ("learning-rate=5", "training.learning_rate"),
        ("dataset=x", "data.name"),
        ("data=x", "data.name"),
        ("network=5", "network.hidden"),
        ("diagnosis.jmp=0.5", "diagnosis.jump"),
        ("sweep.lr=[0.1,0.2]", "training.learning_rate"),
    ],
)
def test_a_key_of_another_program_or_spelling_is_answered_with_the_one_that_is_meant(
    assignment: str, meant: str
) -> None:
    said = complaint(assignment)
    assert f"did you mean '{meant}'?" in said
    assert "quick-look.toml" in said


@pytest.mark.parametrize("key", ["zzz", "training.zzz", "x.y.z", "", "diagnosis.zzzzzz"])
def test_a_key_that_nothing_is_near_to_is_answered_in_a_short_line(key: str) -> None:
    said = complaint(f"{key}=1")
    assert "keys are such as network.hidden, training.epochs" in said
    assert max(map(len, said.splitlines())) < 200


KNOWN = {"network.hidden", "training.epochs", "training.learning_rate", "data.name", "name", "diagnosis.jump"}


@given(st.text("abcdefghilmnoprstu._", max_size=24))
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_no_key_is_ever_suggested(name: str) -> None:
    assert nearest_key(name, KNOWN) in (*KNOWN, None)


def test_no_name_stands_for_two_keys() -> None:
    assert len(KEYS) == sum(len(aliases.split()) for aliases in ALIASES.values())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (".5", 0.5), ("5.", 5.0), ("-.5", -0.5), ("+.5", 0.5), ("+1", 1), ("1_000", 1000), ("1e-3", 0.001),
        ("1e4", 10_000), ("1E4", 10_000), ("2.5e3", 2500.0), (".5e-1", 0.05), ("1_0.5", 10.5), ("0", 0), ("0.5", 0.5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, number: float) -> None:
    value = parse_value(text)
    assert value == number
    assert type(value) is type(number)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("training.epochs=0x10", "training.epochs = '0x10': must be a whole number; write 16, in decimal digits"),
        ("training.epochs=1,000", "must be a whole number; write 1000, without anything between the digits"),
        ("training.epochs=1 000", "write 1000"),
        ("training.learning_rate=0,5", "must be a number; write 0.5, with a point"),
        ("data.label_noise=20%", "must be a number; write 0.2"),
        ("training.learning_rate='0.5'", "must be a number; write 0.5 without quotes"),
        ("training.epochs=True", "training.epochs = 'True': must be a whole number"),
        ("training.epochs=true", "training.epochs = True: must be a whole number"),
        ("training.epochs=many", "training.epochs = 'many': must be a whole number"),
        ("training.epochs=1.5", "training.epochs = 1.5: must be a whole number"),
        ("training.epochs=1979-05-27", "must be a whole number"),
    ],
)
def test_what_is_no_number_here_is_answered_with_how_to_write_it(assignment: str, words: str) -> None:
    assert words in complaint(assignment)


def test_options_take_numbers_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert "write 1000, without anything" in usage_error(capsys, *RUN, "--threads", "1,000")
    assert "write 16" in usage_error(capsys, *RUN, "--max-runs", "0x10")
    assert "write 0.5, with a point" in usage_error(capsys, "replay", "x", "--speed", "0,5")
    assert main(["replay", "nowhere", "--speed", ".5"]) == 2
    assert "nowhere" in capsys.readouterr().err


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_text_is_some_value(text: str) -> None:
    parse_value(text)


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("sweep.training.seed=1,2", "\"training.seed\" = '1,2': must be a list; write '[1,2]'"),
        ("sweep.training.seed=3", "\"training.seed\" = 3: must be a list; write '[3]'"),
        ("sweep.network.activation=relu", "must be a list; write '[relu]'"),
        ("sweep.training.seed=[]", "must be a list of values that isn't empty, such as [1, 2, 3]"),
    ],
)
def test_a_sweep_s_values_without_a_list_are_shown_with_brackets(assignment: str, words: str) -> None:
    assert words in complaint(assignment)


def test_a_list_of_bare_words_and_short_numbers_is_one() -> None:
    members = load_experiment(
        "quick-look",
        [
            parse_assignment("sweep.network.activation=[relu, tanh]"),
            parse_assignment("sweep.training.learning_rate=[.5,1.]"),
        ],
    ).members
    assert [(m.preset.network.activation, m.preset.training.learning_rate) for m in members] == [
        ("relu", 0.5), ("relu", 1.0), ("tanh", 0.5), ("tanh", 1.0),
    ]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_idx_folder(tmp_path / "data", random_digits(40, (4, 3), 3))


def small(data: Path, *more: str) -> list[str]:
    return [*RUN, "--data", str(data), "--set", "training.epochs=3", "--threads", "1", "--no-store", *more]


def test_a_quiet_run_says_nothing_where_all_is_well(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for option in ("--quiet", "-q"):
        assert main(small(data, option)) == 0
        out, said = capfd.readouterr()
        assert said == ""
        assert json.loads(out.splitlines()[-1])["status"] == "finished"


def test_a_quiet_run_says_what_went_wrong(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    failing = ("--set", "training.learning_rate=1e38", "--set", "network.activation=leaky_relu")
    assert main(small(data, "--quiet", *failing)) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("failed after ")
    assert "not finite" in line
    assert main(small(data, "--quiet", "--set", "data.train=999")) == 2
    assert "tuimove: error: data.train = 999" in capfd.readouterr().err


def test_a_quiet_run_s_findings_are_in_its_records_and_its_exit_code(
    data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    leaping = ("--set", "training.learning_rate=300", "--set", "measure.every=1", "--set", "training.epochs=40")
    assert main(small(data, "--quiet", *leaping, "--fail-on", "alarm")) == 3
    out, said = capfd.readouterr()
    assert said == ""
    assert '"severity":"alarm"' in out


def test_a_quiet_resumption_says_nothing_either(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kept = [*small(data, "--quiet")[:-2], "--quiet", "--out", str(tmp_path / "run")]
    assert main(kept) == 0
    records = tmp_path / "run" / "records.jsonl"
    records.write_text("".join(records.read_text().splitlines(keepends=True)[:-1]))
    capfd.readouterr()
    assert main(["resume", str(tmp_path / "run"), "--no-ui", "--quiet", "--threads", "1"]) == 0
    assert capfd.readouterr().err == ""


def test_quiet_is_for_runs_without_a_dashboard(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--quiet goes with --no-ui" in usage_error(capsys, "run", "quick-look", "--quiet")
    assert "--quiet goes with --no-ui" in usage_error(capsys, "resume", "x", "-q")


TITLES = {
    "joined emoji": "\N{WOMAN}\u200d\N{MICROSCOPE} at work",
    "flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "Persian with a non-joiner": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "soft hyphen": "gradient\u00addescent",
    "no-break spaces": "10\u00a0000 \u3000 images\u202f!",
    "right-to-left mark": "\u05d0\u200f!",
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_may_hold_joined_and_formatted_text(title: str, tmp_path: Path) -> None:
    preset = load_preset("quick-look", [Override("--set", "title", title)])
    (tmp_path / "my.toml").write_text(preset.as_toml(), encoding="utf-8")
    assert load_preset(str(tmp_path / "my.toml")).title == title
    assert harmless(title) == title


@pytest.mark.parametrize("sign", ["\x1b", "\x9b", "\n", "\u202e", "\u2066", "\u2028", "\x7f", "\0"])
def test_a_title_may_hold_nothing_that_steers_or_turns(sign: str) -> None:
    with pytest.raises(PresetError, match="must not hold control characters or signs that turn the text around them"):
        load_preset("quick-look", [Override("--set", "title", f"a{sign}b")])
    assert harmless(f"a{sign}b") == "a?b"
