"""What a headless run says in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tuimove.command_line.headless.narration import Narration
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import NetworkKeys, Preset, TrainingKeys
from tuimove.training.image_set import Digits

PRESET = Preset("test", "A test", NetworkKeys(hidden=5), TrainingKeys(epochs=30))


def seconds_passing(step: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def narrate(digits: Digits, step: float = 0.01) -> None:
    ticking = seconds_passing(step)
    run_session(PRESET, digits, [Narration(30, clock=lambda: next(ticking))], Controls(), 1)


def test_without_a_terminal_a_line_comes_at_most_every_five_seconds(
    digits: Digits, capsys: pytest.CaptureFixture[str]
) -> None:
    narrate(digits, step=1.0)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch ") and "left" in line]
    assert len(lines) == 6
    assert lines[0].startswith("epoch 4/30, 0.8 epochs/s, 32 s left, test accuracy 0.")


def test_a_quick_run_says_only_how_it_began_and_ended(digits: Digits, capsys: pytest.CaptureFixture[str]) -> None:
    narrate(digits)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "A test: 30-5-4, relu, uniform start, learning rate 0.5, 30 epochs over 200 images, seed 1, 1 thread"
    )
    assert lines[1].startswith("finished after 30 epochs in ")
    assert lines[2].split() == ["epoch", "30", "distance", "norm", "at", "start", "p-value", "at", "start"]
    assert [line.split()[0] for line in lines[3:7]] == ["W1", "b1", "W2", "b2"]
    assert len({len(line) for line in lines[2:7]}) == 1, "the columns line up"
    assert lines[-1].startswith("test accuracy     0.")
    assert max(map(len, lines[1:])) <= 80


def test_a_silenced_narration_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    narration = Narration(30)
    narration.silence()
    narration.say("words")
    narration.advance(3)
    assert capsys.readouterr().err == ""
