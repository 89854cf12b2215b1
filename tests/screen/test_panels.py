"""Which panels a window shows, and how their keys look."""

from __future__ import annotations

from tests.support.screen_reading import RUN, Watching, measurement, watch
from tuimove.screen.one_run.panels import RunPanel, arrange

OWN: tuple[RunPanel, ...] = ("chart", "histogram", "map", "images", "findings")


def test_the_histogram_or_a_picture_is_beside_the_chart_and_both_where_there_are_rows() -> None:
    low, high = 32, 40
    assert arrange("large", OWN, 4, ("chart",), low).panels == {"chart", "histogram", "findings"}
    assert arrange("large", OWN, 4, ("findings", "images", "chart"), low).panels == {"chart", "images", "findings"}
    assert arrange("large", OWN, 4, ("chart",), high).panels == {"chart", "histogram", "map", "findings"}
    assert arrange("large", OWN, 4, ("histogram", "images"), high).panels == {*OWN} - {"map"}


def test_a_tiny_window_gives_the_cards_rows_to_a_picture() -> None:
    assert arrange("tiny", OWN, 4, ("chart",), 12).has_cards
    assert not arrange("tiny", OWN, 4, ("histogram",), 12).has_cards
    assert arrange("tiny", OWN, 4, ("chart", "chart"), 12).panels == {"chart"}


def test_the_number_in_a_title_looks_like_the_key_that_it_is() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, measurement(0))
        app, title = watching.app, watching.dashboard.query_one("#chart")._border_title
        assert title is not None
        assert title.plain == "1 chart"
        assert [str(span.style) for span in title.spans] == ["bold $footer-key-foreground"]
        assert not app.no_color

    watch(body)
