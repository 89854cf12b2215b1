"""The report's page, read as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.loop_runs import finding, loop_records
from tests.support.page_reading import Element, chart, headings, labels, legend, line_classes, read_page
from tests.support.recordings import course_of, recorded
from tuimove.recording.reading.course import Course
from tuimove.reports.page.svg import LEFT, RIGHT, WIDTH
from tuimove.reports.report_page import report_page
from tuimove.reports.source_document.agreement import compare_with_document
from tuimove.reports.study import Study

DISTANCE = "Distance of W1 from its start"
HOSTILE = "<script>alert(\"1\")</script> & 'x'"
USUAL = ["Runs at their end", "Findings", "Over the epochs", "The other matrices"]


def run(seed: int = 1, *, every: int = 50, **keys: Any) -> Course:
    return course_of(recorded("same-network", seed, every=every, **keys))


def sweep(key: str, values: Sequence[object], seeds: int = 1) -> list[Course]:
    return [run(seed, every=50, **{key: value}) for value in values for seed in range(1, seeds + 1)]


def page_of(*studies: list[Course]) -> Element:
    return read_page(text_of(*studies))


def text_of(*studies: list[Course]) -> str:
    courses = [course for study in studies for course in study]
    return report_page([Study("a folder", study) for study in studies], compare_with_document(courses))


def test_verdict_and_table_come_first_then_findings_then_pictures() -> None:
    page = page_of([run()])
    names = [one.attributes.get("class", one.tag) for one in page.all("body")[0].within()]
    order = [names.index(name) for name in ("h1", "verdict good", "nav", "table", "findings", "figure")]
    assert order == sorted(order)
    assert headings(page)[1:5] == USUAL


def test_the_title_stands_there_once() -> None:
    assert headings(page_of([run()])).count("One network and its weights") == 1
    assert len(page_of([run()]).all("h1")) == 1


def test_the_contents_lead_to_every_heading() -> None:
    page = page_of([run()])
    ids = {one.attributes["id"] for one in page.within() if "id" in one.attributes}
    targets = [link.attributes["href"].removeprefix("#") for link in page.all("a")]
    listed = [re.sub(r" \(\d+\)$", "", link.text) for link in page.all("nav")[0].all("a")]
    assert {*targets} <= ids
    assert listed == [one.text for one in page.all("h2")]


def test_the_document_s_numbers_stand_beside_ours_with_how_many_agree() -> None:
    page = page_of([course_of(recorded("repeatability", seed)) for seed in range(1, 10)])
    assert re.search(r"\d of 3 judged numbers agree", page.all("div", "verdict")[0].text)
    section = headings(page).index("Beside the source document")
    assert headings(page)[section + 1 :][-1] == "Settings"
    assert "W1, nine networks" in page.text
    figures = [one for one in page.all("figure") if one.all("path", "hollow")]
    assert [labels(legend(one)) for one in figures] == [["the document", "ours"]]


def test_several_studies_each_have_a_verdict_a_table_and_a_place_in_the_contents() -> None:
    page = page_of([run()], sweep("network__hidden", (5, 20)))
    assert headings(page)[0] == "2 studies, 3 runs"
    assert len(page.all("div", "verdict")) == 2
    assert [link.text for link in page.all("nav")[0].all("a")][-2:] == ["One network and its weights"] * 2


def test_a_finding_is_marked_at_its_epoch_and_numbered_as_in_the_list() -> None:
    page = page_of([run()])
    figure = chart(page, DISTANCE)
    (flag,) = figure.all("a", "flag")
    (listed,) = page.all("li", "notice")
    assert flag.text == "1"
    assert listed.text.startswith("1 notice It grew.")
    assert flag.attributes["href"] == f"#{listed.attributes['id']}"
    x = float(re.match(r"M([\d.]+)", flag.all("path")[0].attributes["d"])[1])  # type: ignore[index]
    assert x == pytest.approx(LEFT + (WIDTH - LEFT - RIGHT) * 100 / 1000, abs=0.1)
    assert len(figure.all("path", "dot")) == 1
    assert "Finding 1 at epoch 100." in figure.all("svg")[0].attributes["aria-label"]
    assert not chart(page, "W2").all("a", "flag"), "it is about another matrix"


def test_a_dot_is_on_the_line_of_each_run_that_had_a_finding() -> None:
    courses = sweep("network__hidden", (5, 20, 80))
    courses[1].findings.clear()
    (dots,) = chart(page_of(courses), DISTANCE).all("path", "dot")
    assert dots.attributes["d"].count("M") == 2


def test_notices_are_folded_where_anything_is_graver() -> None:
    course = course_of([*loop_records(1, 10), finding(8, "lm_head.weight", "alarm"), finding(20, "ln", "notice")])
    page = page_of([course])
    (details, _) = page.all("details")
    assert "open" not in details.attributes
    assert details.all("summary")[0].text == "1 notice"
    assert page.all("div", "verdict")[0].text.startswith("Alarm: It grew.")


def test_runs_of_a_sweep_are_coloured_by_what_is_swept_on_a_log_scale_with_a_legend() -> None:
    page = page_of(sweep("training__learning_rate", (0.01, 0.1, 1.0, 10.0)))
    assert labels(legend(page)) == ["learning rate:", "0.01", "0.1", "1", "10"]
    tones = [f"line q{step}" for step in (0, 4, 7, 11)]
    assert [one.attributes["class"] for one in legend(page).all("path")] == tones
    assert line_classes(chart(page, DISTANCE)) == tones
    cells = [row.all("td")[0] for row in page.all("table")[0].all("tr")[1:]]
    assert [(cell.text, cell.classes) for cell in cells] == [
        ("0.01", ["q0"]), ("0.1", ["q4"]), ("1", ["q7"]), ("10", ["q11"]),
    ]  # fmt: skip


def test_many_values_have_a_scale_in_place_of_a_list() -> None:
    rates = [0.001 * 10 ** (place / 5) for place in range(16)]
    scale = legend(page_of(sweep("training__learning_rate", rates)))
    assert scale.all("span", "name")[0].text == "learning rate, log scale:"
    assert [one.text for one in scale.all("span", "ramp")[0].all("span")] == ["0.001", "0.032", "1"]


def test_runs_are_listed_and_drawn_by_what_is_swept_whatever_their_order() -> None:
    page = page_of(sweep("network__hidden", (20, 5, 80)))
    assert [row.all("td")[0].text for row in page.all("table")[0].all("tr")[1:]] == ["5", "20", "80"]
    assert line_classes(chart(page, DISTANCE)) == ["line q0", "line q6", "line q11"]


def test_names_have_colours_of_their_own() -> None:
    page = page_of(sweep("network__activation", ("relu", "tanh")))
    assert labels(legend(page)) == ["activation:", "relu", "tanh"]
    assert line_classes(chart(page, DISTANCE)) == ["line k0", "line k1"]


def test_a_mean_and_a_range_are_drawn_over_seeds_alone() -> None:
    rates = page_of(sweep("training__learning_rate", (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)))
    assert not [one for one in rates.within() if "mean" in one.classes]
    assert "mean" not in [row.all("td")[0].text for row in rates.all("tr")[1:]]
    seeds = chart(page_of([run(seed) for seed in range(1, 6)]), DISTANCE)
    assert line_classes(seeds) == [*["line soft"] * 5, "line mean k0"]
    assert len(seeds.all("path", "band")) == 1
    assert labels(legend(page_of([run(seed) for seed in range(1, 6)]))) == [
        "mean of 5 seeds", "lowest to highest", "each run",
    ]  # fmt: skip


def test_of_rates_and_seeds_each_rate_has_its_mean_over_the_seeds() -> None:
    page = page_of(sweep("training__learning_rate", (0.1, 1.0), seeds=3))
    assert line_classes(chart(page, DISTANCE)) == ["line mean q0", "line mean q11"]
    header, *rows = page.all("table")[0].all("tr")
    assert [cell.text for cell in header.all("th")][:3] == ["learning rate", "runs", "W1"]
    assert [[cell.text for cell in row.all("td")][:3] for row in rows] == [
        ["0.1", "3", "10.5 ± 0.069"], ["1", "3", "10.5 ± 0.069"],
    ]  # fmt: skip


def test_a_run_that_ended_early_is_a_line_beside_the_mean_of_the_others() -> None:
    courses = [run(seed) for seed in range(1, 5)]
    courses[0].rows = courses[0].rows[:5]
    figure = chart(page_of(courses), DISTANCE)
    mean = figure.all("path", "mean")[0].attributes["d"]
    assert mean == chart(page_of(courses[1:]), DISTANCE).all("path", "mean")[0].attributes["d"]
    assert line_classes(figure).count("line soft") == 4
    assert labels(legend(page_of(courses)))[0] == "mean of the 3 seeds that went farthest"


def test_a_second_swept_setting_chooses_the_line_style() -> None:
    courses = [run(network__hidden=hidden, training__learning_rate=rate) for hidden in (5, 20, 80) for rate in (1, 2)]
    page = page_of(courses)
    assert labels(legend(page)) == ["hidden:", "5", "20", "80", "learning rate 1", "learning rate 2"]
    assert line_classes(chart(page, DISTANCE)) == ["line q0", "line q0 d1", "line q6", "line q6 d1", "line q11",
                                                   "line q11 d1"]  # fmt: skip
    assert len(chart(page, f"{DISTANCE} at the end").all("path", "points")) == 2


def test_a_second_swept_setting_of_many_values_has_a_chart_for_each() -> None:
    courses = [run(network__hidden=hidden, training__learning_rate=rate)
               for hidden in (5, 10, 20, 40, 80) for rate in (1, 2, 3, 4, 5)]  # fmt: skip
    page = page_of(courses)
    for rate in (1, 2, 3, 4, 5):
        assert len(line_classes(chart(page, f"{DISTANCE}, learning rate {rate}"))) == 5


def test_a_loop_s_many_matrices_stand_side_by_side() -> None:
    page = page_of([course_of([*loop_records(4, 20)])])
    (small,) = page.all("div", "small")
    assert len(small.all("figure")) == 15
    assert "lm_head.weight" in [one.text for one in small.all("p", "title")]
    assert headings(page)[3] == "Over the steps"


def loops(*names: str) -> list[Course]:
    courses = [course_of([*loop_records(1, 20)]) for _ in names]
    for course, name in zip(courses, names, strict=True):
        course.label = name
        course.preset = {"name": name, "title": name}
    return courses


def test_loops_of_which_no_setting_is_known_have_a_colour_each_and_no_mean() -> None:
    page = page_of(loops("first", "second"))
    assert headings(page)[0] == "a folder", "their titles differ"
    assert labels(legend(page)) == ["run:", "first", "second"]
    assert [row.all("td")[0].text for row in page.all("table")[0].all("tr")[1:]] == ["first", "second"]
    assert page.all("div", "verdict")[0].classes == ["verdict", "notice"], "they haven't finished"


def test_loops_of_the_same_name_are_numbered() -> None:
    assert labels(legend(page_of(loops("gpt", "gpt")))) == ["run:", "gpt (1)", "gpt (2)"]


def test_every_picture_says_what_it_is_and_how_it_is_read() -> None:
    page = page_of(sweep("network__hidden", (5, 20)))
    for figure in page.all("figure"):
        (svg,) = figure.all("svg")
        title = figure.all("p", "title")[0].text
        assert title
        assert svg.attributes["role"] == "img"
        assert svg.attributes["aria-label"].startswith(title)
    assert "Stands for" not in page.text
    distance = chart(page, DISTANCE).all("figcaption")[0].text
    assert distance.startswith("The root of the summed squared changes of its entries.")


def test_what_failed_leads_the_verdict() -> None:
    failed = recorded("same-network")
    failed[-1] |= {"status": "failed", "reason": "loss not finite"}
    (verdict,) = page_of([course_of(failed), run(2)]).all("div", "verdict")
    assert "alarm" in verdict.classes
    assert verdict.text.startswith("1 of 2 runs failed. 2 runs: 1 failed, 1 finished. training.seed=1: loss not finite")


def test_what_the_end_remarks_stands_in_the_verdict_as_text() -> None:
    remarked = recorded("same-network")
    remarked[-1] |= {"remark": f"12 of 20 looks left out {HOSTILE}"}
    page = page_of([course_of(remarked), run(2)])
    (verdict,) = page.all("div", "verdict")
    assert f"2 runs: 2 finished. training.seed=1: 12 of 20 looks left out {HOSTILE}." in verdict.text
    assert not page.all("script")


def test_a_run_without_findings_says_so() -> None:
    course = run()
    course.findings.clear()
    page = page_of([course])
    assert page.all("div", "verdict")[0].text.startswith("No alarm and no warning. 1 run: 1 finished.")
    assert not page.all("a", "flag")


def test_names_are_text_wherever_they_stand() -> None:
    records = recorded("same-network")
    records[0]["preset"]["title"] = records[0]["preset"]["name"] = HOSTILE
    next(record for record in records if record["record"] == "finding")["message"] = HOSTILE
    page = page_of([course_of(records)])
    assert not page.all("script")
    assert headings(page)[0] == HOSTILE
    assert not page_of(loops("a", HOSTILE)).all("script")


def test_it_fits_a_narrow_window_and_paper() -> None:
    style = text_of([run()])
    assert "minmax(min(100%, 21rem), 1fr)" in style
    print_style = style.partition("@media print")[2]
    assert re.search(r"figure[^}]*break-inside: avoid", print_style)
    assert "@page" in print_style


@pytest.mark.parametrize("rate", [1.0, 1.1])
def test_a_hundred_runs_are_less_than_half_a_megabyte(rate: float) -> None:
    """Of seeds alone, and of learning rates."""
    courses = [run(seed, every=10, training__learning_rate=0.001 * rate**seed) for seed in range(100)]
    assert len(text_of(courses)) < 500_000


def test_the_same_runs_give_the_same_page() -> None:
    courses = sweep("network__hidden", (5, 20))
    assert text_of(courses) == text_of(courses)


def test_runs_that_say_next_to_nothing_have_a_page_without_pictures() -> None:
    course = Course("a")
    course.take({"record": "measurement", "epoch": 0, "matrices": {"W1": "much"}})
    page = page_of([course, Course("b", rows=[{"epoch": 3.0}])])
    assert page.all("figure") == []
    assert [row.all("td")[0].text for row in page.all("tr")[1:3]] == ["a", "b"]
