"""The cards as a person reads them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.screen_reading import ALARM, RUN, Watching, measurement, watch
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.one_run.cards import range_words

SOME = [measurement(epoch) for epoch in range(0, 501, 10)]


@pytest.mark.parametrize(("size", "change", "span"), [((200, 60), "+0.040 in 10 ep", "0..12.4"),
                                                      ((120, 40), "+0.040/10ep", "0..12.4"),
                                                      ((110, 32), "+0.040", "0..12.4"),
                                                      ((80, 24), "", ""),
                                                      ((40, 12), "+0.040 in 10 ep", "0..12.4")])  # fmt: skip
def test_a_card_tells_over_what_time_it_changed_and_its_range(size: tuple[int, int], change: str, span: str) -> None:
    """As far as there is room."""

    async def body(watching: Watching) -> None:
        _, numbers, past = (await watching.tell(RUN, *SOME)).splitlines()[2:5]
        assert "12.433" in numbers
        assert change in numbers
        assert span in past
        assert (".." in past) == bool(span)

    watch(body, size)


def test_what_hardly_changes_looks_like_it_and_tells_its_range() -> None:
    norms = np.linspace(25.63, 25.67, 30)
    assert len(set(draw_sparkline(norms, 10, "braille"))) <= 2
    assert set(draw_sparkline(np.linspace(0, 7, 8), 8, "braille")) == set("▁▂▃▄▅▆▇█")
    assert range_words(norms, 14) == " 25.630..25.670"
    assert range_words(norms, 12) == " 25.63..25.67"
    assert range_words(norms, 8) == ""


@pytest.mark.parametrize(("values", "words"), [([0, 12.43], " 0..12.4"), ([0.1, 0.92], " 0.10..0.92"),
                                               ([1e-19, 0.9], " 0..0.90"), ([5, 5], ""), ([], ""), ([np.nan], ""),
                                               ([0, 1e9], " 0..1e+9"), ([-1e308, 1e308], "")])  # fmt: skip
def test_a_range_has_as_many_digits_as_tell_its_ends_apart(values: list[float], words: str) -> None:
    assert range_words(np.array(values, float), 20) == words


@pytest.mark.parametrize(("size", "title", "number"), [((110, 32), "✖ W1 distance", "12.433"),
                                                       ((80, 24), "W1 distance", "✖ 12.433"),
                                                       ((60, 18), "W1 dist", "✖ 12.433"),
                                                       ((40, 12), "✖ W1 distance", "12.433")])  # fmt: skip
def test_a_card_with_a_finding_still_names_its_matrix(size: tuple[int, int], title: str, number: str) -> None:
    """The finding's sign stands beside the number where the name takes the whole line."""

    async def body(watching: Watching) -> None:
        names, numbers = (await watching.tell(RUN, *SOME, ALARM)).splitlines()[2:4]
        assert names.lstrip("▌ ").startswith(f"{title}  ")
        assert numbers.lstrip("▌ ").startswith(f"{number} ")
        assert not any(cut in names for cut in ("train ac ", "distan ", "p-valu "))

    watch(body, size)
