"""The report: what the rules must show on the part that no limit was tuned on, table by table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.zoo.rivals import RIVAL_RULES
from tests.zoo.scoring import RIGHT_CAUSES, SEVERITIES, Scored
from tests.zoo.specimens import HEALTHY, Part, Specimen, zoo_specimens
from tests.zoo.tables import counted, markdown_table, percent, shares

OVERTRAINING = "overtraining"
LABEL_NOISE = "label_noise"
RATE_TOO_HIGH = "learning_rate_too_high"

COUNTED_TOO = "the same, `stop_here` counted"

STOP_TOLERANCE = 0.25
"""How far `stop_here` may be from the epoch of best test accuracy, as a share of that."""

OURS = "tuimove"

OPENING = """# How far the diagnosis can be trusted

Written by `python -m tests.zoo`; where anything was put in by hand since, a section of its own says so.

Healthy and faulty networks were trained by the tool's own trainer, the faults put in behind its back. Whether a run is
healthy, or a fault did harm, was decided by test accuracy, which no rule sees. A run meant to be healthy counts if its
test error ends within 1.3 times the best of its configuration, and its test accuracy never declines. A fault counts if
the test error ends at 1.5 times that best or more, if 2 points of test accuracy are lost at the end or 10 for a while,
or if the loss stops being a number. Limits were tuned on the calibration part; after a first look at
the validation part, those of `stop_here` on both. The report part has other seeds, neurons, numbers of images and
epochs, and was recorded after that; two limits of `stop_here` were chosen anew after a first look at it, by the other
two parts alone. Intervals are Wilson's at 95 %.

Every figure is about MNIST, and about the neurons, images and epochs that its part names: none is about narrower
networks or other images. On runs that nobody had tuned it on, `stop_here` warned 35 of 67 healthy networks of 5 to 12
neurons, and 9 of 131 wider ones on three sets of images. It is a notice therefore. Notices state facts: they are no
false alarm in a healthy run, and they catch no fault. Where a row says that `stop_here` is counted, it is counted as a
warning would be, in healthy and faulty runs alike.
"""


def render_report(scored_parts: Mapping[Part, Sequence[Scored]]) -> str:
    """Return the report, the part that counts first."""
    texts = [OPENING.strip()]
    for part, scored in reversed([*scored_parts.items()]):
        texts += [f"## The {part} part", population(scored), scope(part), *(section(scored) for section in SECTIONS)]
    return "\n\n".join(texts) + "\n"


def population(scored: Sequence[Scored]) -> str:
    """Return how many specimens count."""
    healthy, meant = sum(s.is_healthy for s in scored), sum(s.kind == HEALTHY for s in scored)
    faulty, injected = sum(s.is_faulty for s in scored), sum(s.kind != HEALTHY for s in scored)
    return (
        f"{healthy} of {meant} runs meant to be healthy count as healthy, {faulty} of {injected} injected faults did "
        "harm. The others are in no figure but the counts of their kind."
    )


def scope(part: Part) -> str:
    """Return the table of the networks, images and epochs that a part's figures are about.

    Overtrained runs have few images and many epochs, unlike the other faulty ones.
    """
    kinds: dict[str, list[Specimen]] = {"healthy": [], "faulty": [], "overtrained": []}
    for specimen in zoo_specimens(part):
        fault = "overtrained" if specimen.fault.kind == OVERTRAINING else "faulty"
        kinds["healthy" if specimen.is_healthy else fault].append(specimen)
    return "They were trained on MNIST:\n\n" + markdown_table(
        ("", "hidden neurons", "training images", "epochs"), [(kind, *extent(runs)) for kind, runs in kinds.items()]
    )


def extent(runs: Iterable[Specimen]) -> tuple[str, ...]:
    """Return the neurons of specimens, and of how many images and epochs they are."""
    presets = [run.preset for run in runs]
    neurons = sorted({preset.network.hidden for preset in presets})
    images, epochs = [preset.data.train or 0 for preset in presets], [preset.training.epochs for preset in presets]
    return ", ".join(map(str, neurons)), span(images), span(epochs)


def span(numbers: Sequence[int]) -> str:
    """Return the least and the greatest number."""
    least, greatest = min(numbers), max(numbers)
    return f"{least:,}" if least == greatest else f"{least:,} to {greatest:,}"


def goals(scored: Sequence[Scored]) -> str:
    """Return the table of what must be shown."""
    healthy, faulty = [s for s in scored if s.is_healthy], [s for s in scored if s.is_faulty]
    caught = [s for s in faulty if s.has("warning")]
    overtrained = [s for s in faulty if s.kind == OVERTRAINING]
    rows = [
        share_row("healthy runs with an alarm", "at most 2 %", "0", [s.has("alarm") for s in healthy]),
        share_row("healthy runs with a warning or worse", "at most 10 %", "3 %", [s.has("warning") for s in healthy]),
        share_row(COUNTED_TOO, "", "", [s.has_warning_or_hint for s in healthy]),
        share_row("faulty runs with a warning or worse", "90 %", "98 %", [s.has("warning") for s in faulty]),
        share_row(COUNTED_TOO, "", "", [s.has_warning_or_hint for s in faulty]),
        share_row("of those warned, a right cause named", "75 %", "90 %", [s.names_right_cause for s in caught]),
        share_row("of those warned, by the first warning already", "", "", [s.names_right_cause_first for s in caught]),
        first_warning_row([s for s in faulty if s.kind == RATE_TOO_HIGH]),
        least_caught_row(faulty),
        share_row(
            "overtraining: `stop_here` within 25 % of the best epoch", "50 %", "80 %",
            [abs(s.stop_error) <= STOP_TOLERANCE for s in overtrained],
        ),
    ]  # fmt: skip
    return markdown_table(("", "at least", "aim", "runs", "found", "95 % interval"), rows)


def share_row(what: str, least: str, aim: str, hits: Sequence[bool]) -> tuple[str, ...]:
    """Return a row about a share of some runs."""
    return what, least, aim, *shares(sum(hits), len(hits))


def first_warning_row(runs: Sequence[Scored]) -> tuple[str, ...]:
    """Return the row on how early a learning rate that is too high is warned of."""
    times = [s.warned_at for s in runs if s.has("warning")]
    what = "learning rate too high: first warning, share of the planned epochs (median)"
    return what, "at most 10 %", "3 %", counted(len(times), len(runs)), percent(middle(times)), ""


def least_caught_row(faulty: Iterable[Scored]) -> tuple[str, ...]:
    """Return the row on the kind of fault that is caught least."""
    kinds = by_kind(faulty)
    caught = {kind: [s.has("warning") for s in runs] for kind, runs in kinds.items()}
    worst = min(caught, key=lambda kind: sum(caught[kind]) / len(caught[kind]), default="")
    return share_row(
        f"every kind of fault on its own: the least caught ({worst})", "70 %", "95 %", caught.get(worst, [])
    )


def middle(values: Sequence[float]) -> float:
    """Return the median, NaN of nothing."""
    return statistics.median(values) if values else math.nan


def by_kind(scored: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Return specimens by kind, in the order they come."""
    kinds: dict[str, list[Scored]] = {}
    for specimen in scored:
        kinds.setdefault(specimen.kind, []).append(specimen)
    return kinds


def fault_kinds(scored: Sequence[Scored]) -> str:
    """Return the table of the kinds of fault."""
    rows = []
    for kind, runs in by_kind(s for s in scored if s.kind != HEALTHY).items():
        faulty = [s for s in runs if s.is_faulty]
        caught = [s for s in faulty if s.has("warning")]
        rows.append(
            (
                kind,
                counted(len(faulty), len(runs)),
                *shares(len(caught), len(faulty)),
                counted(sum(s.names_right_cause for s in caught), len(caught)),
                ", ".join(sorted(RIGHT_CAUSES[kind])),
                percent(middle([s.warned_at for s in caught])),
            )
        )
    header = ("fault", "did harm", "caught", "", "95 % interval", "right cause named", "right causes", "first warning")
    return (
        "### Kinds of fault\n\nThe first warning is the median, as a share of the planned epochs.\n\n"
        + markdown_table(header, sorted(rows))
    )


def own_rules(scored: Sequence[Scored]) -> str:
    """Return the table of our own rules: whom each speaks up on, and how loudly."""
    healthy, faulty = [s for s in scored if s.is_healthy], [s for s in scored if s.is_faulty]
    rules = sorted({found.rule for s in scored for found in s.found})
    rows = [(rule, *(str(count_loudest(runs, rule, severity)) for runs in (healthy, faulty) for severity in SEVERITIES))
            for rule in rules]  # fmt: skip
    header = ("rule", *(f"{kind}: {severity}" for kind in ("healthy", "faulty") for severity in SEVERITIES))
    intro = f"Runs by the loudest finding of a rule, of {len(healthy)} healthy and {len(faulty)} faulty ones."
    return f"### Rules\n\n{intro}\n\n" + markdown_table(header, rows)


def count_loudest(runs: Iterable[Scored], rule: str, severity: str) -> int:
    """Return in how many runs the rule's loudest finding is of that severity."""
    loudest = [
        max((SEVERITIES.index(found.severity) for found in s.found if found.rule == rule), default=None) for s in runs
    ]
    return loudest.count(SEVERITIES.index(severity))


def causes_named(scored: Sequence[Scored]) -> str:
    """Return the table of how many causes the warnings name; naming all would always be right."""
    caught = [s for s in scored if s.is_faulty and s.serious]
    in_all = [len({cause for found in s.serious for cause in found.causes}) for s in caught]
    first = [len(s.serious[0].causes) for s in caught]
    rows = [
        ("by the first warning", f"{statistics.mean(first):.2f}" if first else "-"),
        ("by all of a run's warnings", f"{statistics.mean(in_all):.2f}" if in_all else "-"),
    ]
    intro = f"There are {len(frozenset().union(*RIGHT_CAUSES.values()))} kinds to choose from."
    return f"### Causes named\n\n{intro}\n\n" + markdown_table(("causes named in a faulty run", "mean"), rows)


def overtraining_stops(scored: Sequence[Scored]) -> str:
    """Return the table of where `stop_here` would have stopped."""
    runs = [s for s in scored if s.is_faulty and s.kind == OVERTRAINING]
    errors = [s.stop_error for s in runs if not math.isnan(s.stop_error)]
    early, late = sum(error < -STOP_TOLERANCE for error in errors), sum(error > STOP_TOLERANCE for error in errors)
    rows = [
        ("within 25 % of the best epoch", str(len(errors) - early - late)),
        ("too early", str(early)),
        ("too late", str(late)),
        ("no hint", str(len(runs) - len(errors))),
    ]
    healthy, noisy = [s for s in scored if s.is_healthy], [s for s in scored if s.is_faulty and s.kind == LABEL_NOISE]
    note = f"The hint is also given in {hinted(healthy)} healthy runs, and in {hinted(noisy)} with label noise."
    return f"### Where to stop\n\n{markdown_table(('`stop_here` in overtrained runs', 'runs'), rows)}\n\n{note}"


def hinted(runs: Sequence[Scored]) -> str:
    """Return how many of some runs were told to stop."""
    return counted(sum(s.has_hint for s in runs), len(runs))


def rival_tools(scored: Sequence[Scored]) -> str:
    """Return the table of whole rule sets, ours first."""
    tools = list(dict.fromkeys(rule.tool for rule in RIVAL_RULES))
    voices: dict[str, Callable[[Scored], bool]] = {
        OURS: lambda s: s.has("warning"),
        f"{OURS}, `stop_here` counted": lambda s: s.has_warning_or_hint,
        f"{OURS}, alarms alone": lambda s: s.has("alarm"),
    }
    voices |= {tool: lambda s, tool=tool: any(name == tool for name, _ in s.rival_alarms) for tool in tools}  # type: ignore[misc]
    rows = [rival_row((tool,), scored, speaks) for tool, speaks in voices.items()]
    intro = (
        "Every alarm of a published rule counts; of ours, warnings and alarms. Youden's J is recall less false alarms: "
        "a tool that alarms on everything has 100 % of both, and 0."
    )
    return f"### Rivals on the same runs\n\n{intro}\n\n" + markdown_table(("rule set", *RIVAL_HEADER), rows)


RIVAL_HEADER = ("false alarms", "", "95 % interval", "faults caught", "", "95 % interval", "Youden's J")


def rival_row(names: Sequence[str], scored: Sequence[Scored], speaks: Callable[[Scored], bool]) -> tuple[str, ...]:
    """Return false alarms and recall of a rule or rule set."""
    healthy, faulty = [speaks(s) for s in scored if s.is_healthy], [speaks(s) for s in scored if s.is_faulty]
    youden = sum(faulty) / max(1, len(faulty)) - sum(healthy) / max(1, len(healthy))
    return *names, *shares(sum(healthy), len(healthy)), *shares(sum(faulty), len(faulty)), f"{youden:.2f}"


def rival_rules(scored: Sequence[Scored]) -> str:
    """Return the table of the rivals' single rules."""
    rows = [
        rival_row((rule.tool, rule.name), scored, lambda s, key=(rule.tool, rule.name): key in s.rival_alarms)  # type: ignore[misc]
        for rule in RIVAL_RULES
    ]
    return "### Rivals' single rules\n\n" + markdown_table(("tool", "rule", *RIVAL_HEADER), rows)


def missed(scored: Sequence[Scored]) -> str:
    """Return by name what went wrong: healthy runs warned about and faults that weren't caught."""
    false = [
        f"- {s.name}: {', '.join(sorted({f.rule for f in s.serious}))}" for s in scored if s.is_healthy and s.serious
    ]
    silent = [f"- {s.name}" for s in scored if s.is_faulty and not s.serious]
    return "\n".join(
        ["### Mistakes by name", "", "Healthy runs with a warning or worse:", "", *(false or ["- none"]),
         "", "Faulty runs without one:", "", *(silent or ["- none"])]
    )  # fmt: skip


def harmless(scored: Sequence[Scored]) -> str:
    """Return the table of specimens that aren't what they were meant to be, and why."""
    reasons: dict[tuple[str, str], int] = {}
    for specimen in scored:
        if not specimen.counts:
            key = (specimen.kind, specimen.verdict.reason)
            reasons[key] = reasons.get(key, 0) + 1
    rows = [(kind, reason, str(count)) for (kind, reason), count in sorted(reasons.items())]
    return "### Not counted\n\n" + markdown_table(("meant to be", "but", "runs"), rows)


SECTIONS: tuple[Callable[[Sequence[Scored]], str], ...] = (
    goals, fault_kinds, own_rules, causes_named, overtraining_stops, rival_tools, rival_rules, missed, harmless,
)  # fmt: skip
