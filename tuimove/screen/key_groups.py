"""The deeds of a screen and of its panels, for the help and the palette, read from the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textual.actions import parse
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tuimove.screen.deeds import Section, is_missing, listed_deeds, section_of
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.many_runs.run_list import RunList
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.findings import FindingList
from tuimove.screen.one_run.histogram import HistogramPanel
from tuimove.screen.one_run.images import ImagesPanel
from tuimove.screen.one_run.map import MapPanel
from tuimove.screen.one_run.matrices_pane import MatricesPane
from tuimove.screen.one_run.matrix_list import MatrixList
from tuimove.screen.one_run.panels import RunPanel

SECTIONS: Sequence[Section] = ("Steer", "See", "Leave")
PANELS: Sequence[tuple[type[Widget], str, RunPanel | None]] = (
    (Chart, "Chart", "chart"), (HistogramPanel, "Histogram", "histogram"), (MapPanel, "Movement map", "map"),
    (ImagesPanel, "Images", "images"), (MatricesPane, "Matrices", "matrices"), (MatrixList, "Matrices", "matrices"),
    (FindingList, "Findings", "findings"), (RunList, "Runs", None),
)  # fmt: skip
"""Panels with keys of their own, their headings, and their names on the screen of one run."""
OURS = "tuimove."
OTHER_PANELS = "Other panels"
SHOWING_HELP = "show_help"
LEAST_FOR_HEADING = 6
"""Keys from which on a panel has a heading of its own."""


@dataclass(frozen=True)
class KeyGroup:
    """Bindings under one heading."""

    title: str
    node: DOMNode
    """What their actions act on."""
    bindings: Sequence[Binding]


def key_groups(app: App[None], screen: Screen[object]) -> Iterator[KeyGroup]:
    """Yield what can be done on a screen: steering, seeing and leaving, then its panels, then anywhere."""
    missing: frozenset[str] = getattr(screen, "missing", frozenset())
    usable = [one for one in own_bindings(screen) if not is_missing(one, missing) and _is_possible(one, screen)]
    for section in SECTIONS:
        if chosen := [binding for binding in usable if section_of(binding) == section]:
            yield KeyGroup(section, screen, chosen)
    yield from _panel_groups(screen)
    yield KeyGroup("Anywhere", app, own_bindings(app))


def _panel_groups(screen: Screen[object]) -> Iterator[KeyGroup]:
    """Yield the keys of each panel, and of any other widget that has some, under its own heading."""
    for widget in screen.walk_children(Widget):
        title, name = next(((title, name) for kind, title, name in PANELS if isinstance(widget, kind)), (None, None))
        if isinstance(screen, Dashboard) and name not in screen.panels:
            continue
        title = title or getattr(widget, "KEYS_TITLE", None)
        if title and (bindings := own_bindings(widget)):
            yield KeyGroup(title, widget, bindings)


def folded_groups(groups: Iterable[KeyGroup]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield headings and deeds for a list: panels with few keys under one heading, and nothing twice."""
    small: dict[str, list[Binding]] = {}
    told = {SHOWING_HELP}
    for group in groups:
        fresh = [binding for binding in group.bindings if _plain(binding) not in told]
        if not isinstance(group.node, Screen | App) and len(fresh) < LEAST_FOR_HEADING:
            small.setdefault(group.title, []).extend(fresh)
            continue
        told |= {_plain(binding) for binding in fresh if isinstance(group.node, Screen)}
        if small and isinstance(group.node, App):
            yield (
                (next(iter(small)) if len(small) == 1 else OTHER_PANELS),
                listed_deeds(one for listed in small.values() for one in listed),
            )
        yield group.title, listed_deeds(fresh)


def _plain(binding: Binding) -> str:
    return binding.action.removeprefix("app.")


def own_bindings(node: DOMNode) -> list[Binding]:
    """Return the bindings that tuimove's classes give a node; where several have one key, the most special one's."""
    found: list[Binding] = []
    for kind in type(node).__mro__:
        if kind.__module__.startswith(OURS):
            taken = {binding.key for binding in found}
            listed = [one for one in kind.__dict__.get("BINDINGS", ()) if isinstance(one, Binding)]
            found += [one for one in listed if one.key not in taken]
        if not kind.__dict__.get("_inherit_bindings", True):
            break
    return [binding for binding in found if binding.description]


def _is_possible(binding: Binding, screen: Screen[object]) -> bool:
    destination, name, parameters = parse(binding.action)
    return bool(destination) or screen.check_action(name, parameters) is not False
