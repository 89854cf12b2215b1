"""The first screen: choose a preset, read about it, start it or edit it first."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from tuimove.recording.folder.run_summary import RunSummary, living_runs, read_summary
from tuimove.recording.reading.parsing import shown_text
from tuimove.screen.messages import ExperimentChosen, LivingRunChosen, PresetChosen, PresetEditAsked
from tuimove.screen.option_lists import SafeList
from tuimove.screen.while_open import WhileOpen
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.sweep import Experiment, load_experiment

RUN = "run:"
"""Prefix of the ids of runs in the list; no preset's name has it."""


class PresetList(SafeList):
    """The list of presets and runs, with vi keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "next", show=False),
        Binding("k", "cursor_up", "previous", show=False),
        Binding("enter", "select", "open", key_display="enter"),
    ]


class Picker(WhileOpen, Screen[None]):
    """Lists the shipped presets beside their descriptions."""

    CSS = """
    Picker {
        #heading { height: 2; padding: 0 1; background: $surface; }
        PresetList { width: 30; height: 1fr; padding: 0 1; background: transparent; }
        PresetList, PresetList:focus { border: none; }
        #about { width: 1fr; height: 1fr; padding: 0 2; }
        Footer { height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit first"),
        Binding("question_mark", "app.show_help", "help", key_display="?"),
        Binding("t", "app.toggle_theme", "light or dark"),
        Binding("q,escape", "app.quit", "quit"),
    ]

    def __init__(self, left: Container[Path] = ()) -> None:
        """List what goes on but for these folders, which are being left."""
        super().__init__()
        self._left = left

    def compose(self) -> ComposeResult:
        """Yield the list and the description of the highlighted preset."""
        heading = Content.assemble(("tuimove", "bold $primary"), "  watch how far a classifier's weights move\n",
                                   ("choose what to train, or a run that goes on", "$foreground 60%"))  # fmt: skip
        yield Static(heading, id="heading")
        with Horizontal():
            self._going_on = {f"{RUN}{folder.name}": folder for folder in living_runs() if folder not in self._left}
            going_on = [Option(_going_on(folder), id=name) for name, folder in self._going_on.items()]
            presets = [Option(_entry(name, runs), id=name) for name, runs in _shipped_runs()]
            yield PresetList(*going_on, *presets)
            yield Static(id="about")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Highlight the first preset."""
        self.query_one(PresetList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Describe the preset, or the state of the run."""
        name = str(event.option_id)
        if folder := self._going_on.get(name):
            self.query_one("#about", Static).update(_about_run(folder))
            return
        self.query_one("#about", Static).update(_about_preset(load_experiment(name), shipped_presets()[name]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Attach to the run, train the preset, or train the experiment."""
        name = str(event.option_id)
        if folder := self._going_on.get(name):
            self.post_message(LivingRunChosen(folder))
            return
        experiment = load_experiment(name)
        if experiment.keys:
            self.post_message(ExperimentChosen(experiment))
        else:
            self.post_message(PresetChosen(experiment.base))

    def action_edit(self) -> None:
        """Edit the preset before it is trained."""
        option = self.query_one(PresetList).highlighted_option
        if option is None or option.id in self._going_on:
            return
        experiment = load_experiment(str(option.id))
        if experiment.keys:
            self.notify("an experiment is changed in a file of its own, or with --set", severity="warning", timeout=4)
        else:
            self.post_message(PresetEditAsked(experiment.base))


def _going_on(folder: Path) -> Content:
    """Return the entry of a run that another process trains, with the distinctive last part of its id."""
    name, _, own = shown_text(folder.name).rpartition("-")
    return Content.assemble(("● ", "bold $success"), name.rpartition("-")[0] or name, (f" {own}", "$foreground 60%"))


def _about_run(folder: Path) -> Content:
    summary = read_summary(folder)
    is_one = summary.runs is None
    lines = [
        f"{summary.state} in {summary.process}" if summary.process else summary.state,
        f"{summary.clock:<9} {summary.progress.removeprefix('step ')}" if is_one else f"ended     {summary.progress}",
        f"test acc  {summary.accuracy}",
        f"finding   {summary.finding or '-'}",
        "",
        _entering(summary),
    ]
    return Content.assemble((summary.id, "bold"), "\n\n", ("\n".join(lines), "$foreground 60%"))


def _entering(summary: RunSummary) -> str:
    if summary.runs is not None:
        return "enter watches them"
    if summary.clock == "step":
        return "enter attaches to it: watch it, and ask it to stop"
    return "enter attaches to it: watch it, and steer it unless somebody else does"


def _shipped_runs() -> list[tuple[str, int]]:
    """Return the shipped presets and their numbers of runs: the quick one first, experiments last."""
    runs = [(name, len(load_experiment(name).members)) for name in shipped_presets()]
    return sorted(runs, key=lambda one: (one[0] != "quick-look", one[1] > 1, one[0]))


def _entry(name: str, runs: int) -> Content:
    return Content.assemble(name, (f"  {runs} runs", "$foreground 60%")) if runs > 1 else Content(name)


def _about_preset(experiment: Experiment, text: str) -> Content:
    preset = experiment.base
    comment = " ".join(line.lstrip("# ") for line in text.split("title =")[0].splitlines() if line.startswith("#"))
    keys = preset.as_dict()
    lines = [f"{section:<9} " + ", ".join(f"{name} {value}" for name, value in keys[section].items())
             for section in ("network", "training", "data", "measure")]  # fmt: skip
    if experiment.keys:
        lines.append(f"{len(experiment.members)} runs, by {', '.join(experiment.keys)}")
    return Content.assemble((preset.title, "bold"), "\n\n", comment, "\n\n", ("\n".join(lines), "$foreground 60%"))
