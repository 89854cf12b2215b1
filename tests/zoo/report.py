"""The report: what the rules must show on the part that no limit was tuned on, table by table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.zoo.diagnosing import LOSS, Evidence
from tests.zoo.goals import by_kind, can_be_stopped, harmed, healthy, loop_goals, own_goals
from tests.zoo.rival_report import live_rivals, named_kinds, published_rivals, published_rules
from tests.zoo.scoring import HINT, SEVERITIES, STOP_TOLERANCE, Scored
from tests.zoo.specimens import HEALTHY
from tests.zoo.tables import cell, counted, markdown_table, middle, percent, shares
from tests.zoo.zoos import ScoredPart, Zoo

OPENING = """# How far the diagnosis can be trusted

Written by `python -m tests.zoo`.

Two zoos of healthy and faulty runs. **Our own networks** were trained by the tool's own trainer, with full batches.
**Other people's training** is PyTorch loops, recorded by the recorder itself. Faults were put in behind their backs.
Whether a run is healthy, or a fault did harm, was decided by accuracy on what is held out (by loss, of texts), which no
rule sees. A run meant to be healthy counts if it ends close to the best of its configuration and never declines; a
fault counts if the run ends far from that best, declines or is lost for a while, or stops being a number.

Limits were tuned on the calibration parts alone. The report parts differ in networks, data and seeds; the rules were
frozen before they were scored. Intervals are Wilson's at 95 %.

A finding is a notice, a warning or an alarm. Notices state facts: they are no false alarm in a healthy run, and they
catch no fault. Unless a table says otherwise, the rules saw the weights and the loss, and no validation loss.
"""

SCOPE = {"neurons": "hidden neurons", "images": "training images", "epochs": "epochs"}
"""Traits that are numbers, and what they are called."""


@dataclass(frozen=True)
class Result:
    """One scored part of a zoo."""

    zoo: Zoo
    part: str
    scored: ScoredPart
    versions: Mapping[str, str]
    """Of the packages that judged it."""
    evidence: Evidence = LOSS
    """What the rules saw, unless a table says otherwise."""

    @property
    def shown(self) -> Sequence[Scored]:
        """The runs as our rules judge them by that."""
        return self.scored[self.evidence]


def render_report(results: Sequence[Result], sums: Iterable[str]) -> str:
    """Return the whole report, the parts that count first; `sums` are those of the rules and of the recordings."""
    shown = sorted(results, key=lambda result: result.part != "report")
    texts = [OPENING.strip(), sums_told(sums), *(text for result in shown for text in all_sections(result))]
    return "\n\n".join(texts) + "\n"


def sums_told(sums: Iterable[str]) -> str:
    """Return the sums of what was scored."""
    return "SHA-256 of the rules with their limits, and of the recordings:\n\n```\n" + "\n".join(sums) + "\n```"


def all_sections(result: Result) -> list[str]:
    """Return everything about a part."""
    detailed = (causes_named, stops, rivals, single_rules, mistakes, harmless)
    return [*short_sections(result), *(section(result) for section in detailed)]


def short_sections(result: Result) -> list[str]:
    """Return what limits are tuned by."""
    heading = f"## {result.zoo.title}: the {result.part} part"
    return [
        heading,
        population(result),
        *(section(result) for section in (goals, fault_kinds, kinds_by_evidence, traits, own_rules)),
    ]


def population(result: Result) -> str:
    """Return how many specimens count, and what they are."""
    scored = result.shown
    calm, meant = len(healthy(scored)), sum(one.kind == HEALTHY for one in scored)
    counts = (
        f"{calm} of {meant} runs meant to be healthy count as healthy, {len(harmed(scored))} of {len(scored) - meant} "
        "injected faults did harm. The others are in no figure but the counts of their kind."
    )
    spans = [f"{span([int(one.traits[name]) for one in scored])} {words}" for name, words in SCOPE.items()
             if scored and name in scored[0].traits]  # fmt: skip
    return f"{counts} They have {', '.join(spans)}." if spans else counts


def span(numbers: Sequence[int]) -> str:
    """Return the least and the greatest number."""
    least, greatest = min(numbers), max(numbers)
    return f"{least:,}" if least == greatest else f"{least:,} to {greatest:,}"


def goals(result: Result) -> str:
    """Return the table of what must be shown."""
    return (own_goals if result.zoo.name == "own" else loop_goals)(result.scored)


def fault_kinds(result: Result) -> str:
    """Return the table of the kinds of fault."""
    kinds = by_kind(one for one in result.shown if one.kind != HEALTHY)
    rows = [_kind_row(kind, runs, result.zoo.right_causes) for kind, runs in sorted(kinds.items())]
    header = ("fault", "did harm", "caught", "", "95 % interval", "right cause named", "by the first warning",
              "right causes", "first warning")  # fmt: skip
    intro = "The first warning is the median, as a share of the run."
    return f"### Kinds of fault\n\n{intro}\n\n{markdown_table(header, rows)}"


def _kind_row(kind: str, runs: Sequence[Scored], right: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    faulty = harmed(runs)
    caught = [one for one in faulty if one.has("warning")]
    return (
        kind,
        counted(len(faulty), len(runs)),
        *shares([one.has("warning") for one in faulty]),
        counted(sum(one.names_right_cause for one in caught), len(caught)),
        counted(sum(one.names_right_cause_first for one in caught), len(caught)),
        ", ".join(sorted(right.get(kind, ()))),
        percent(middle([one.warned_at for one in caught])),
    )


def kinds_by_evidence(result: Result) -> str:
    """Return the table of what is caught of each kind of fault, and named rightly, by what the rules see."""
    kinds = {evidence: by_kind(harmed(scored)) for evidence, scored in result.scored.items()}
    rows = [(kind, *(_caught_words(runs.get(kind, [])) for runs in kinds.values()))
            for kind in sorted(kinds[result.evidence])]  # fmt: skip
    return f"### Caught, and named rightly, by what the rules see\n\n{markdown_table(('fault', *kinds), rows)}"


def _caught_words(runs: Sequence[Scored]) -> str:
    caught = [one for one in runs if one.has("warning")]
    return f"{counted(len(caught), len(runs))}, {sum(one.names_right_cause for one in caught)} rightly"


def traits(result: Result) -> str:
    """Return the table of what kinds of run there are, and how ours do on each."""
    scored = result.shown
    found = sorted({pair for one in scored for pair in one.traits.items() if pair[0] not in SCOPE})
    rows = [_trait_row(name, value, [one for one in scored if one.traits.get(name) == value]) for name, value in found]
    header = ("", "", "healthy warned", "harmed caught", "right cause, of those caught")
    return f"### By what is trained\n\n{markdown_table(header, rows)}"


def _trait_row(name: str, value: str, runs: Sequence[Scored]) -> tuple[str, ...]:
    calm, bad = [one.has("warning") for one in healthy(runs)], [one.has("warning") for one in harmed(runs)]
    right = [one.names_right_cause for one in harmed(runs) if one.has("warning")]
    return name, value, cell(calm), cell(bad), cell(right)


def own_rules(result: Result) -> str:
    """Return the table of our own rules: whom each speaks up on, and how loudly."""
    scored = result.shown
    groups = {"healthy": healthy(scored), "harmed": harmed(scored)}
    rules = sorted({found.rule for one in scored for found in one.found})
    rows = [(rule, *(str(count_loudest(runs, rule, severity)) for runs in groups.values() for severity in SEVERITIES))
            for rule in rules]  # fmt: skip
    header = ("rule", *(f"{name}: {severity}" for name in groups for severity in SEVERITIES))
    counts = " and ".join(f"{len(runs)} {name}" for name, runs in groups.items())
    intro = f"Runs by the loudest finding of a rule, of {counts} ones."
    return f"### Rules\n\n{intro}\n\n{markdown_table(header, rows)}"


def count_loudest(runs: Iterable[Scored], rule: str, severity: str) -> int:
    """Return in how many runs the rule's loudest finding is of that severity."""
    loudest = [
        max((SEVERITIES.index(found.severity) for found in one.found if found.rule == rule), default=None)
        for one in runs
    ]
    return loudest.count(SEVERITIES.index(severity))


def causes_named(result: Result) -> str:
    """Return the table of how many causes the warnings name; naming all would always be right."""
    caught = [one for one in harmed(result.shown) if one.serious]
    in_all = [len({cause for found in one.serious for cause in found.causes}) for one in caught]
    first = [len(one.serious[0].causes) for one in caught]
    rows = [
        ("by the first warning", f"{statistics.mean(first):.2f}" if first else "-"),
        ("by all of a run's warnings", f"{statistics.mean(in_all):.2f}" if in_all else "-"),
    ]
    intro = f"There are {len(frozenset().union(*result.zoo.right_causes.values()))} kinds to choose from."
    return f"### Causes named\n\n{intro}\n\n{markdown_table(('causes named in a harmed run', 'mean'), rows)}"


def stops(result: Result) -> str:
    """Return the table of where `stop_here` would have stopped, by evidence."""
    rows = [(evidence, *_stop_cells(scored)) for evidence, scored in result.scored.items()]
    header = ("evidence", "healthy runs with it", "as a warning or worse", "overtraining or label noise with it",
              "within 25 % of the best epoch", "too early", "too late")  # fmt: skip
    intro = (
        "The best epoch is that of the highest accuracy, or of the least held-out loss where accuracy doesn't decline."
    )
    return f"### Where to stop\n\n{intro}\n\n{markdown_table(header, rows)}"


def _stop_cells(scored: Sequence[Scored]) -> tuple[str, ...]:
    runs = can_be_stopped(scored)
    errors = [one.stop_error for one in runs if one.has_hint]
    early, late = sum(error < -STOP_TOLERANCE for error in errors), sum(error > STOP_TOLERANCE for error in errors)
    hinted = cell([one.has_hint for one in healthy(scored)])
    warned = cell([any(found.rule == HINT for found in one.serious) for one in healthy(scored)])
    return hinted, warned, counted(len(errors), len(runs)), str(len(errors) - early - late), str(early), str(late)


def rivals(result: Result) -> str:
    """Return the table of the rivals."""
    return published_rivals(result.scored) if result.zoo.name == "own" else live_rivals(result.scored, result.versions)


def single_rules(result: Result) -> str:
    """Return the table of the rivals' single rules."""
    return (published_rules if result.zoo.name == "own" else named_kinds)(result.scored)


def mistakes(result: Result) -> str:
    """Return by name what went wrong: healthy runs warned about and faults that weren't caught."""
    scored = result.shown
    false = [f"- {one.name}: {told(one)}" for one in healthy(scored) if one.serious]
    silent = [f"- {one.name}" for one in harmed(scored) if not one.serious]
    wrong = [f"- {one.name}: {told(one)}" for one in harmed(scored) if one.serious and not one.names_right_cause]
    lists = {"Healthy runs with a warning or worse": false, "Harmed runs without one": silent,
             "Harmed runs whose warnings name no right cause": wrong}  # fmt: skip
    return "\n\n".join(["### Mistakes by name", *(f"{what}:\n\n" + "\n".join(those or ["- none"])
                                                  for what, those in lists.items())])  # fmt: skip


def told(one: Scored) -> str:
    """Return the rules that warned."""
    return ", ".join(sorted({found.rule for found in one.serious}))


def harmless(result: Result) -> str:
    """Return the table of specimens that aren't what they were meant to be, and why."""
    reasons: dict[tuple[str, str], int] = {}
    for one in result.shown:
        if not one.counts:
            key = (one.kind, one.verdict.reason)
            reasons[key] = reasons.get(key, 0) + 1
    rows = [(kind, reason, str(count)) for (kind, reason), count in sorted(reasons.items())]
    return f"### Not counted\n\n{markdown_table(('meant to be', 'but', 'runs'), rows)}"


def listed_findings(result: Result) -> list[str]:
    """Return a line for each falsely warned, missed or wrongly explained run, with all that our rules found in it."""
    wrong: dict[str, Callable[[Scored], bool]] = {
        "falsely warned": lambda one: one.is_healthy and bool(one.serious),
        "missed": lambda one: one.is_faulty and not one.serious,
        "wrong cause": lambda one: one.is_faulty and bool(one.serious) and not one.names_right_cause,
    }
    return [
        f"{what}: {one.name}\n{_findings(one)}"
        for what, is_so in wrong.items() for one in result.shown if is_so(one)
    ]  # fmt: skip


def _findings(one: Scored) -> str:
    """Return a line for each rule that spoke up at a look, with the matrices that it is about."""
    matrices: dict[str, list[str]] = {}
    for found in one.found:
        line = f"    {found.epoch} {found.severity} {found.rule} ({', '.join(found.causes)})"
        matrices.setdefault(line, []).append(found.matrix)
    return "\n".join([f"{line}: {', '.join(names)}" for line, names in matrices.items()] or ["    nothing"])
