"""What works on every screen: pictures, messages, the palette, and the words above a user's first run."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.support.screen_reading import (
    ALARM,
    END,
    NOTICE,
    RUN,
    Watching,
    measurement,
    opened,
    read_until,
    screen_text,
    settle,
    watch,
)
from tuimove.recording.folder import first_run
from tuimove.recording.folder.store import runs_folder
from tuimove.runs.run_options import RunOptions
from tuimove.screen import everywhere
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.told_messages import MessageScreen

SOME = [measurement(epoch) for epoch in range(0, 500, 10)]
DISTANCE = "Distance: "


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a user who has never trained anything."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr(everywhere, "is_first_run", first_run.is_first_run)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
def test_the_first_run_explains_the_distance_in_one_line_until_esc(size: tuple[int, int]) -> None:
    async def first(watching: Watching) -> None:
        text = await watching.tell(RUN, *SOME)
        (line,) = (line for line in text.splitlines() if line.startswith(f" {DISTANCE}"))
        assert line.rstrip().endswith("esc")
        assert DISTANCE not in await watching.press("escape")
        assert watching.dashboard.is_current

    async def later(watching: Watching) -> None:
        assert DISTANCE not in await watching.tell(RUN, *SOME)

    watch(first, size)
    watch(later, size)


@pytest.mark.usefixtures("fresh")
def test_a_run_that_isn_t_kept_explains_the_distance_and_writes_nothing() -> None:
    async def body(watching: Watching) -> None:
        assert DISTANCE in await watching.tell(RUN, *SOME)

    watch(body, worker=RunOptions(is_kept=False))
    assert not runs_folder().parent.exists()
    watch(body, worker=RunOptions(is_kept=False))


def test_the_screen_is_saved_as_svg_and_never_over_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        assert "tuimove-same-network-490.svg" in await watching.press("S")
        assert "tuimove-same-network-490-2.svg" in await watching.press("S")
        await watching.press("question_mark")
        await watching.press("f12")
        shown = (tmp_path / "tuimove-same-network-490.svg").read_text(encoding="utf-8")
        assert "test&#160;acc" in shown
        assert not re.search(r"url\(.https?:", shown), "nothing is fetched"
        helping = (tmp_path / "tuimove-same-network-490-3.svg").read_text(encoding="utf-8")
        assert "Steer" in helping

    watch(body)


def test_a_picture_goes_to_the_run_s_folder_where_the_working_folder_takes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gone = tmp_path / "run"
    gone.mkdir()

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        watching.worker.out = gone
        working = tmp_path / "working"
        working.mkdir()
        monkeypatch.chdir(working)
        working.rmdir()
        await watching.press("S")
        assert (gone / "tuimove-same-network-490.svg").exists()
        watching.worker.out = None
        assert "the picture can't be written" in await watching.press("S")
        monkeypatch.chdir(tmp_path)

    watch(body)


def test_what_was_said_can_be_read_later_each_with_its_time() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        watching.worker.words.append("compiling kernels takes a minute")
        watching.dashboard.poll()
        await watching.press("right_square_bracket")
        text = await watching.press("M")
        said = [line for line in text.splitlines() if re.search(r"\d\d:\d\d:\d\d  ", line)]
        assert any("rate doubled" in line for line in said)
        assert any("compiling kernels takes a minute" in line for line in said)
        assert any("training" in line for line in said)
        watching.app.notify("one more")
        await read_until(watching.app, "one more")
        await watching.press("escape")
        assert isinstance(watching.app.screen, Dashboard)

    watch(body)


@pytest.mark.parametrize("size", [(120, 40), (40, 12)])
def test_the_messages_open_at_the_newest_one_and_stay_there_until_one_scrolls(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        for place in range(100):
            watching.app.messages.add(f"said as number {place} of a hundred, in more words than fit on one line of 40")
        text = await watching.press("M")
        assert "number 99" in text
        assert "number 3 " not in text
        watching.app.messages.add("said later")
        await read_until(watching.app, "said later")
        assert "said later" in await watching.resize(60, 20)
        await watching.press("k")
        await watching.press("home")
        watching.app.messages.add("the last word")
        assert isinstance(watching.app.screen, MessageScreen)
        watching.app.screen._show_new()
        assert "number 0 " in await watching.read()

    watch(body, size)


def test_findings_stand_among_the_messages_in_the_order_in_which_they_came() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME[:5], NOTICE)
        await watching.press("right_square_bracket")
        await watching.tell(SOME[5], ALARM, END)
        text = await watching.press("M")
        said = [line.rstrip() for line in re.findall(r"\d\d:\d\d:\d\d  ([^│]*)│", text)]
        assert said == ["loading", "notice at epoch 700, W2: The norm grew.", "training",
                        "rate doubled from the next epoch on",
                        "alarm at epoch 500, W1: The distance fell by 3.25.", "finished"]  # fmt: skip

    watch(body)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
def test_the_palette_finds_and_does_what_the_keys_do(key: str) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        await watching.press(key)
        await read_until(watching.app, "Chart all matrices, or one  a")
        await watching.press(*"y axis log")
        await read_until(watching.app, "Chart: turn the y axis logarithmic  y")
        await watching.press("enter")
        text = await watching.press(*["enter"] * (not isinstance(watching.app.screen, Dashboard)))
        assert isinstance(watching.app.screen, Dashboard)
        assert "log y" in text.splitlines()[6] or "log" in text

    watch(body, (120, 40))


def test_the_palette_has_every_deed_of_the_first_screen() -> None:
    async def run() -> None:
        app = TuimoveApp(None, RunOptions(), ScreenOptions())
        async with opened(app, (120, 40)) as pilot:
            await pilot.press("colon")
            await settle(pilot)
            text = await read_until(app, "Turn light or dark  t")
            assert "Quit  q esc ^c" in text
            assert "Change settings first  e" in text
            await pilot.press("escape")
            await settle(pilot)
            assert "Start here" in screen_text(app)

    asyncio.run(run())


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
def test_one_message_at_a_time_stands_in_place_of_the_footer_and_covers_nothing(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        before = (await watching.tell(RUN, *SOME)).splitlines()
        await watching.press("left_square_bracket")
        after = (await watching.press("right_square_bracket")).splitlines()
        assert "doubled" in after[-1]
        assert not any("halved" in line or "doubled" in line for line in after[:-1])
        assert [line.rstrip() for line in after[2:-1]] == [line.rstrip() for line in before[2:-1]]

    watch(body, size)


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
def test_of_messages_that_come_at_once_only_the_last_is_shown(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        for number in range(5):
            watching.app.notify(f"message {number}")
            await asyncio.sleep(0)
        text = await watching.read()
        assert re.findall(r"message \d", text) == ["message 4"]

    watch(body, size)


@pytest.mark.parametrize("glyphs", ["braille", "ascii"])
def test_a_long_path_in_a_message_keeps_its_end(glyphs: Glyphs) -> None:
    path = "/home/somebody/" + "a-folder-with-a-long-name/" * 9 + "run-1"

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        watching.app.notify(f"weights of this epoch go to {path}", markup=False)
        shown = "".join("".join((await watching.read()).splitlines()[-3:]).split())
        assert re.fullmatch(r"weightsofthisepochgoto[~…]/(a-folder-with-a-long-name/){2,6}run-1", shown)
        assert ("…" in shown) == (glyphs == "braille")
        said = "".join(line.strip(" │|") for line in (await watching.press("M")).splitlines())
        assert path in said, "whole among the messages"

    watch(body, (80, 24), options=ScreenOptions(glyphs=glyphs))


def test_a_message_too_long_for_a_line_has_two() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        watching.app.notify("these words are too many for a line of a window of eighty columns, so they take two",
                            severity="warning")  # fmt: skip
        lines = (await watching.read()).splitlines()
        assert lines[-2].startswith(" these words")
        assert lines[-1].strip() == "take two"

    watch(body, (80, 24))


@pytest.mark.parametrize("key", ["question_mark", "M"])
def test_a_message_covers_no_line_of_a_dialogue_but_its_frame(key: str) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        before = (await watching.press(key)).splitlines()
        watching.app.notify("something was said")
        after = (await watching.read()).splitlines()
        assert "something was said" in after[-1]
        assert before[-1].startswith(("╰", " "))
        if key == "question_mark":
            assert after[:-1] == before[:-1]

    watch(body, (80, 24))


def test_an_error_is_read_whole_above_the_footer() -> None:
    words = "the disk is full: " + "/home/somebody/runs/same-network-20261126T000000-abcdef " * 2

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        watching.app.notify(words, severity="error", markup=False)
        await watching.press("left_square_bracket")
        text = " ".join(line.strip() for line in (await watching.read()).splitlines()[-6:])
        assert text.count("abcdef") == 2

    watch(body, (80, 24))
