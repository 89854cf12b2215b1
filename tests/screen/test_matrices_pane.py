"""The list of a run's matrices as a person walks it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.loop_runs import finding, look, parameters, write_loop
from tests.support.screen_reading import opened, screen_text, settle
from tests.support.waiting import join, until
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.one_run.replay import Replay
from tuimove.screen.sources.recorded_run import RecordedRun

BAD = "transformer.h.1.mlp.c_fc.weight"
NOTED = "transformer.h.0.ln_1.weight"


class Walking:
    """A recorded loop on the screen."""

    def __init__(self, app: TuimoveApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        return await self.read()

    async def read(self) -> str:
        await settle(self.pilot)
        return screen_text(self.app)

    def listed(self, text: str) -> list[str]:
        """Return the lines below the heading of the list."""
        lines = text.splitlines()
        start = next(place for place, line in enumerate(lines) if "moved" in line and "left" in line)
        ends = (place for place, line in enumerate(lines) if place > start and ("5 findings" in line or "quit" in line))
        return lines[start + 1 : next(ends)]


def walk(
    body: Callable[[Walking], Awaitable[None]],
    folder: Path,
    size: tuple[int, int] = (120, 40),
    glyphs: Glyphs = "braille",
) -> None:
    """Run a body beside a recorded loop that has been read."""

    async def run() -> None:
        source = RecordedRun(folder)
        app = TuimoveApp(Replay(source, None, glyphs, 20), RunOptions(), ScreenOptions(glyphs, fps=20))
        async with opened(app, size) as pilot:
            await until(lambda: source.is_read and not source.mailbox.waiting, "a record that is read")
            await settle(pilot)
            await body(Walking(app, pilot))
        join(source)

    asyncio.run(run())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a loop with 50 matrices, two of which have findings; its last look is at step 27."""
    return write_loop(tmp_path / "run", 4, 20, finding(9, BAD, "alarm"), finding(9, NOTED, "notice"))


def test_every_matrix_has_a_line_the_worst_first_and_no_panel_is_empty(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.read()
        first, second, *_ = walking.listed(text)
        for words in (BAD, "256x64", "inner", "alarm"):
            assert words in first
        assert NOTED in second
        assert "3 matrices, worst finding first" in text
        assert "2 histogram" in text
        for absent in ("movement map", "images"):
            assert absent not in text

    walk(body, folder)


def test_the_screen_counts_steps_and_tells_framework_optimizer_and_rate(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.read()
        for words in ("nanoGPT   torch 2.13.0, AdamW, 50 matrices   learning rate 0.001", "step 27", "log x"):
            assert words in text
        assert "step 9" in text, "the findings"
        for absent in ("epoch", "test acc", "loss", "/1000"):
            assert absent not in text

    walk(body, folder, (130, 40))


def test_what_a_loop_notes_has_a_card_and_is_in_the_header(tmp_path: Path) -> None:
    more = look(parameters(4), 25, loss=0.5, test_accuracy=0.75, noted={"validation_loss": 0.25})
    folder = write_loop(tmp_path / "run", 4, 19, more)

    async def body(walking: Walking) -> None:
        text = await walking.read()
        assert "validation loss 0.2500   test accuracy 0.7500" in text
        cards = text.splitlines()[2]
        assert "test acc" in cards
        assert "loss" in cards

    walk(body, folder)


def test_walking_the_list_shows_that_matrix_on_cards_chart_and_histogram(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.press("3", "home", "j")
        assert f"{NOTED}: distance from its start" in text
        assert "…h.0.ln_1.w entries" in text
        text = await walking.press("up")
        assert f"{BAD}: distance from its start" in text
        assert "2 histogram: normal, 0.02" in text

    walk(body, folder)


def test_marked_matrices_stay_on_the_chart_four_at_most(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.press("3", "home", "c", "j", "c", "j")
        assert "A …h.1.mlp.c_fc.w, B …h.0.ln_1.w, C" in text
        lines = walking.listed(text)
        assert [line[1:3] for line in lines[:3]] == ["A+", "B+", "C "]
        text = await walking.press("c", "j", "c", "j", "c")
        assert sum(line[2] == "+" for line in walking.listed(text)) == 4
        text = await walking.press("escape")
        assert sum(line[2] == "+" for line in walking.listed(text)) == 0

    walk(body, folder)


def test_the_list_is_sorted_by_a_key_and_filtered_while_it_has_the_focus(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.press("3", "s")
        assert "3 matrices, farthest first" in text
        text = await walking.press("s", "home")
        assert "3 matrices, by place" in text
        assert "transformer.wte.weight" in walking.listed(text)[0]
        text = await walking.press("slash", *"h.2 weights", "enter")
        shown = [line for line in walking.listed(text) if line.strip()]
        assert len(shown) == 4
        assert all("transformer.h.2." in line for line in shown)
        assert "4 with 'h.2 weights'" in text
        assert " filter: h.2 weights" in text
        text = await walking.press("slash", *"xyz", "enter")
        assert "no matrix matches 'xyz': esc clears the filter" in text
        text = await walking.press("escape")
        assert "with 'h.2" not in text

    walk(body, folder, (120, 60))


def test_a_finding_shows_its_matrix_even_where_the_filter_leaves_it_out(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        await walking.press("3", "slash", *"lm_head", "enter")
        text = await walking.press("5", "down")
        assert f"{BAD}: norm, its own length" in text

    walk(body, folder)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12), (30, 8)])
@pytest.mark.parametrize("glyphs", ["braille", "ascii"])
def test_the_list_fits_every_window(folder: Path, size: tuple[int, int], glyphs: Glyphs) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.press("3", "home")
        assert "matrix" in text
        assert (
            walking.listed(f"{text}\n quit")[0]
            .rstrip()
            .endswith("alarm" if size[0] >= 80 else ("✖", "X")[glyphs == "ascii"])
        )

    walk(body, folder, size, glyphs)


def test_three_hundred_matrices_scroll_to_the_last(tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "run", 25, 20)

    async def body(walking: Walking) -> None:
        assert "302 matrices" in await walking.read()
        text = await walking.press("3", "s", "s", "end")
        assert "lm_head.weight" in walking.listed(text)[-1]
        text = await walking.press("pageup", "pageup", "home")
        assert "transformer.wte.weight" in walking.listed(text)[0]
        await walking.press("m")
        assert "transformer.h.0.ln_1.weight: distance from its start" in await walking.read()

    walk(body, folder)


def test_the_help_lists_what_can_be_done_and_nothing_else(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        text = await walking.press("question_mark")
        for words in ("Matrices", "compare", "sort"):
            assert words in text
        for absent in ("movement map", "images", "one epoch", "halve the learning rate", "neuron"):
            assert absent not in text

    walk(body, folder, (100, 90))


def test_the_others_are_drawn_underneath_the_shown_one(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        alone = await walking.press("3", "home")
        beside = await walking.press("a")
        assert ": distance from its start" in beside
        plots = ["\n".join(line[:74] for line in text.splitlines()[7:16]) for text in (alone, beside)]
        assert sum(not character.isspace() for character in plots[1]) > sum(
            not character.isspace() for character in plots[0]
        )

    walk(body, folder)


def test_quantities_without_numbers_are_passed_over(folder: Path) -> None:
    async def body(walking: Walking) -> None:
        titles = set()
        for _ in range(12):
            text = await walking.press("v")
            titles.add(text.splitlines()[6].split(" [")[0].split(": ")[-1].strip())
        assert "norm, its own length" in titles
        assert not {"Loss", "Test accuracy", "Training accuracy"} & titles

    walk(body, folder)
