"""What the user's own variables say of signs beside ASCII decides, not what Python has made of them.

=====  ==================================================  =======================================
F14    `LANG=C` draws Unicode: Python has set `LC_CTYPE`   test_the_dashboard_is_ascii_...,
       to `C.UTF-8` in the environment                     test_words_are_ascii_...
=====  ==================================================  =======================================
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import TUIMOVE, run
from tests.support.terminal import Terminal
from tuimove.settings import user_locale
from tuimove.settings.user_locale import asks_for_utf8, is_utf8, restore_variables

WITHOUT_UTF8: list[dict[str, str]] = [
    {"LANG": "C"},
    {"LANG": "POSIX"},
    {},
    {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""},
    {"LC_ALL": "C", "LANG": "en_US.UTF-8"},
    {"LC_CTYPE": "C", "LANG": "en_US.UTF-8"},
    {"LANG": "en_US.ISO-8859-1"},
    {"LANG": "de_DE@euro"},
]
WITH_UTF8: list[dict[str, str]] = [
    {"LANG": "C.UTF-8"},
    {"LANG": "en_US.utf8"},
    {"LC_CTYPE": "UTF-8"},
    {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.UTF-8@euro"},
    {"LC_ALL": "C.UTF-8", "LANG": "C"},
    {"LC_CTYPE": "C.UTF-8", "LANG": "C"},
]
SHOWN = """
import os, sys
from tuimove.recording.standard_streams import guard_streams
from tuimove.screen.terminal import detect_options
guard_streams()
print(detect_options(ascii_only=False, fps=None).glyphs, sys.stdout.encoding, sys.stderr.encoding)
print("\\u00b1 \\u2838 \\udcff")
print("\\u00b1 \\u2838 \\udcff", file=sys.stderr)
print(os.environ.get("LC_CTYPE"))
"""


def told_with(variables: dict[str, str]) -> subprocess.CompletedProcess[Any]:
    """Return what a process makes of variables that it is started with, none beside them."""
    clean = {name: value for name, value in os.environ.items() if name not in user_locale.VARIABLES}
    environment = {**clean, **variables}
    done = run([sys.executable, "-c", SHOWN], env=environment, text=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("variables", WITHOUT_UTF8)
def test_variables_that_name_no_utf8_are_told_from_those_that_do(variables: dict[str, str]) -> None:
    assert not is_utf8(variables)


@pytest.mark.parametrize("variables", WITH_UTF8)
def test_utf8_is_known_however_it_is_spelled(variables: dict[str, str]) -> None:
    assert is_utf8(variables)


@pytest.mark.parametrize(
    "variables",
    [{"LANG": "C"}, {}, {"LC_ALL": "C"}, {"LANG": "en_US.ISO-8859-1"}, {"LANG": "C", "PYTHONCOERCECLOCALE": "0"},
     {"LANG": "C", "PYTHONUTF8": "1"}],
)  # fmt: skip
def test_words_and_glyphs_are_ascii_where_the_user_has_not_asked_for_more(variables: dict[str, str]) -> None:
    done = told_with(variables)
    first, signs, restored = done.stdout.decode("ascii").splitlines()
    assert first.split() == ["ascii", "ascii", "ascii"]
    assert signs == r"\xb1 \u2838 \udcff"
    assert restored == "None", "a child is given what the user has set"
    assert done.stderr.isascii()


@pytest.mark.parametrize("variables", [{"LANG": "C.UTF-8"}, {"LANG": "C", "LC_CTYPE": "C.UTF-8"}])
def test_they_are_unicode_where_the_user_has(variables: dict[str, str]) -> None:
    """Also by an `LC_CTYPE` that is just what Python sets itself."""
    first, signs, restored = told_with(variables).stdout.decode("utf-8").splitlines()
    assert first.split() == ["braille", "utf-8", "utf-8"]
    assert signs == "± ⠸ \\udcff"
    assert restored == str(variables.get("LC_CTYPE"))


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "latin-1"}])
def test_no_sign_is_ever_an_error(variables: dict[str, str]) -> None:
    assert rb"\udcff" in told_with({"LANG": "C.UTF-8", **variables}).stdout


def test_where_the_system_keeps_no_first_environment_a_coerced_variable_is_known_by_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_locale, "BEGINNING", tmp_path / "nothing")
    for name in ("LC_ALL", "LANG", "PYTHONCOERCECLOCALE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_CTYPE", "C.UTF-8")
    assert not asks_for_utf8()
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")
    assert asks_for_utf8()
    monkeypatch.delenv("PYTHONCOERCECLOCALE")
    monkeypatch.setenv("LANG", "C")
    restore_variables()
    assert "LC_CTYPE" not in os.environ


@pytest.mark.parametrize("program", [["run", "quick-look"], ["run", "quick-look", "--no-ui", "--no-store"]])
def test_the_dashboard_and_the_progress_bar_are_ascii_in_the_c_locale(
    tmp_path: Path, idx_folder: Path, program: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    endless = ["--set", "training.epochs=1000000000", "--set", "measure.every=1000", "--data", str(idx_folder),
               "--set", "data.train=100"]  # fmt: skip
    terminal = Terminal([*TUIMOVE, *program, *endless], tmp_path, LANG="C")
    try:
        terminal.read_words("left" if "--no-ui" in program else "training")
        terminal.press("q" if "--no-ui" not in program else "\x03")
        terminal.wait()
        assert terminal.output.isascii(), [line for line in terminal.output.splitlines() if not line.isascii()][:3]
    finally:
        terminal.close()
