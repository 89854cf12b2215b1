"""The first screen: choose a preset or a recorded run, read about it, start it or edit it first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tuimove.recording.folder.recent_runs import StoredRun, recent_runs
from tuimove.recording.folder.run_summary import RunSummary, living_runs, read_summary
from tuimove.recording.reading.parsing import shown_text
from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.messages import (
    ExperimentChosen,
    LivingRunChosen,
    PresetChosen,
    PresetEditAsked,
    RecordedExperimentChosen,
    RecordedRunChosen,
)
from tuimove.screen.option_lists import SafeList
from tuimove.screen.picked_words import about_preset, about_run, brief_preset, brief_run
from tuimove.screen.preset_words import grouped_presets
from tuimove.screen.while_open import WhileOpen
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.sweep import load_experiment

RUN = "run:"
"""Prefix of the ids of runs in the list; no preset's name has it."""
MOST_RECORDED = 50
"""Most recorded runs in the list; `tuimove runs` lists all."""
LIVING, RECORDED = "Running now", "Recorded runs"
NARROW, WIDE, TALL = 60, 100, 34
"""Columns below which the description stands below the list, and from which on the list has room for seconds, and rows
from which on groups stand apart."""
REST_SECONDS = 0.08
"""Seconds that a run stays highlighted before its records are read."""


class PresetList(SafeList):
    """The list of presets and runs, with vi keys."""

    KEYS_TITLE = "List"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "train it, or open it"),
        Binding("down,j", "cursor_down", "go to the next line", show=False),
        Binding("up,k", "cursor_up", "go to the previous line", show=False),
        Binding("home,g", "first", "go to the first line", show=False),
        Binding("end,G", "last", "go to the last line", show=False),
    ]


class Picker(WhileOpen, Screen[None]):
    """Lists presets in groups and recorded runs, with a description of the highlighted one."""

    CSS = """
    Picker {
        #heading { height: 2; padding: 0 1; background: $surface; }
        #choices { layout: horizontal; height: 1fr; }
        PresetList { width: 34; height: 1fr; padding: 0 1; background: transparent; scrollbar-size-vertical: 1; }
        PresetList, PresetList:focus { border: none; }
        #about { width: 1fr; height: 1fr; padding: 0 2; }
    }
    Picker.-wide PresetList { width: 37; }
    Picker.-narrow #choices { layout: vertical; }
    Picker.-narrow PresetList { width: 1fr; }
    Picker.-narrow #about { height: 3; padding: 0 1; background: $surface; }
    Picker.-narrow #about, Picker.-narrow #heading { text-wrap: nowrap; text-overflow: ellipsis; }
    Picker.-narrow #heading { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "change settings first"),
        Binding("question_mark", "app.show_help", "show this help", key_display="?"),
        Binding("t", "app.toggle_theme", "turn light or dark", show=False),
        Binding("q,escape", "app.quit", "quit"),
    ]

    def __init__(self, left: Collection[Path] = ()) -> None:
        """List what goes on but for these folders, which are being left."""
        super().__init__()
        self._left = left
        self._runs: dict[str, StoredRun | Path] = {}
        """Runs in the list, by their ids there: recorded ones, and the folders of living ones."""
        self._rates: Mapping[int, float] | None = None
        """Seconds per epoch and image by width, once they have been read."""

    def compose(self) -> ComposeResult:
        """Yield the list and the description of the highlighted entry."""
        heading = Content.assemble(("tuimove", "bold $primary"), "  watch how far a classifier's weights move\n",
                                   ("choose what to train, or a run to look at", "$foreground 60%"))  # fmt: skip
        yield Static(heading, id="heading")
        with Container(id="choices"):
            yield PresetList(*self._options())
            yield Static(id="about")
        yield KeyLine()

    def _options(self) -> Iterator[Option]:
        """Yield the entries with their headings, living runs first, since one comes back to look at them."""
        living = [folder for folder in living_runs() if folder not in self._left]
        if living:
            yield from self._group(LIVING, [(folder.name, folder, _living_entry(folder)) for folder in living])
        for place, (title, presets) in enumerate(grouped_presets().items()):
            yield self._heading(title, is_first=not living and not place)
            yield from (Option(_preset_entry(name, runs), id=name) for name, runs in presets)
        recorded, others = recent_runs(MOST_RECORDED, {folder.name for folder in living})
        if others:
            yield self._heading(RECORDED, about=f"newest {len(recorded)}; all: tuimove runs")
        if recorded:
            told = Counter(str(_recorded_entry(run)) for run in recorded)
            runs = [(run.folder.name, run, _told_apart(run, told)) for run in recorded]
            yield from self._group(RECORDED, runs, has_heading=not others)

    def _group(
        self, title: str, runs: Sequence[tuple[str, StoredRun | Path, Content]], *, has_heading: bool = True
    ) -> Iterator[Option]:
        if has_heading:
            yield self._heading(title, is_first=title == LIVING)
        for name, run, entry in runs:
            self._runs[f"{RUN}{name}"] = run
            yield Option(entry, id=f"{RUN}{name}")

    def _heading(self, title: str, about: str = "", *, is_first: bool = False) -> Option:
        gap = "\n" if self.app.size.height >= TALL and not is_first else ""
        return Option(
            Content.assemble(gap, (title, "bold $primary"), (f"\n  {about}" if about else "", "$foreground 60%")),
            disabled=True,
        )

    def on_mount(self) -> None:
        """Highlight the first entry; how fast this machine trains is read after the first frame."""
        entries = self.query_one(PresetList)
        entries.focus()
        entries.action_first()
        self.run_worker(self._read_rates, thread=True, exit_on_error=False)

    def on_resize(self, event: events.Resize) -> None:
        """Put the description beside the list, or below it."""
        self.set_class(event.size.width < NARROW, "-narrow")
        self.set_class(event.size.width >= WIDE, "-wide")
        self._describe()

    def _read_rates(self) -> None:
        """Read how fast this machine has trained, in a thread."""
        from tuimove.recording.folder.measured_rates import measured_rates

        rates = measured_rates()
        self.call_later(self._take_rates, rates)

    def _take_rates(self, rates: Mapping[int, float]) -> None:
        if self.is_attached:
            self._rates = rates
            self._describe()

    @property
    def missing(self) -> frozenset[str]:
        """What the highlighted entry can't be asked for: a run has no settings to change any more."""
        return frozenset(("edit",)) if self._highlighted in self._runs else frozenset()

    @property
    def _highlighted(self) -> str:
        option = self.query_one(PresetList).highlighted_option
        return str(option.id) if option else ""

    def on_option_list_option_highlighted(self) -> None:
        """Describe the highlighted entry, and offer the keys that it has."""
        self._describe()
        self.refresh_bindings()

    def _describe(self) -> None:
        """Describe the preset at once, a run after its records have been read."""
        name = self._highlighted
        if name in self._runs:
            self._put(Content.styled(shown_text(name.removeprefix(RUN)), "bold"))
            self.set_timer(REST_SECONDS, lambda: self._ask_about(name))
        elif name in shipped_presets():
            experiment, is_narrow = load_experiment(name), self.has_class("-narrow")
            about = brief_preset if is_narrow else about_preset
            self._put(about(experiment, shipped_presets()[name], self._rates))

    def _put(self, about: Content) -> None:
        if getattr(self.app, "is_plain", False):
            about = Content("+-").join(about.split("±"))  # two cells for one, so before lines are broken
        self.query_one("#about", Static).update(about)

    def _ask_about(self, name: str) -> None:
        """Read about a run, unless another entry has been walked to."""
        if self.is_attached and name == self._highlighted:
            read = partial(self._read_about, name)
            self.run_worker(read, thread=True, exclusive=True, group="about", exit_on_error=False)

    def _read_about(self, name: str) -> None:
        """Read a run's records, in a thread."""
        run = self._runs[name]
        summary = read_summary(run.folder if isinstance(run, StoredRun) else run)
        self.call_later(self._take_about, name, summary)

    def _take_about(self, name: str, summary: RunSummary) -> None:
        if self.is_attached and name == self._highlighted:
            is_living = not isinstance(self._runs[name], StoredRun)
            about = brief_run if self.has_class("-narrow") else about_run
            self._put(about(summary, is_living=is_living))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Attach to the run, open it, train the preset, or train the experiment."""
        name = str(event.option_id)
        run = self._runs.get(name)
        if isinstance(run, StoredRun):
            chosen = RecordedExperimentChosen(run.folder) if run.is_experiment else RecordedRunChosen(run.folder, None)
            self.post_message(chosen)
        elif run is not None:
            self.post_message(LivingRunChosen(run))
        else:
            experiment = load_experiment(name)
            self.post_message(ExperimentChosen(experiment) if experiment.keys else PresetChosen(experiment.base))

    def action_edit(self) -> None:
        """Edit the preset before it is trained."""
        name = self._highlighted
        if name not in shipped_presets():
            self.notify("only presets have settings to change; enter opens a run", timeout=4)
            return
        experiment = load_experiment(name)
        if experiment.keys:
            self.notify("an experiment is changed in a file of its own, or with --set", severity="warning", timeout=4)
        else:
            self.post_message(PresetEditAsked(experiment.base))


def _living_entry(folder: Path) -> Content:
    """Return the entry of a run that another process trains, with the distinctive last part of its id."""
    name, _, own = shown_text(folder.name).rpartition("-")
    return Content.assemble(("● ", "bold $success"), name.rpartition("-")[0] or name, (f" {own}", "$foreground 60%"))


def _preset_entry(name: str, runs: int) -> Content:
    return Content.assemble("  ", name, (f"  {runs} runs" if runs > 1 else "", "$foreground 60%"))


def _told_apart(run: StoredRun, told: Mapping[str, int]) -> Content:
    """Return the entry of a recorded run, with seconds where others would read the same."""
    entry = _recorded_entry(run)
    return entry if told[str(entry)] == 1 else _recorded_entry(run, seconds=":%S")


def _recorded_entry(run: StoredRun, seconds: str = "") -> Content:
    """Return the entry of a recorded run: its preset's name, and when it began."""
    sign = "≡ " if run.is_experiment else "  "
    began = f"  {run.began.day} {run.began:%b %H:%M{seconds}}" if run.began else ""
    return Content.assemble(sign, shown_text(run.name), (began, "$foreground 60%"))
