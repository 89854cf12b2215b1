"""What rivals say of the same runs, each beside ours on the runs that it can judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.zoo.diagnosing import LOSS, VALIDATION, Evidence
from tests.zoo.loops.rival_rules import NAMED_KINDS, WITH_VALIDATION, names_kind, package_of
from tests.zoo.rivals import RIVAL_RULES
from tests.zoo.scoring import Scored
from tests.zoo.tables import cell, markdown_table, percent, share_of
from tests.zoo.zoos import ScoredPart

SEES_VALIDATION = ("nnscope",)
"""Packages that were attached and given a validation loss."""

TIMES_LOUDER = 2
"""How many times the quietest rival's share of healthy runs with a warning ours may be."""


@dataclass(frozen=True)
class Voice:
    """What one tool says of some runs."""

    warned: list[bool]
    """Of the healthy ones."""
    caught: list[bool]
    """Of the harmed ones."""
    right: list[bool]
    """Whether a right cause is named, of those caught."""

    @property
    def cells(self) -> tuple[str, str, str]:
        """How a table says it."""
        return cell(self.warned), cell(self.caught), cell(self.right)


def voice_of(runs: Sequence[Scored], warns: Callable[[Scored], bool], is_right: Callable[[Scored], bool]) -> Voice:
    """Return what a tool says of runs."""
    bad = [one for one in runs if one.is_faulty]
    return Voice(
        [warns(one) for one in runs if one.is_healthy], [*map(warns, bad)], [is_right(one) for one in bad if warns(one)]
    )


def ours(runs: Sequence[Scored]) -> Voice:
    """Return what our rules say of runs."""
    return voice_of(runs, lambda one: one.has("warning"), lambda one: one.names_right_cause)


def theirs(runs: Sequence[Scored], rival: str) -> Voice:
    """Return what a rival says of runs."""
    return voice_of(runs, lambda one: one.warned_by(rival), lambda one: names_kind(one.rival_alarms, rival, one.kind))


def rivals_in(part: ScoredPart) -> list[str]:
    """Return the rivals that can judge any run."""
    return sorted(frozenset().union(*(one.judged_by for one in part[LOSS])))


def compared_evidence(rival: str) -> Evidence:
    """Return by which evidence our rules are compared with a rival."""
    return VALIDATION if rival.endswith(WITH_VALIDATION) or rival in SEES_VALIDATION else LOSS


def same_runs(part: ScoredPart, rival: str) -> list[Scored]:
    """Return the runs that a rival can judge, as our rules judge them by what the rival saw too."""
    return [one for one in part[compared_evidence(rival)] if rival in one.judged_by]


def live_rivals(part: ScoredPart, versions: Mapping[str, str]) -> str:
    """Return the table of the packages on the second zoo."""
    header = ("package", "version", "healthy warned", "harmed caught", "right cause, of those caught",
              "tuimove: healthy warned", "tuimove: caught", "tuimove: right cause")  # fmt: skip
    rows = []
    for rival in rivals_in(part):
        runs = same_runs(part, rival)
        version = versions.get(package_of(rival), "-")
        rows.append((rival, version, *theirs(runs, rival).cells, *ours(runs).cells))
    intro = (
        "Each on the runs that it can judge, beside our rules on the same runs, shown a validation loss where the "
        "package was. A package's verdict is what it calls a warning or worse itself; of gradsnitch and sk-autod, "
        "anything they say. Causes are those that the words of a rule name, generously read; ormas-monitor names "
        "symptoms rather than causes."
    )
    return f"### Rivals on the same runs\n\n{intro}\n\n{markdown_table(header, rows)}"


def named_kinds(part: ScoredPart) -> str:
    """Return the table of the packages' rules: how often each speaks up, and which kinds of fault it names."""
    spoken = sorted({rule for one in part[LOSS] for rule in one.rival_alarms})
    header = ("package", "rule", "healthy", "harmed", "names")
    rows = [(*rule, *_counts(part[LOSS], rule), _named(rule)) for rule in spoken]
    return f"### Rivals' single rules\n\n{markdown_table(header, rows)}"


def _counts(scored: Sequence[Scored], rule: tuple[str, str]) -> tuple[str, str]:
    spoken = [one for one in scored if rule in one.rival_alarms]
    return str(sum(one.is_healthy for one in spoken)), str(sum(one.is_faulty for one in spoken))


def _named(rule: tuple[str, str]) -> str:
    return ", ".join(sorted(NAMED_KINDS.get((package_of(rule[0]), rule[1]), ()))) or "none"


def published_rivals(part: ScoredPart) -> str:
    """Return the table of published rule sets on our own networks."""
    rows = [("tuimove", *ours(part[LOSS]).cells[:2])]
    rows += [(rival, *theirs(part[LOSS], rival).cells[:2]) for rival in rivals_in(part)]
    intro = "Published rules, written anew; every alarm of one counts. They name no causes."
    header = ("rule set", "healthy warned", "harmed caught")
    return f"### Rivals on the same runs\n\n{intro}\n\n{markdown_table(header, rows)}"


def published_rules(part: ScoredPart) -> str:
    """Return the table of the published rules, one by one."""
    rules = [(rule.tool, rule.name) for rule in RIVAL_RULES]
    rows = [(*rule, *voice_of(part[LOSS], lambda one, rule=rule: rule in one.rival_alarms, bool).cells[:2])  # type: ignore[misc]
            for rule in rules]  # fmt: skip
    return f"### Rivals' single rules\n\n{markdown_table(('tool', 'rule', 'healthy warned', 'harmed caught'), rows)}"


def against_rivals(part: ScoredPart) -> list[tuple[str, ...]]:
    """Return the rows on whether ours catch more, name more causes, and are quiet enough beside each rival."""
    pairs = {rival: (ours(runs), theirs(runs, rival)) for rival in rivals_in(part) if (runs := same_runs(part, rival))}
    return [
        _ahead_row("more caught", {name: (sum(us.caught), sum(them.caught)) for name, (us, them) in pairs.items()}),
        _ahead_row("more causes right", {name: (sum(us.right), sum(them.right)) for name, (us, them) in pairs.items()}),
        _quiet_row(pairs),
    ]


def _ahead_row(what: str, counts: Mapping[str, tuple[int, int]]) -> tuple[str, ...]:
    """Return whether our count is greater than each rival's."""
    behind = [name for name, (us, them) in counts.items() if us <= them]
    found = f"not than {', '.join(behind)}" if behind else "than all" if counts else "-"
    return f"against every rival: {what}", "all", "all", f"{len(counts)} rivals", found, "", _met(counts, not behind)


def _quiet_row(pairs: Mapping[str, tuple[Voice, Voice]]) -> tuple[str, ...]:
    shares = {name: share_of(them.warned) for name, (_, them) in pairs.items() if them.warned}
    quietest = min(shares, key=lambda name: shares[name], default="")
    allowed = TIMES_LOUDER * shares.get(quietest, math.nan)
    found = share_of(pairs[quietest][0].warned) if shares else math.nan
    words = f"{percent(found)}; twice {quietest} is {percent(allowed)}"
    what = "against every rival: not louder than twice the quietest"
    return what, "all", "quieter", f"{len(pairs)} rivals", words, "", _met(pairs, found <= allowed)


def _met(pairs: Mapping[str, object], is_met: bool) -> str:
    return "-" if not pairs else "yes" if is_met else "no"
