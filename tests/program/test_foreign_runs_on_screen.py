"""Runs that another program recorded, with matrices of their own, on the screens of many runs and of one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.foreign_runs import DEEP, foreign_run, write_lines
from tests.support.recordings import recorded
from tests.support.screen_reading import opened, read_until, screen_text, settle
from tests.support.waiting import join, until
from tuimove.errors import TuimoveError
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.one_run.replay import Replay
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.screen.sources.recorded_runs import ReadingThread


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    deep, small = foreign_run("deep", DEEP), foreign_run("small")
    files = {"deep.jsonl": deep, "small.jsonl": small, "own.jsonl": recorded("same-network")}
    return [str(write_lines(tmp_path / name, records)) for name, records in files.items()]


def seen(places: Sequence[str], column: str | None = None, keys: Sequence[str] = ()) -> tuple[list[str], ReadingThread]:
    """Return what the screen of these runs shows once they are read and after each key, and their source."""
    feed, texts = ReadingThread(places, column), []

    async def run() -> None:
        grid = RunGrid(feed, "ascii", None, column)
        async with opened(TuimoveApp(grid, RunOptions(), ScreenOptions()), (120, 40)) as pilot:
            await until(lambda: not feed.is_alive(), "runs that are read")
            for key in (None, *keys):
                if key is not None:
                    await pilot.press(key)
                grid.poll()
                await settle(pilot)
                texts.append(screen_text(pilot.app))

    asyncio.run(run())
    join(feed)
    return texts, feed


def test_many_runs_begin_with_the_first_weights_and_offer_every_matrix_that_any_has(places: list[str]) -> None:
    names = [name for name, _, _ in DEEP]
    texts, _ = seen(places, keys=["m"] * 13)
    walked = [*names[1:], "fc1.bias", "W1", "b1"]
    for name, text in zip(walked, texts, strict=False):
        assert f"{name}: distance from its start [weight]" in text
        assert f"{name} distance test acc" in text


def test_a_run_that_lacks_the_matrix_is_listed_without_a_number(places: list[str]) -> None:
    (text,), _ = seen(places, "fc1.weight.norm")
    assert "fc1.weight: norm, its own length [weight]" in text
    of_deep, of_small, of_own = (line for line in text.splitlines() if " finished " in line)
    assert [" 24." in line for line in (of_deep, of_small, of_own)] == [True, True, False]


def test_a_matrix_that_no_run_has_is_told_and_another_shown(places: list[str]) -> None:
    (text,), feed = seen(places[:2], "fc2.weight.norm")
    assert "conv.weight: norm, its own length [weight]" in text
    with pytest.raises(TuimoveError, match=r"no run has a matrix fc2\.weight; did you mean 'fc1\.weight\.norm'"):
        feed.conclude()


def test_one_run_lists_its_matrices_and_has_no_panels_for_pictures(tmp_path: Path) -> None:
    source = RecordedRun(write_lines(tmp_path / "deep", foreign_run("deep", DEEP)))

    async def run() -> None:
        screen = Replay(source, None, "ascii", 20)
        app = TuimoveApp(screen, RunOptions(), ScreenOptions(fps=20))
        async with opened(app, (120, 40)) as pilot:
            text = await read_until(app, "conv.weight: distance from its start")
            assert "12 matrices" in text
            assert "epoch 100 " in text
            assert "learning rate" not in text
            assert "conv.weigh" in text
            assert "conv.weight entries" in text
            for name in ("conv.weight", "block2.bias", "head.bias"):
                assert name in text, "in the list of matrices"
            for panel in ("movement map", "4 images"):
                assert panel not in text
            await pilot.press("4")
            await settle(pilot)
            assert "images" not in screen_text(app)

    asyncio.run(run())
    join(source)
