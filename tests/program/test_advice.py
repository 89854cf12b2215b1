"""Advice in messages: what is advised is never refused in its turn, and never what was typed already."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import random_digits, write_idx_folder
from tests.support.in_process import InProcess
from tuimove.command_line.flags import days, factor, parse_assignment, positive
from tuimove.command_line.main import EPILOG
from tuimove.errors import PresetError, nearest_of
from tuimove.settings.pages import shipped_pages
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import load_experiment

RUN = ("run", "quick-look", "--no-ui", "--no-store")
NUMBERS = st.one_of(
    st.from_regex(r"[-+]?\d{0,3}[.,x%]?\d{0,3}[eE%]?\d?", fullmatch=True),
    st.sampled_from(["0", "2.0", "-1", ".5", "0x0", "0x10", "0,5", "1,000", "-1,000", "50%", "020", "1e400", "'3'"]),
)


def advised(words: str) -> str | None:
    """Return what a message says to write, None where it says nothing."""
    found = re.search(r"; write (.*?)(?:, in| without|, with|, without|$)", words)
    return found[1] if found else None


@given(NUMBERS)
@settings(max_examples=200, deadline=None)
def test_a_number_that_is_advised_for_an_option_is_taken(text: str) -> None:
    for read in (positive, days, factor):
        if words := refusal(read, text):
            meant = advised(words)
            assert meant != text
            assert meant is None or not refusal(read, meant)


def refusal(read: Callable[[str], object], text: str) -> str:
    """Return the words with which an option's type refuses a text; empty where it takes it."""
    try:
        read(text)
    except Exception as error:
        return str(error)
    return ""


@given(NUMBERS, st.sampled_from(["training.epochs", "training.learning_rate", "data.label_noise"]))
@settings(max_examples=200, deadline=None)
def test_a_number_that_is_advised_for_a_key_is_taken(text: str, key: str) -> None:
    if (words := complaint(f"{key}={text}")) and (meant := advised(words)):
        assert not complaint(f"{key}={meant}")


def complaint(*assignments: str) -> str:
    """Return the words with which assignments are refused; empty where they are taken."""
    try:
        load_experiment("quick-look", [parse_assignment(text) for text in assignments])
    except PresetError as error:
        return str(error)
    return ""


def test_a_whole_number_is_one_with_zeros_before_it_and_advised_without_a_point() -> None:
    assert load_preset("quick-look", [parse_assignment("training.epochs=020")]).training.epochs == 20
    assert "training.epochs = 2.0: must be a whole number; write 2" in complaint("training.epochs=2.0")


@pytest.mark.parametrize(
    "value", ["1..3", "range(3)", "1,2", "3", "relu", "1 2 3", "1-3", "true", "0.5", "x", "{a=1}", "[]"]
)
@pytest.mark.parametrize("key", ["training.seed", "network.activation", "training.learning_rate", "data.label_noise"])
def test_a_list_that_is_advised_for_a_sweep_is_taken(key: str, value: str) -> None:
    words = complaint(f"sweep.{key}={value}")
    assert "must be a list" in words
    found = re.search(r"(?:write '|such as )(\[.*\])", words)
    assert found is None or not complaint(f"sweep.{key}={found[1]}")


def test_a_sweep_of_numbers_in_other_words_is_answered_with_a_list_of_numbers() -> None:
    for value in ("1..3", "range(3)"):
        assert "must be a list, such as [1, 2, 3]" in complaint(f"sweep.training.seed={value}")


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("network.layers=2", "there is one hidden layer; network.hidden=N sets its neurons"),
        ("layers=2", "there is one hidden layer"),
        ("training.batch_size=5", "(full batch); data.train=N takes fewer"),
        ("training.batch-size=5", "full batch"),
        ("training.momentum=0.9", "plain gradient descent is all there is"),
        ("training.device=cuda", "it trains on the CPU only"),
        ("network.init=xavier", "did you mean 'glorot'?"),
        ("network.init=Xavier_Uniform", "did you mean 'glorot'?"),
        ("network.init=kaiming", "did you mean 'he'?"),
        ("network.activation=ReLU", "did you mean 'relu'?"),
        ("network.activation=LeakyReLU", "did you mean 'leaky_relu'?"),
        ("network.activation=logistic", "did you mean 'sigmoid'?"),
    ],
)
def test_a_key_or_word_of_other_programs_is_answered_as_their_options_are(assignment: str, words: str) -> None:
    said = complaint(assignment)
    assert words in said
    assert "diagnosis" not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*RUN, "-e", "5"), "-e: no such option; write --set training.epochs=5"),
        ((*RUN, "-t", "4"), "-t: no such option; write --threads 4"),
        ((*RUN, "-x", "4"), "unrecognized arguments: -x 4\n"),
        ((*RUN, "--batch-size", "5"), "--set data.train=N takes fewer"),
        (("resume", "x", "--batch-size", "5"), "at once (full batch)\n"),
        (("--no-ui",), "--no-ui: goes after the command; write tuimove run PRESET --no-ui"),
        (("--headless",), "--headless: no such option; write tuimove run PRESET --no-ui"),
        (("--no-ui", "run", "quick-look"), "write tuimove run PRESET --no-ui"),
        (("--ui", "compare", "a", "b"), "write tuimove compare RUN --ui"),
        ((), "no terminal to draw on: tuimove run PRESET --no-ui trains without a dashboard"),
    ],
)
def test_an_option_is_advised_only_where_it_is_one(
    arguments: tuple[str, ...], words: str, in_process: InProcess
) -> None:
    done = in_process(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


@given(st.text("abc.-X", max_size=6), st.lists(st.text("abc.-X", max_size=6), max_size=6))
@settings(max_examples=200, deadline=None)
def test_the_same_name_is_never_suggested(word: str, others: list[str]) -> None:
    assert f"'{word}'" not in nearest_of(word, [*others, word])


def test_a_link_to_nowhere_is_not_answered_with_its_own_name(in_process: InProcess) -> None:
    Path("dang.jsonl").symlink_to("nowhere")
    for command in ("check", "replay", "compare"):
        assert in_process(command, "dang.jsonl").stderr.endswith("a link to something that isn't there\n")


def test_an_experiment_s_folder_is_called_one_wherever_a_run_is_wanted(in_process: InProcess) -> None:
    run = Path("e", "00000")
    run.mkdir(parents=True)
    (run / "records.jsonl").write_text("{}\n")
    Path("empty").mkdir()
    for command in ("check", "replay"):
        assert "e: an experiment's folder; name one of its runs, such as e/00000" in in_process(command, "e").stderr
    for command in ("check", "replay", "compare", "report"):
        assert "empty: no run: it holds neither records.jsonl nor" in in_process(command, "empty").stderr


def test_data_whose_name_is_not_utf_8_are_refused_for_that(in_process: InProcess) -> None:
    for name in (os.fsdecode(b"db\xff\xfe"), "\ud800"):
        said = in_process(*RUN, "--data", name).stderr
        assert "is not UTF-8, so it can't be written into a preset" in said
        assert "control" not in said


def test_a_run_that_can_not_be_kept_names_what_helps(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    data = write_idx_folder(tmp_path / "data", random_digits(40, (4, 3), 3))
    few = ("run", "quick-look", "--no-ui", "--data", data, "--set", "training.epochs=2", "--threads", "1")
    done = in_process(*few)
    assert done.returncode == 0
    assert re.search(r"this run is not kept: .*; --out DIR keeps it in another folder\n", done.stderr)


def test_help_tells_of_exit_codes_what_the_page_does() -> None:
    told = dict(re.findall(r"^  (\d+) +(.*)$", EPILOG, re.MULTILINE))
    page = re.findall(r"^\| (\d+) \| (.*) \|$", shipped_pages()["commands"], re.MULTILINE)
    assert told == {code: words.replace("`", "") for code, words in page}
