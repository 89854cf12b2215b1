"""What the first screen says about a highlighted preset or run, at length or in three lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from tuimove.recording.folder.run_summary import RunSummary
from tuimove.screen.preset_words import duration_words, found_words, setting_lines, shown_words, without_time
from tuimove.settings.sweep import Experiment

DIM = "$foreground 60%"


def about_preset(experiment: Experiment, text: str, rates: Mapping[int, float] | None) -> Content:
    """Return what a preset shows, how long it takes, its settings, and what can be done with it."""
    duration, shown = duration_words((member.preset for member in experiment.members), rates), shown_words(text)
    if rates:
        shown = without_time(shown)
    elif shown != without_time(shown):
        duration = ""
    found = f"What it will say: {found_words(text)}" if found_words(text) else ""
    doing = "enter trains them all" if experiment.keys else "enter trains it, e changes the settings first"
    return Content.assemble(
        (experiment.base.title, "bold"), "\n\n", shown, "\n\n",
        (duration, "bold $success"), "\n\n" if duration else "",
        "\n".join(setting_lines(experiment)), "\n\n", (found, DIM), "\n\n" if found else "", (doing, DIM),
    )  # fmt: skip


def brief_preset(experiment: Experiment, _text: str, rates: Mapping[int, float] | None) -> Content:
    """Return a preset's title, its duration and the first of its settings, in three lines."""
    duration = duration_words((member.preset for member in experiment.members), rates)
    network, learning = setting_lines(experiment)[:2]
    first = f"{len(experiment.members)} runs" if experiment.keys else learning.partition(",")[0]
    return _three_lines([experiment.base.title, ", ".join(filter(None, [duration, first])), network])


def about_run(summary: RunSummary, *, is_living: bool) -> Content:
    """Return the state of a run or an experiment, and what can be done with it."""
    is_one = summary.runs is None
    state = f"{summary.state} in {summary.process}" if summary.process else f"{summary.state} {summary.age}"
    lines = [
        state,
        f"{summary.clock:<9} {summary.progress.removeprefix('step ')}" if is_one else f"ended     {summary.progress}",
        f"test acc  {summary.accuracy}",
        f"finding   {summary.finding or '-'}",
    ]
    doing = "\n".join(_doing(summary, is_living=is_living))
    return Content.assemble((summary.id, "bold"), "\n\n", "\n".join(lines), "\n\n", (doing, DIM))


def brief_run(summary: RunSummary, *, is_living: bool) -> Content:
    """Return the state of a run in three lines."""
    progress = summary.progress if summary.runs else f"{summary.clock} {summary.progress.removeprefix('step ')}"
    lines = [summary.id, f"{summary.state}, {progress}", _doing(summary, is_living=is_living)[0]]
    return _three_lines(lines)


def _three_lines(lines: Sequence[str]) -> Content:
    first, *others = lines
    return Content.assemble((first, "bold"), "\n", "\n".join(others))


def _doing(summary: RunSummary, *, is_living: bool) -> list[str]:
    """Return what can be done with a run: looking first."""
    if not is_living:
        opens = "enter shows its runs" if summary.runs is not None else "enter opens it"
        goes_on = summary.state in ("stopped", "interrupted", "cut short") and summary.clock == "epoch"
        return [opens, *[f"tuimove resume {summary.id} goes on with it"] * goes_on]
    if summary.runs is not None:
        return ["enter watches them"]
    if summary.clock == "step":
        return ["enter attaches to it: watch it, and ask it to stop"]
    return ["enter attaches to it: watch it, and steer it unless somebody else does"]
