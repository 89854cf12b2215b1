"""The processor that the environment chooses: a mistake there is one line, whatever LLVM would make of it."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.support.in_process import InProcess
from tuimove.errors import TuimoveError
from tuimove.experiments.dask import task
from tuimove.runs import chosen_processor
from tuimove.runs.child_process import start_module
from tuimove.runs.chosen_processor import require_usable_processor

NAME, FEATURES = "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this processor be one that has little, and nothing be asked of LLVM."""
    monkeypatch.setattr(chosen_processor, "_own_features", lambda: {"amx-tile": False, "avx2": True, "sse2": True})
    monkeypatch.setattr(chosen_processor, "start_module", None)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("features", "words"),
    [
        ("avx2", "'avx2' begins with neither + nor -"),
        ("help", "'help' begins with neither + nor -"),
        ("+sse2, +avx2", "' +avx2' begins with neither + nor -"),
        ("+", "'+' isn't a feature, such as +avx2"),
        ("-\x1b[31m", "isn't a feature, such as +avx2"),
        ("+help", "this processor has no 'help'"),
        ("+sse2,+amx-tile", "this processor has no 'amx-tile'"),
        ("+AVX2", "this processor has no 'AVX2'; did you mean 'avx2'?"),
        ("+" + "x" * 100_000, "this processor has no 'xxx"),
    ],
)
def test_a_feature_that_is_malformed_or_lacking_is_named_before_llvm_sees_it(
    features: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FEATURES, features)
    with pytest.raises(TuimoveError) as refused:
        require_usable_processor()
    assert str(refused.value).startswith("NUMBA_CPU_FEATURES=")
    assert words in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1000


@pytest.mark.usefixtures("own")
def test_where_nothing_is_chosen_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (NAME, FEATURES):
        monkeypatch.delenv(name, raising=False)
    require_usable_processor()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (NAME, "nosuch", "NUMBA_CPU_NAME='nosuch': 'nosuch' is not a recognized processor"),
        (NAME, "help", "NUMBA_CPU_NAME='help': LLVM can't compile for that"),
        (FEATURES, "-nosuch", "NUMBA_CPU_FEATURES='-nosuch': '-nosuch' is not a recognized feature"),
    ],
)
def test_what_llvm_does_not_know_is_one_line_of_ours_and_none_of_its_own(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(TuimoveError) as refused:
        require_usable_processor()
    assert (str(refused.value), capfd.readouterr().err) == (words, "")


def test_what_llvm_ends_the_process_for_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(_module: str, **streams: Any) -> Any:
        return start_module("nothing.of.this.name", **streams)

    monkeypatch.setattr(chosen_processor, "start_module", dying)
    monkeypatch.setenv(NAME, "generic")
    with pytest.raises(TuimoveError, match="NUMBA_CPU_NAME='generic': LLVM can't compile for that"):
        require_usable_processor()


def test_a_processor_with_less_is_taken_and_never_more_than_this_one_has(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {name: has for name, has in chosen_processor._own_features().items() if not has}
    monkeypatch.setenv(NAME, "generic")
    monkeypatch.setenv(FEATURES, "")
    for _ in range(2):  # as in a process that this one starts
        require_usable_processor()
        assert os.environ[FEATURES] == ",".join(f"-{name}" for name in sorted(own))


def test_features_that_are_given_come_last() -> None:
    assert chosen_processor._restricted("+c,,-b", {"a": False, "b": False, "c": True}) == "-a,+c,-b"


@pytest.mark.parametrize("command", [("run", "quick-look", "--no-ui", "--no-store"), ("bench",), ("check", "nowhere")])
def test_a_command_ends_with_exit_code_2(
    in_process: InProcess, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(FEATURES, "garbage")
    done = in_process(*command)
    assert (done.returncode, done.stdout, done.stderr) == (
        2, "", "tuimove: error: NUMBA_CPU_FEATURES='garbage': 'garbage' begins with neither + nor -\n"
    )  # fmt: skip


def test_a_dask_worker_looks_at_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FEATURES, "garbage")
    with pytest.raises(TuimoveError, match="begins with neither"):
        task._compile_kernels(print)
