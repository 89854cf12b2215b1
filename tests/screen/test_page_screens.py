"""The pages of documentation on the screen: opened from the help, scrolled, and left again."""

from __future__ import annotations

import pytest
from textual.widgets import Markdown

from tests.support.screen_reading import SIZES, Watching, settle, watch
from tuimove.screen.app import ScreenOptions
from tuimove.screen.help import HelpScreen
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.page_screens import PageList, PageScreen
from tuimove.settings.pages import page_summary, shipped_pages

FIRST = next(iter(shipped_pages()))


@pytest.mark.parametrize("size", SIZES)
def test_the_help_opens_the_pages_and_every_step_can_be_taken_back(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        assert "enter: pages to read" in await watching.press("question_mark")
        text = await watching.press("enter")
        assert FIRST in text
        if size[0] >= 80:
            assert all(page_summary(page) in text for page in shipped_pages().values())
        text = await watching.press("enter")
        assert FIRST in text.splitlines()[0]
        assert "Commands" in text
        for left in (PageList, HelpScreen, Dashboard):
            await watching.press("escape")
            assert isinstance(watching.app.screen, left)

    watch(body, size)


def test_a_page_is_scrolled_by_the_keys_of_pagers() -> None:
    async def body(watching: Watching) -> None:
        top = await watching.press("question_mark", "enter", "end", "enter")
        assert "Contributing" in top
        assert await watching.press("j") != top
        assert await watching.press("k") == top
        end = await watching.press("G")
        assert "CHANGELOG.md tells" in end
        assert await watching.press("g") == top
        await watching.press("space")
        assert await watching.press("b") == top

    watch(body, (80, 24))


def test_links_lead_to_other_pages_and_never_to_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(watching: Watching) -> None:
        monkeypatch.setattr(watching.app, "open_url", lambda *_, **__: pytest.fail("a browser"))
        await watching.app.push_screen(PageScreen("contributing"))
        await watching.read()
        for href, expected in (
            ("performance.md#performance", "performance"),
            ("https://distributed.dask.org", "distributed.dask"),
        ):
            shown = watching.app.screen.query_one(Markdown)
            shown.post_message(Markdown.LinkClicked(shown, href))
            await settle(watching.pilot)
            assert expected in await watching.read()
        await watching.press("escape")
        assert isinstance(watching.app.screen, PageScreen)
        assert "contributing" in (await watching.read()).splitlines()[0]

    watch(body, (80, 24))


def test_the_run_is_followed_behind_a_page() -> None:
    async def body(watching: Watching) -> None:
        await watching.app.push_screen(PageScreen("contributing"))
        (dashboard,) = (screen for screen in watching.app.screen_stack if isinstance(screen, Dashboard))
        assert dashboard.is_seen

    watch(body)


def test_without_unicode_pages_are_ascii() -> None:
    async def body(watching: Watching) -> None:
        await watching.app.push_screen(PageScreen("dashboard"))
        text = await watching.read() + await watching.press("space") + await watching.press("space")
        assert page_summary(shipped_pages()["dashboard"]) in text
        assert "| e" in text, "a table"
        assert text.isascii()

    watch(body, (80, 24), options=ScreenOptions(glyphs="ascii"))
