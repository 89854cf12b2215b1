"""Draws the README's pictures of the dashboard: `python -m tests.screenshots` (a minute).

Real runs, stopped at a moment worth showing; the SVG files fetch nothing from anywhere.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # read by Textual when it is imported

from textual.pilot import Pilot

from tuimove.preset import Override, change_preset, load_preset
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.worker import WorkerOptions

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


async def take(scene: Scene) -> str:
    """Return a scene's dashboard as SVG."""
    preset = change_preset(load_preset(scene.preset), [Override("scene", key, value) for key, value in scene.changes])
    app = TuimoveApp(replace(preset, name=scene.preset), WorkerOptions(), ScreenOptions())
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
    worker = app.workers_begun[-1]
    while worker.mailbox.epoch < epoch and worker.is_alive():
        await pilot.pause(0.05)
    worker.controls.pause()


def main(scenes: Sequence[Scene] = SCENES) -> None:
    """Draw every scene."""
    FOLDER.mkdir(exist_ok=True)
    for scene in scenes:
        path = FOLDER / f"{scene.name}.svg"
        path.write_text(asyncio.run(take(scene)), encoding="utf-8")
        print(f"{path.relative_to(Path.cwd())}: {path.stat().st_size / 1024:.0f} KB", flush=True)


if __name__ == "__main__":
    main()
