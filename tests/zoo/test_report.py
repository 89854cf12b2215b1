"""The report tells false alarms from catches, and rivals' verdicts beside ours on the same runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.zoo.diagnosing import LOSS, VALIDATION, WEIGHTS
from tests.zoo.goals import Goal, most
from tests.zoo.loops.reading import LoopRecording
from tests.zoo.loops.rival_rules import NAMED_KINDS, alarms_of, names_kind
from tests.zoo.loops.scoring import RIGHT_CAUSES
from tests.zoo.report import Result, listed_findings, render_report
from tests.zoo.scored_samples import scored
from tests.zoo.scoring import Found, Scored
from tests.zoo.specimens import HEALTHY
from tests.zoo.zoos import ZOOS

ALARM = Found(10, "norm_growing", "alarm", ("learning_rate_too_high",), "W1")
HINT = Found(150, "stop_here", "notice", ("overtraining", "label_noise"))


def own(*runs: Scored) -> Result:
    return Result(ZOOS["own"], "report", {WEIGHTS: runs, LOSS: runs}, {})


def loops(*runs: Scored) -> Result:
    return Result(ZOOS["loops"], "report", dict.fromkeys((WEIGHTS, LOSS, VALIDATION), runs), {"runmedic": "0.1.1"})


def row_of(text: str, first: str) -> list[str]:
    """Return the cells of the first row that begins so."""
    (line, *_) = [line for line in text.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_report_tells_false_alarms_from_catches() -> None:
    text = render_report([own(scored(HEALTHY), scored("learning_rate_too_high", ALARM))], ["abc  rules"])
    assert row_of(text, "weights and loss: healthy")[1:] == [
        "at most 4 %",
        "2 %",
        "0 of 1",
        "0 %",
        "0.0 - 79.3 %",
        "aim",
    ]
    assert row_of(text, "- harmed, caught")[1:5] == ["97 %", "99 %", "1 of 1", "100 %"]
    assert "abc  rules" in text
    assert "They have 14 hidden neurons, 500 training images, 200 epochs." in text
    assert "Healthy runs with a warning or worse:\n\n- none" in text


def test_a_hint_to_stop_is_neither_a_false_alarm_nor_a_catch_but_is_counted_beside_them() -> None:
    text = render_report([own(scored(HEALTHY, HINT), scored("label_noise", HINT), scored("label_noise"))], [])
    assert row_of(text, "weights and loss: healthy with a warning")[3] == "0 of 1"
    assert row_of(text, "weights and loss: label noise")[3] == "0 of 2"
    assert row_of(text, "weights and loss: healthy with `stop_here`")[3:] == ["1 of 1", "100 %", "20.7 - 100.0 %", "no"]
    assert row_of(text, "- overtraining or label noise with it")[3] == "1 of 1"


def test_a_rival_is_told_of_on_the_runs_that_it_can_judge_beside_ours_on_the_same() -> None:
    rule = ("runmedic", "grad_spikes")
    text = render_report(
        [
            loops(
                scored(HEALTHY, judged_by=("runmedic",)),
                scored("learning_rate_too_high", ALARM, alarms=(rule,), judged_by=("runmedic",)),
                scored("restart", ALARM, alarms=(rule,), judged_by=("runmedic",)),
                scored("restart", ALARM),
            )
        ],
        [],
    )
    cells = row_of(text, "runmedic | 0.1.1")
    assert [cell.partition(" =")[0] for cell in cells[2:]] == [
        "0 of 1",
        "2 of 2",
        "1 of 2",
        "0 of 1",
        "2 of 2",
        "1 of 2",
    ]
    assert row_of(text, "against every rival: more caught")[4:] == ["not than runmedic", "", "no"]
    assert row_of(text, "runmedic | grad_spikes")[2:] == ["0", "2", "bad_batch, learning_rate_too_high, no_warm_up"]


def test_goals_say_which_of_both_is_met() -> None:
    assert [most(0.04, 0.01).met(share) for share in (0.01, 0.02, 0.05)] == ["aim", "at least", "no"]
    assert [Goal(0.92, 0.97).met(share) for share in (0.97, 0.92, 0.9, float("nan"))] == ["aim", "at least", "no", "-"]


def test_mistakes_are_listed_with_their_findings_and_matrices() -> None:
    result = own(scored(HEALTHY, ALARM, replace(ALARM, matrix="W2")), scored("restart", HINT))
    assert listed_findings(result) == [
        "falsely warned: healthy-1\n    10 alarm norm_growing (learning_rate_too_high): W1, W2",
        "missed: restart-1\n    150 notice stop_here (overtraining, label_noise): ",
    ]


def test_a_package_s_own_words_decide_what_is_a_warning_and_whether_it_can_judge_a_run() -> None:
    live = {
        "ormas-monitor": {"verdicts": [{"event": "alarm", "severity": "warning", "diagnosis": "no_gradient"},
                                       {"event": "certificate", "severity": "proof"}]},
        "nnscope": {"verdicts": [], "raised": "step 3: ValueError"},
    }  # fmt: skip
    fed = {"gradsnitch": [["GS005", "warning"]], "runmedic": [["loss_spikes", "info"]], "sk-autod": None}
    alarms, judged_by = alarms_of(LoopRecording({}, {}, (), "finished", rivals=live), fed)
    assert alarms == {("ormas-monitor", "alarm no_gradient"), ("gradsnitch", "GS005")}
    assert judged_by == {"ormas-monitor", "gradsnitch", "runmedic"}
    assert names_kind(alarms, "gradsnitch", "frozen_layer")
    assert not names_kind(alarms, "gradsnitch", "restart")


@pytest.mark.parametrize("rule", NAMED_KINDS, ids=" ".join)
def test_packages_rules_name_kinds_that_there_are(rule: tuple[str, str]) -> None:
    assert NAMED_KINDS[rule] <= RIGHT_CAUSES.keys()
