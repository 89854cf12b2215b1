"""The header says that the line to the terminal is slow, beside all that it says anyway."""

from __future__ import annotations

import pytest

from tests.support.screen_reading import SIZES, Watching, measurement, watch
from tuimove.screen.line.flow import LineFlow
from tuimove.screen.line.paced_app import PacedApp


class SlowLine(LineFlow):
    """A line whose answers take a second."""

    answer_seconds = 1.0


@pytest.mark.parametrize("size", SIZES)
def test_a_slow_line_is_named_in_the_first_line(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(watching: Watching) -> None:
        plain = (await watching.tell(measurement(10))).split("\n")
        assert "slow line" not in plain[0]
        monkeypatch.setattr(PacedApp, "line", SlowLine())
        slow = (await watching.tell(measurement(20))).split("\n")
        assert slow[0].rstrip().endswith(" slow line")
        assert "training" in slow[0]
        assert len(slow[0].rstrip()) <= size[0]
        monkeypatch.setattr(PacedApp, "line", None)
        assert "slow line" not in (await watching.tell(measurement(30))).split("\n")[0]

    watch(body, size=size)
