"""The dashboard as a person sees it: keys are pressed, and the screen is read."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import parse_records, random_digits
from tests.support.screen_reading import (
    ALARM,
    END,
    NOTICE,
    RUN,
    SIZES,
    WARNING,
    Watching,
    measurement,
    trained_runs,
    watch,
)
from tests.support.waiting import join, until
from tuimove.errors import DataError, OutputError, PresetError
from tuimove.recording.history import History
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.settings.matrix_role import MatrixRole
from tuimove.settings.preset import DataKeys
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.starting_law import StartingLaw

SOME = [measurement(epoch) for epoch in range(0, 501, 10)]


@pytest.mark.parametrize("size", SIZES)
def test_the_header_says_what_is_trained_how_far_it_is_and_what_it_does(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        if size[0] > 60:
            assert "784-10-10 relu" in await watching.read(), "the bundled images, before they are loaded"
        first, second, *_ = (await watching.tell(RUN, *SOME)).splitlines()
        assert "One network" in first
        assert "training" in first
        assert "500/1000" in second
        assert "50%" in second
        if size[0] > 60:
            assert "784-10-10 relu" in first
        assert "✔ finished" in (await watching.tell(END)).splitlines()[0]

    watch(body, size)


@pytest.mark.parametrize("size", SIZES)
def test_cards_show_number_change_and_past(size: tuple[int, int]) -> None:
    """All six where there is room, else the one that is chosen."""

    async def body(watching: Watching) -> None:
        title, numbers, past = (await watching.tell(RUN, *SOME)).splitlines()[2:5]
        assert "W1 distance" in title
        assert "12.433" in numbers
        assert past.count("█") >= 1
        assert ("W1 p-value" in title) == (size[0] >= 80)
        assert ("+0.040" in numbers) == (size != (80, 24))

    watch(body, size)


def test_one_key_walks_the_matrices() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        for matrix in ("b1", "W2", "b2", "W1"):
            text = await watching.press("m")
            assert f"{matrix} distance" in text
            assert f"{matrix}: distance from its start [weight]" in text
            assert f"{matrix} entries" in text

    watch(body)


def test_the_chart_walks_the_quantities_and_shows_one_matrix_or_all() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        assert "W1: norm, its own length [weight]" in await watching.press("v")
        assert "Test accuracy [share of images]" in await watching.press("v")
        assert "W1: norm, its own length [weight]" in await watching.press("V")
        text = await watching.press("V", "a")
        assert "each matrix: distance from its start [weight]" in text
        assert all(f" {matrix} " in text for matrix in ("b1", "W2", "b2"))

    watch(body)


@pytest.mark.parametrize(("key", "panel"), [("1", "1 chart"), ("2", "2 histogram"), ("3", "3 movement map"),
                                            ("4", "4 images"), ("5", "5 findings")])  # fmt: skip
def test_in_a_small_window_a_key_opens_each_panel(key: str, panel: str) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press(key)
        assert panel in text
        others = {"1 chart", "2 histogram", "3 movement map", "4 images", "5 findings"} - {panel}
        assert not any(other in text for other in others)

    watch(body, (80, 24))


def test_a_large_window_shows_everything_at_a_glance() -> None:
    async def body(watching: Watching) -> None:
        text = await watching.tell(RUN, *SOME)
        assert all(panel in text for panel in ("1 chart", "2 histogram", "3 movement map", "5 findings"))
        text = await watching.press("4")
        assert "4 images" in text
        assert "3 movement map" not in text

    watch(body)


def test_a_tiny_window_shows_header_one_card_and_findings() -> None:
    async def body(watching: Watching) -> None:
        text = await watching.tell(RUN, *SOME, ALARM)
        assert "5 findings" in text
        assert "✖ alarm" in text
        assert "✖ W1 distance" in text
        assert "W1 norm" not in text
        assert "W1 norm" in await watching.press("v")

    watch(body, (40, 12))


NARROW_KEYS = ["space pause", "[ ] rate", "? help", "q quit"]
ALL_KEYS = [*NARROW_KEYS, "d background", "1-5 panels", "v quantity"]


@pytest.mark.parametrize(("size", "keys"), [((40, 12), NARROW_KEYS), ((80, 24), ALL_KEYS)])
def test_the_keys_at_the_bottom_are_whole_words(size: tuple[int, int], keys: list[str]) -> None:
    async def body(watching: Watching) -> None:
        *_, last = (await watching.tell(RUN, *SOME)).splitlines()
        assert all(key in last for key in keys), last
        assert not set(last) & set("▇▄")

    watch(body, size)


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("key", ["3", "4"])
def test_a_paused_run_can_be_looked_at_for_long(key: str, tmp_path: Path) -> None:
    preset, _ = small_run(tmp_path, 100_000_000)

    async def body(watching: Watching) -> None:
        await until(lambda: watching.worker.mailbox.epoch >= 10, "ten epochs")
        await watching.press("space", key)
        box = watching.worker.mailbox
        await until(lambda: box.latest_weights, "weights")
        for _ in range(2):
            before, watching.dashboard._looked_at = box.latest_weights, -math.inf
            watching.dashboard.poll()
            await until(lambda before=before: box.latest_weights is not before, "weights once more")  # type: ignore[misc]
        assert "paused" in await watching.read()

    watch(body, preset=preset, trains=True)  # type: ignore[arg-type]


def test_findings_come_worst_first_and_newest_of_those() -> None:
    """Each with severity in a word, meaning and advice, then epoch, matrix, rule, number and limit."""

    async def body(watching: Watching) -> None:
        later = replace(ALARM, epoch=510)
        text = await watching.tell(RUN, *SOME, NOTICE, ALARM, WARNING, later)
        places = [text.index(words) for words in ("epoch 510, W1", "epoch 500, W1", "epoch 600, W1")]
        assert places == sorted(places)
        entry = "✖ alarm   The distance fell by 3.25. Lower the learning rate."
        assert f"{entry} (epoch 510, W1: distance_falling 3.2500, limit 2.0000)" in " ".join(text.split()).replace(
            "✖ alarm The", "✖ alarm   The"
        )

    watch(body)


def test_a_finding_colours_its_card_and_marks_its_epoch_on_the_chart() -> None:
    async def body(watching: Watching) -> None:
        assert "✖" not in await watching.tell(RUN, *SOME)
        text = await watching.tell(ALARM)
        assert "✖ W1 distance" in text
        axis = next(line for line in text.splitlines() if line.startswith("         └"))
        assert "✖" in axis

    watch(body)


def test_choosing_a_finding_moves_the_cursor_to_its_epoch() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME, ALARM, replace(ALARM, epoch=250))
        await watching.press("5", "down")
        text = await watching.press("j")
        assert "epoch 250  W1 11.051" in text

    watch(body)


def test_findings_are_filtered_while_typing() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME, ALARM, WARNING, NOTICE)
        text = await watching.press("slash", *"bell")
        assert "W1 is bell-like" in text
        assert "The distance fell" not in text
        assert "no finding matches" in await watching.press(*"xyz")
        text = await watching.press("escape")
        assert "The distance fell" in text

    watch(body, (80, 24))


def test_pausing_stepping_and_going_on_reach_the_run() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        controls = watching.worker.controls
        assert "‖ paused" in await watching.press("space")
        assert not controls.allows_epoch()
        await watching.press("e")
        assert controls.allows_epoch()
        assert not controls.allows_epoch()
        assert "● training" in await watching.press("space")
        await watching.press("left_square_bracket", "left_square_bracket", "right_square_bracket")
        assert controls.take_rate_factor() == 0.5
        await watching.press("f")
        assert controls.stop_reason == "stopped"

    watch(body)


def test_a_snapshot_needs_a_run_folder() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        assert "no run folder" in await watching.press("w")
        assert not watching.worker.controls.take_snapshot()

    watch(body)


def test_restarting_trains_the_same_preset_with_another_seed() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        before = watching.worker
        await watching.press("r")
        assert before.controls.stop_reason == "stopped"
        preset = watching.dashboard.state.preset
        assert preset.training.seed != 1
        assert replace(preset, training=replace(preset.training, seed=1)) == load_preset("same-network")
        assert (
            "W1 distance" not in (await watching.read()).replace("W1 distance\n", "")
            or len(watching.dashboard.state.history) == 0
        )

    watch(body)


def test_help_lists_every_key_that_does_something() -> None:
    """It is made from the bindings, so what is bound is described."""

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("question_mark")
        assert "halve or double the rate" in text
        assert all(title in text for title in ("Steer", "See", "Leave", "Anywhere"))
        assert "keys" not in await watching.press("escape")

    watch(body, (120, 60))


def test_resizing_loses_nothing() -> None:
    """However often and small, and the view of the chart stays as it was."""

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME, ALARM)
        await watching.press("x")
        for size in ((40, 12), (1, 1), (10, 3), (200, 60), (5, 50), (80, 24), (120, 40)):
            await watching.resize(*size)
        text = await watching.read()
        assert "log x" in text
        assert "12.433" in text
        assert "✖ alarm" in text

    watch(body)


def test_without_unicode_everything_is_ascii() -> None:
    """Severities have symbols and words, lines have marks."""

    async def body(watching: Watching) -> None:
        text = await watching.tell(RUN, *SOME, ALARM)
        for key in ("a", "2", "3", "4", "5", "1"):
            text += await watching.press(key)
            text += await watching.resize(80, 24)
            text += await watching.resize(120, 40)
        text += await watching.press("question_mark")
        assert "X alarm" in text
        assert not {character for character in text if ord(character) > 127}

    watch(body, options=ScreenOptions(glyphs="ascii"))


def test_a_failure_is_shown_with_its_reason() -> None:
    async def body(watching: Watching) -> None:
        watching.worker.error = PresetError("data.name = 'nowhere': neither 'mnist' nor a folder")
        text = await watching.tell()
        assert "✖ failed" in text
        assert "neither 'mnist' nor a folder" in text

    watch(body)


@pytest.mark.parametrize("error", [PresetError("network.hidden = 99: needs memory"), DataError("/data: no data set"),
                                   OutputError("/runs: no room"), MemoryError("a matrix")],
                         ids=lambda error: type(error).__name__)  # fmt: skip
@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_run_that_is_refused_says_so_and_how_to_pick_another(error: Exception, size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        watching.worker.error = error
        text = " ".join((await watching.tell()).split())
        assert "The run failed; p picks another preset" in text
        assert str(error) in text
        assert "toggle_pause" in watching.dashboard.missing
        await watching.press("space")
        assert not watching.worker.controls.is_paused
        text = await watching.press("p")
        assert "Start here" in text
        assert "failed" not in text, "the error went with its screen"
        await watching.press("enter")
        assert trained_runs(watching.app)[-1].error is None

    watch(body, size)


def test_nothing_is_drawn_twice_when_nothing_changes() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME, END)
        drawn = []
        watching.dashboard.query_one("#chart").refresh = lambda *regions, **_: drawn.append(regions)  # type: ignore[method-assign,assignment]
        await watching.tell()
        watching.dashboard.show_everything()
        assert not drawn

    watch(body)


def test_the_matrices_of_another_program_are_walked_by_their_names() -> None:
    """And one that the run doesn't list is among them once it is measured."""
    roles = (MatrixRole("fc.weight", "weights", "first", (10, 784), StartingLaw("normal", 0.25)),
             MatrixRole("fc.bias", "bias", "first", (10,), None))  # fmt: skip
    of_four = [measurement(epoch) for epoch in range(0, 100, 10)]
    names = ("fc.weight", "fc.bias", "gamma")
    rows = [replace(row, matrices=dict(zip(names, row.matrices.values(), strict=False))) for row in of_four]

    async def body(watching: Watching) -> None:
        await watching.tell(replace(RUN, matrices=roles), *rows)
        for name in (*names, names[0]):
            assert f"{name}: distance from its start" in await watching.read()
            await watching.pilot.press("m")
        await watching.pilot.press("a")
        assert ": distance from its start" in await watching.read()
        laws = [watching.dashboard.state.law_of(name) for name in (*names, "W1")]
        assert [law and law.kind for law in laws] == ["normal", None, None, None]

    watch(body)


def test_a_hundred_thousand_measurements_stay_bounded() -> None:
    """And are charted from the first to the last."""
    history = History()
    row = {"epoch": 0.0, "W1.distance": 0.0}
    for epoch in range(100_000):
        row["epoch"], row["W1.distance"] = epoch, epoch % 1000
        history.append(row)

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME[:1])
        watching.dashboard.state.history = history
        watching.dashboard.show_everything()
        assert "100000" in await watching.read()
        assert len(history) < 70_000

    watch(body)


def small_run(folder: Path, epochs: int) -> tuple[object, ...]:
    """Return a preset of a small data set."""
    from tests.conftest import write_idx_folder

    data = write_idx_folder(folder / "data", random_digits(200, (6, 5), 4))
    preset = load_preset("same-network")
    training = replace(preset.training, epochs=epochs)
    return replace(preset, training=training, data=DataKeys(name=str(data))), data


def test_a_real_run_is_watched_and_leaves_the_same_weights_as_a_headless_one(tmp_path: Path) -> None:
    """Watching never changes training."""
    preset, _ = small_run(tmp_path, 300)

    async def body(watching: Watching) -> None:
        for key in ("3", "4", "3"):
            await watching.press(key)
        join(watching.worker)
        text = await watching.tell()
        assert "✔ finished" in text
        assert "epoch 300" in text

    watch(body, preset=preset, worker=RunOptions(out=tmp_path / "run"), trains=True)  # type: ignore[arg-type]
    records = parse_records((tmp_path / "run" / "records.jsonl").read_text())
    assert records[-1]["status"] == "finished"

    from tests.runs.test_session import run

    headless = run(random_digits(200, (6, 5), 4), preset)  # type: ignore[arg-type]
    with np.load(tmp_path / "run" / "last.npz", allow_pickle=False) as last:
        np.testing.assert_array_equal(last["W1"], headless.weights["last"][1]["W1"])


@pytest.mark.usefixtures("unhurried")
def test_quitting_ends_the_run_with_everything_saved(tmp_path: Path) -> None:
    preset, _ = small_run(tmp_path, 100_000_000)

    async def body(watching: Watching) -> None:
        await until(lambda: watching.worker.mailbox.epoch >= 10, "ten epochs")
        await watching.press("space", "e", "q")
        watching.app.stop_runs()
        join(watching.worker)

    watch(body, preset=preset, worker=RunOptions(out=tmp_path / "run"), trains=True)  # type: ignore[arg-type]
    assert parse_records((tmp_path / "run" / "records.jsonl").read_text())[-1]["status"] == "stopped"
    assert (tmp_path / "run" / "last.npz").exists()


def test_a_restarted_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    preset, _ = small_run(tmp_path, 3)

    async def body(watching: Watching) -> None:
        for number in (2, 3):
            join(watching.worker)
            await watching.press("r")
            assert f"kept in {tmp_path / 'run'}-{number}" in " ".join(
                note.message for note in watching.app._notifications
            )
        join(watching.worker)

    watch(body, preset=preset, worker=RunOptions(out=tmp_path / "run"), trains=True)  # type: ignore[arg-type]
    for name in ("run", "run-2", "run-3"):
        assert parse_records((tmp_path / name / "records.jsonl").read_text())[-1]["status"] == "finished"


def test_the_next_wrong_image_is_found_and_explained(tmp_path: Path) -> None:
    preset, _ = small_run(tmp_path, 3)

    async def body(watching: Watching) -> None:
        join(watching.worker)
        text = await watching.tell()
        text = await watching.press("4")
        assert "✔" in text or "✖ says" in text
        text = await watching.press("i")
        assert "says" in text
        assert "test image" in text
        assert text.count("%") >= 4
        assert "test image" not in await watching.press("escape")

    watch(body, preset=preset, trains=True)  # type: ignore[arg-type]


def test_the_map_walks_the_neurons(tmp_path: Path) -> None:
    preset, _ = small_run(tmp_path, 3)

    async def body(watching: Watching) -> None:
        join(watching.worker)
        await watching.tell()
        assert "denser: moved more" in await watching.press("3")
        assert "weights of neuron 1 of 10" in await watching.press("right")
        assert "weights of neuron 2 of 10" in await watching.press("l")
        assert "weights of neuron 1 of 10" in await watching.press("h")
        assert "denser: moved more" in await watching.press("left")
        assert "weights of neuron 10 of 10" in await watching.press("left")
        assert isinstance(watching.app.screen, Dashboard)

    watch(body, preset=preset, trains=True)  # type: ignore[arg-type]


def test_a_run_that_has_ended_offers_no_steering_and_says_so() -> None:
    async def body(watching: Watching) -> None:
        assert "pause" in (await watching.tell(RUN, *SOME)).splitlines()[-1]
        assert "pause" not in (await watching.tell(END)).splitlines()[-1]

    watch(body)


def test_a_run_that_is_not_kept_offers_no_background() -> None:
    async def body(watching: Watching) -> None:
        *_, last = (await watching.tell(RUN, *SOME)).splitlines()
        assert ("pause" in last, "background" in last) == (True, False)
        assert watching.dashboard.missing == {"detach", "keep_snapshot"}

    watch(body, worker=RunOptions(is_kept=False))


def test_the_chart_of_a_tiny_window_is_a_key_away() -> None:
    async def body(watching: Watching) -> None:
        assert "5 findings" in await watching.tell(RUN, *SOME)
        assert "W1: distance from its start" in await watching.press("1")

    watch(body, (40, 12))
