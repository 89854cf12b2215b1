"""The compositor says which rows have changed, and forgets them; a screenshot takes nothing from that."""

from __future__ import annotations

from textual.geometry import Region, Size

from tuimove.screen.line.compositor import ChangedRows, MarkingCompositor


def compositor(*regions: Region) -> MarkingCompositor:
    made = MarkingCompositor()
    made.size = Size(10, 5)
    made._dirty_regions = {*regions}
    return made


def told(changed: MarkingCompositor, *, full: bool = False) -> object:
    return changed.render_update(full)


def test_changed_regions_are_told_as_rows_once() -> None:
    changed = compositor(Region(0, 1, 3, 2), Region(5, 4, 1, 1))
    assert told(changed) == ChangedRows(frozenset({1, 2, 4}))
    assert told(changed) is None


def test_the_whole_screen_is_told_as_such() -> None:
    assert told(compositor(Region(0, 0, 10, 5))) == ChangedRows(None)


def test_a_screenshot_leaves_what_has_changed() -> None:
    changed = compositor(Region(0, 1, 3, 1))
    vars(changed)["render_full_update"] = lambda simplify: "a picture"  # noqa: ARG005
    assert told(changed, full=True) == "a picture"
    assert told(changed) == ChangedRows(frozenset({1}))
