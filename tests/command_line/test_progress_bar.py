"""The line that shows how far a headless run is, and how long durations are written.

| report | what it is about |
|---|---|
| F6 | the bar's options came from the environment, and what it raised ended the run |
| "seen on the way", 4 | progress lines without a terminal showed hours as seconds |
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tuimove.command_line.headless import progress_bar
from tuimove.command_line.headless.narration import Narration
from tuimove.command_line.headless.progress_bar import ProgressBar, clock_time
from tuimove.reports.paper import Paper
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import NetworkKeys, Preset, TrainingKeys
from tuimove.training.image_set import Digits

EPOCHS = 200


@contextmanager
def drawing(monkeypatch: pytest.MonkeyPatch, columns: int = 90, *, is_unicode: bool = True) -> Iterator[io.StringIO]:
    """Give a stream that stands for a terminal of so many columns."""
    monkeypatch.setattr(progress_bar, "paper_of", lambda _: Paper(columns, is_unicode=is_unicode))
    yield io.StringIO()


def drawn(text: io.StringIO) -> str:
    return text.getvalue().rpartition("\r")[2]


def seconds_passing(*moments: float) -> Iterator[float]:
    yield from moments


@pytest.mark.parametrize(("is_unicode", "bar"), [(True, "█" * 16 + "▋" + " " * 10), (False, "#" * 16 + " " * 11)])
def test_it_shows_share_epoch_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch, bar: str, *, is_unicode: bool
) -> None:
    ticks = seconds_passing(0.0, 0.5)
    with drawing(monkeypatch, 100, is_unicode=is_unicode) as stream:
        ProgressBar(stream, EPOCHS, clock=lambda: next(ticks)).move(124, "test accuracy 0.8473")
    assert drawn(stream) == f" 62% |{bar}| epoch 124/200, 248.00 epochs/s, 00:00 left, test accuracy 0.8473"


@pytest.mark.parametrize("columns", [0, 1, 5, 20, 60, 65, 500])
def test_it_never_fills_the_last_column(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    with drawing(monkeypatch, max(columns, 1)) as stream:
        bar = ProgressBar(stream, EPOCHS)
        bar.move(50, "words")
        assert len(drawn(stream)) <= max(0, columns - 1)
        bar.erase()
        assert drawn(stream) == ""


def test_it_is_drawn_at_most_five_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [0.0, *(tick / 100 for tick in range(100))]
    ticks = seconds_passing(*moments)
    with drawing(monkeypatch) as stream:
        bar = ProgressBar(stream, EPOCHS, clock=lambda: next(ticks))
        for epoch in range(100):
            bar.move(epoch, "")
    assert stream.getvalue().count("epoch ") == 5


def test_a_shorter_line_covers_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = seconds_passing(0.0, 1.0, 2.0)
    with drawing(monkeypatch, 40) as stream:
        bar = ProgressBar(stream, EPOCHS, clock=lambda: next(ticks))
        bar.move(1, "some words")
        longer = len(drawn(stream))
        bar.move(2, "")
    assert len(drawn(stream)) == longer


@pytest.mark.parametrize("total", [0, 1, 5])
def test_a_run_may_be_beyond_its_planned_end_or_have_none(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    ticks = seconds_passing(0.0, 0.0)
    with drawing(monkeypatch) as stream:
        ProgressBar(stream, total, clock=lambda: next(ticks)).move(7, "")
    assert "100%" in drawn(stream)
    assert "? left" in drawn(stream)


@pytest.mark.parametrize("variable", ["TQDM_ASCII", "TQDM_MININTERVAL", "TQDM_DELAY", "TQDM_MINITERS", "TQDM_INITIAL"])
def test_no_variable_of_the_environment_changes_it(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "abc")
    with drawing(monkeypatch) as stream:
        ProgressBar(stream, EPOCHS).move(100, "")
    assert drawn(stream).startswith(" 50% |█")


class ClosedTerminal(io.StringIO):
    """A terminal that takes nothing any more."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def isatty(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        raise self._error


@pytest.mark.parametrize(
    "error", [OSError(5, "gone"), ValueError("closed"), UnicodeEncodeError("ascii", "█", 0, 1, "")]
)
def test_what_the_bar_raises_never_ends_a_run(
    digits: Digits, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    narration = Narration(30)
    monkeypatch.setattr("sys.stderr", ClosedTerminal(error))
    narration.advance(0)
    preset = Preset("test", "A test", NetworkKeys(hidden=5), TrainingKeys(epochs=30))
    end = run_session(preset, digits, [narration], Controls(), 1)
    assert end is not None
    assert end.status == "finished"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00"),
        (59.6, "01:00"),
        (754.0, "12:34"),
        (3600.0, "1:00:00"),
        (146_649.0, "40:44:09"),
        (1e9, "277777:46:40"),
    ],
)
def test_durations_are_written_as_a_clock_shows_them(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


@pytest.mark.parametrize(("epochs", "left"), [(50, "40 s"), (784, "12:54"), (150_010, "41:40:00")])
def test_lines_without_a_terminal_show_long_times_in_minutes_and_hours(
    capsys: pytest.CaptureFixture[str], epochs: int, left: str
) -> None:
    ticks = seconds_passing(0.0, 0.0, 10.0)
    narration = Narration(epochs, clock=lambda: next(ticks))
    narration.advance(0)
    narration.advance(10)
    assert capsys.readouterr().err == f"epoch 10/{epochs}, 1.0 epochs/s, {left} left, \n"
