"""The two zoos, and what each of their recorded runs is scored by: read, diagnosed and judged, a share in each process.

Recordings are read in the processes that diagnose them; what comes back is only what judging needs.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tests.zoo.bundles import Files, read_rivals, recorded_files
from tests.zoo.diagnosing import LOSS, VALIDATION, WEIGHTS, Evidence, diagnose
from tests.zoo.judging import Verdict, judge_all
from tests.zoo.loops import scoring as loops
from tests.zoo.loops.judging import judge_loops
from tests.zoo.loops.reading import LoopRecording
from tests.zoo.loops.reading import read_kept as read_loop
from tests.zoo.loops.rival_rules import alarms_of
from tests.zoo.reading import Recording, read_kept
from tests.zoo.rivals import RIVAL_RULES
from tests.zoo.scoring import RIGHT_CAUSES, Found, Rule, Scored

NARROW = 12
"""Hidden neurons up to which a network of our own is narrow."""

FEW = 16
"""Recordings that are scored in this process."""

Alarms = tuple[frozenset[Rule], frozenset[str]]
"""The rivals' rules that warned, and the rivals that can judge the run."""


@dataclass(frozen=True)
class Zoo:
    """How one zoo's recordings are scored."""

    name: str
    title: str
    evidence: tuple[Evidence, ...]
    """What there is in its recordings, from the least on."""
    right_causes: Mapping[str, frozenset[str]]
    read: Callable[[bytes], Recording]
    diagnose: Callable[[Any, Evidence], tuple[Found, ...]]
    judge: Callable[[Any], Mapping[str, Verdict]]
    alarms: Callable[[Any, Mapping[str, Any]], Alarms]
    """Takes a recording and what packages say that were fed with it."""
    traits: Callable[[Any], Mapping[str, str]]
    shorten: Callable[[Any], Recording]
    """Leaves what judging needs."""


@dataclass(frozen=True)
class Examined:
    """A recording as it comes back from the process that diagnosed it."""

    recording: Recording
    """What is left of it for judging."""
    found: Mapping[Evidence, tuple[Found, ...]]
    alarms: Alarms
    traits: Mapping[str, str]


ScoredPart = Mapping[Evidence, Sequence[Scored]]
"""Every run of a part, by the evidence that our rules were shown."""


def score_files(zoo: Zoo, files: Files, workers: int) -> ScoredPart:
    """Return every kept run as it is scored."""
    fed, contents = read_rivals(files)["verdicts"], [*recorded_files(files).values()]
    if len(contents) <= FEW or workers == 1:
        return judged(zoo, _examine_all(zoo.name, contents, fed))
    shares = [contents[place::workers] for place in range(workers)]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        examined = pool.map(_examine_all, [zoo.name] * workers, shares, [fed] * workers)
        return judged(zoo, [one for share in examined for one in share])


def score_recordings(zoo: Zoo, recordings: Iterable[Recording]) -> ScoredPart:
    """Return recordings as they are scored, without what fed packages say."""
    return judged(zoo, [examine(zoo, recording, {}) for recording in recordings])


def _examine_all(zoo: str, contents: Iterable[bytes], fed: Mapping[str, Any]) -> list[Examined]:
    recordings = map(ZOOS[zoo].read, contents)
    return [examine(ZOOS[zoo], recording, fed.get(recording.name, {})) for recording in recordings]


def examine(zoo: Zoo, recording: Recording, fed: Mapping[str, Any]) -> Examined:
    """Return what our rules and the rivals find in a run."""
    found = {evidence: zoo.diagnose(recording, evidence) for evidence in zoo.evidence}
    return Examined(zoo.shorten(recording), found, zoo.alarms(recording, fed), zoo.traits(recording))


def judged(zoo: Zoo, examined: Iterable[Examined]) -> ScoredPart:
    """Return runs with the verdicts on them, which depend on one another."""
    examined = sorted(examined, key=lambda one: one.recording.name)
    verdicts = zoo.judge([one.recording for one in examined])
    return {
        evidence: [_scored(zoo, one, evidence, verdicts[one.recording.name]) for one in examined]
        for evidence in zoo.evidence
    }


def _scored(zoo: Zoo, one: Examined, evidence: Evidence, verdict: Verdict) -> Scored:
    recording, causes = one.recording, zoo.right_causes.get(one.recording.kind, frozenset())
    facts = (recording.name, recording.kind, recording.planned_epochs, verdict, one.found[evidence])
    return Scored(*facts, *one.alarms, causes, one.traits)


def published_alarms(recording: Recording, _: Mapping[str, Any]) -> Alarms:
    """Return the published rules that alarm in a run of our own networks; each of them can judge it."""
    alarms = {(rule.tool, rule.name) for rule in RIVAL_RULES if rule.first_epoch(recording) is not None}
    return frozenset(alarms), frozenset(rule.tool for rule in RIVAL_RULES)


def own_traits(recording: Recording) -> dict[str, str]:
    """Return width, data and lengths of a run of our own networks."""
    preset, data = recording.run["preset"], recording.run["data"]
    neurons = preset["network"]["hidden"]
    width = f"up to {NARROW} neurons" if neurons <= NARROW else f"more than {NARROW} neurons"
    return {
        "width": width,
        "data": preset["data"]["name"],
        "activation": preset["network"]["activation"],
        "neurons": str(neurons),
        "images": str(data["train"]),
        "epochs": str(recording.planned_epochs),
    }


def without_matrices(recording: Recording) -> Recording:
    """Return a recording of our own networks without what was measured on weights."""
    rows = tuple({name: value for name, value in row.items() if "." not in name} for row in recording.numbers)
    return replace(recording, numbers=rows)


def without_looks(recording: LoopRecording) -> LoopRecording:
    """Return a loop's recording with nothing but what it is judged by."""
    return replace(recording, run={}, numbers=(), steps={"loss": recording.steps["loss"]}, validation={}, rivals={})


ZOOS = {
    "loops": Zoo(
        "loops", "Other people's training", (WEIGHTS, LOSS, VALIDATION), loops.RIGHT_CAUSES, read_loop,
        loops.diagnose_loop, judge_loops, alarms_of, lambda one: loops.traits_of(one.specimen), without_looks,
    ),
    "own": Zoo(
        "own", "Our own networks", (WEIGHTS, LOSS), RIGHT_CAUSES, read_kept,
        diagnose, judge_all, published_alarms, own_traits, without_matrices,
    ),
}  # fmt: skip
"""By name, as they are reported."""
