"""What must be shown, and whether it is: a row for each share, with what is demanded at least and what is aimed at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.zoo.diagnosing import LOSS, VALIDATION, WEIGHTS
from tests.zoo.rival_report import against_rivals
from tests.zoo.scoring import STOP_TOLERANCE, Scored
from tests.zoo.tables import counted, markdown_table, middle, percent, share_of, shares
from tests.zoo.zoos import ScoredPart

OVERTRAINING, LABEL_NOISE = "overtraining", "label_noise"

HEADER = ("", "at least", "aim", "runs", "found", "95 % interval", "met")


@dataclass(frozen=True)
class Goal:
    """What a share must be."""

    least: float
    aim: float
    is_most: bool = False
    """Whether it must be no greater, rather than no smaller."""

    @property
    def words(self) -> tuple[str, str]:
        """How the two columns say it."""
        before = "at most " if self.is_most else ""
        return before + percent(self.least), percent(self.aim)

    def met(self, share: float) -> str:
        """Return which of both a share meets."""
        if math.isnan(share):
            return "-"
        sign = -1 if self.is_most else 1
        return "aim" if sign * share >= sign * self.aim else "at least" if sign * share >= sign * self.least else "no"


def most(least: float, aim: float) -> Goal:
    """Return the goal of a share that must be small."""
    return Goal(least, aim, is_most=True)


Row = tuple[str, ...]


def share_row(what: str, hits: Sequence[bool], goal: Goal | None = None) -> Row:
    """Return a row about a share of some runs."""
    words, met = (goal.words, goal.met(share_of(hits))) if goal else (("", ""), "")
    return what, *words, *shares(hits), met


def loop_goals(part: ScoredPart) -> str:
    """Return the table of the second zoo."""
    rows = [
        *evidence_rows(part[LOSS], LOSS, most(0.04, 0.01), most(0.01, 0), Goal(0.92, 0.97), Goal(0.92, 0.97)),
        least_caught_row(part[LOSS]),
        first_warning_row(part[LOSS]),
        *evidence_rows(part[WEIGHTS], WEIGHTS, most(0.06, 0.02), None, Goal(0.88, 0.94), None),
        *evidence_rows(part[VALIDATION], VALIDATION, None, None, None, None),
        *(row for evidence in (WEIGHTS, LOSS, VALIDATION) for row in stop_rows(part[evidence], evidence)),
        *against_rivals(part),
    ]
    return markdown_table(HEADER, rows)


def own_goals(part: ScoredPart) -> str:
    """Return the table of our own networks."""
    noisy = [one.has("warning") for one in harmed(part[LOSS]) if one.kind == LABEL_NOISE]
    rows = [
        *evidence_rows(part[LOSS], LOSS, most(0.04, 0.02), most(0.01, 0), Goal(0.97, 0.99), None),
        share_row(f"{LOSS}: label noise, caught", noisy, Goal(0.85, 0.95)),
        least_caught_row(part[LOSS]),
        first_warning_row(part[LOSS]),
        *evidence_rows(part[WEIGHTS], WEIGHTS, None, None, None, None),
        *(row for evidence in (WEIGHTS, LOSS) for row in stop_rows(part[evidence], evidence)),
    ]
    return markdown_table(HEADER, rows)


def evidence_rows(
    scored: Sequence[Scored],
    evidence: str,
    warned: Goal | None,
    alarmed: Goal | None,
    caught: Goal | None,
    right: Goal | None,
) -> list[Row]:
    """Return the rows on what our rules say by some evidence."""
    calm, bad = healthy(scored), harmed(scored)
    warned_of = [one for one in bad if one.has("warning")]
    return [
        share_row(f"{evidence}: healthy with a warning or worse", [one.has("warning") for one in calm], warned),
        share_row("- with an alarm", [one.has("alarm") for one in calm], alarmed),
        share_row("- harmed, caught", [one.has("warning") for one in bad], caught),
        share_row("- right cause, of those caught", [one.names_right_cause for one in warned_of], right),
        share_row("- by the first warning already", [one.names_right_cause_first for one in warned_of]),
    ]


def healthy(scored: Iterable[Scored]) -> list[Scored]:
    """Return the healthy runs that count."""
    return [one for one in scored if one.is_healthy]


def harmed(scored: Iterable[Scored]) -> list[Scored]:
    """Return the harmed runs that count."""
    return [one for one in scored if one.is_faulty]


def by_kind(scored: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Return runs by kind, in the order they come."""
    kinds: dict[str, list[Scored]] = {}
    for one in scored:
        kinds.setdefault(one.kind, []).append(one)
    return kinds


def least_caught_row(scored: Iterable[Scored]) -> Row:
    """Return the row on the kind of fault that is caught least."""
    caught = {kind: [one.has("warning") for one in runs] for kind, runs in by_kind(harmed(scored)).items()}
    worst = min(caught, key=lambda kind: share_of(caught[kind]), default="")
    return share_row(f"- every kind caught, at least: {worst}", caught.get(worst, []), Goal(0.7, 0.9))


def first_warning_row(scored: Iterable[Scored]) -> Row:
    """Return the row on how early the first warning comes."""
    runs = harmed(scored)
    times = [one.warned_at for one in runs if one.has("warning")]
    goal, share = most(0.05, 0.03), middle(times)
    what = "- first warning, share of the run (median)"
    return what, *goal.words, counted(len(times), len(runs)), percent(share), "", goal.met(share)


def can_be_stopped(scored: Iterable[Scored]) -> list[Scored]:
    """Return the harmed runs that would have done better if they had been stopped."""
    return [one for one in harmed(scored) if one.kind in (OVERTRAINING, LABEL_NOISE)]


def stop_rows(scored: Sequence[Scored], evidence: str) -> list[Row]:
    """Return the rows on whom the hint to stop is given, and where."""
    errors = [one.stop_error for one in can_be_stopped(scored) if one.has_hint]
    return [
        share_row(
            f"{evidence}: healthy with `stop_here`, notices too",
            [one.has_hint for one in healthy(scored)],
            most(0.01, 0),
        ),
        share_row(
            "- overtraining or label noise with it: within 25 % of the best epoch",
            [abs(error) <= STOP_TOLERANCE for error in errors],
            Goal(2 / 3, 0.8),
        ),
    ]
