"""Draws the dashboard's pictures in README and pages: `python -m tests.screenshots [NAME ...]` (a minute).

Real runs, stopped at a moment worth showing; the SVG files fetch nothing from anywhere.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # read by Textual when it is imported

from textual.pilot import Pilot

from tests.support.screen_reading import trained_runs
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.settings.preset_reading import Override, change_preset, load_preset
from tuimove.settings.sweep import load_experiment

FOLDER = Path(__file__).parent / "screenshots"
SIZE = (120, 40)
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Scene:
    """What to show."""

    name: str
    preset: str
    changes: tuple[tuple[str, object], ...]
    pause_at: int
    """The run is paused once so many epochs have been trained."""
    keys: tuple[str, ...] = ()


SCENES = (
    Scene("training", "same-network", (("measure.every", 5), ("training.epochs", 1000)), 620),
    Scene("faulty", "faulty-lr4", (), 400),
    Scene("map", "weights-uniform", (("measure.every", 5),), 300, ("a", "x", "3")),
)  # fmt: skip


EXPERIMENT_KEYS = ("2", "1", "x", "j", "j", "space", "j", "j", "space", "j", "j", "space", "j")
"""Both axes logarithmic, and three of the runs marked beside the highlighted one."""


async def take(scene: Scene) -> str:
    """Return a scene's dashboard as SVG."""
    preset = change_preset(load_preset(scene.preset), [Override("scene", key, value) for key, value in scene.changes])
    app = TuimoveApp(replace(preset, name=scene.preset), RunOptions(), ScreenOptions())
    async with app.run_test(size=SIZE) as pilot:
        await reach(app, pilot, scene.pause_at)
        await pilot.press(*scene.keys)
        await pilot.pause(2.5)  # the histogram and the map are drawn once a second
        picture = app.export_screenshot(title=f"tuimove run {scene.preset}")
        await pilot.press("q")
    app.stop_runs()
    return FONT_FACE.sub("", picture)


async def reach(app: TuimoveApp, pilot: Pilot[None], epoch: int) -> None:
    """Let the run go on until an epoch, and pause it."""
    await pilot.pause()
    worker = trained_runs(app)[-1]
    while worker.mailbox.epoch < epoch and worker.is_alive():
        await pilot.pause(0.05)
    worker.controls.pause()


async def take_experiment(preset: str, keys: Sequence[str]) -> str:
    """Return the screen of an experiment after its last run, and after some keys, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        options = ExperimentOptions(out=Path(folder) / preset)
        feed = ExperimentThread(load_experiment(preset), options, None)
        app = TuimoveApp(RunGrid(feed, "braille", None), RunOptions(), ScreenOptions())
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            while feed.is_alive():
                await pilot.pause(0.1)
            await pilot.press(*keys)
            await pilot.pause(1.5)
            return FONT_FACE.sub("", app.export_screenshot(title=f"tuimove run {preset}"))


def main(names: Sequence[str] = ()) -> None:
    """Draw every scene and the experiment, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    drawn = {scene.name: take(scene) for scene in SCENES}
    drawn["experiment"] = take_experiment("learning-rates", EXPERIMENT_KEYS)
    for name, picture in drawn.items():
        if names and name not in names:
            picture.close()
            continue
        path = FOLDER / f"{name}.svg"
        path.write_text(asyncio.run(picture), encoding="utf-8")
        print(f"{path.relative_to(Path.cwd())}: {path.stat().st_size / 1024:.0f} KB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
