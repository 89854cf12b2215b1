"""The movement map as a person sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.screen.test_dashboard import small_run
from tests.support.screen_reading import Watching, watch
from tests.support.waiting import join


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
def test_the_map_stands_in_the_middle_with_a_bar_of_its_colours(size: tuple[int, int], tmp_path: Path) -> None:
    """Below the picture or, where there are few rows, beside it; without colours characters stand for them."""
    preset, _ = small_run(tmp_path, 3)

    async def body(watching: Watching) -> None:
        join(watching.worker)
        await watching.tell()
        watching.app.clear_notifications()
        text = await watching.press("3")
        region = watching.dashboard.query_one("#map").content_region
        rows = [line[region.x : region.right] for line in text.splitlines()[region.y : region.bottom]]
        assert "denser: moved more" in "\n".join(rows)
        bar = next(row for row in rows if "*#%@ 0." in re.sub(r"(.)\1+", r"\1", row))
        assert " 0 " in f" {bar}"
        if size[1] > 12:
            left, right = len(bar) - len(bar.lstrip()), len(bar) - len(bar.rstrip())
            assert abs(left - right) <= 1
            assert "weight (RMS)" in bar
        assert "weights of neuron 1 of 10" in " ".join((await watching.press("right")).split())

    watch(body, size, preset=preset, trains=True)  # type: ignore[arg-type]
