"""The machine's load in a header: read seldom, and not at all while nothing is trained."""

from __future__ import annotations

import os
import time

import pytest

from tests.support.screen_reading import RUN, Watching, measurement, watch
from tuimove.screen.drawing.machine_load import REST_SECONDS, MachineLoad


def test_it_is_read_again_after_a_rest_and_only_while_something_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    now, loads = [100.0], iter([(1.0, 0, 0), (2.0, 0, 0)])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(os, "getloadavg", lambda: next(loads))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    load = MachineLoad()
    assert load.words(is_busy=False) == ""
    assert load.words(is_busy=True) == "load 1.0/2"
    now[0] += REST_SECONDS / 2
    assert load.words(is_busy=True) == "load 1.0/2"
    now[0] += REST_SECONDS
    assert load.words(is_busy=False) == "load 1.0/2"
    assert load.words(is_busy=True) == "load 2.0/2"


@pytest.mark.parametrize(("size", "is_told"), [((80, 24), False), ((120, 40), True)])
def test_the_header_tells_it_where_there_is_room(size: tuple[int, int], is_told: bool) -> None:
    async def body(watching: Watching) -> None:
        text = await watching.tell(RUN, *[measurement(epoch) for epoch in range(0, 100, 10)])
        assert ("load " in text.splitlines()[1]) == is_told

    watch(body, size)
