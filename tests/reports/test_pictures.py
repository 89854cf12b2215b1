"""Which pictures recorded runs have, and what is in them."""

from __future__ import annotations

import pytest

from tests.support.recordings import course_of, recorded
from tuimove.recording.reading.course import Course
from tuimove.reports.paper import Paper
from tuimove.reports.pictures import closing_kind, pictures_of
from tuimove.reports.text_plots import closing_text


def runs(name: str, count: int, **keys: object) -> list[Course]:
    return [course_of(recorded(name, seed, **keys)) for seed in range(1, count + 1)]  # type: ignore[arg-type]


def ends_of_rates() -> list[Course]:
    return [course_of(recorded("same-network", training__learning_rate=rate)) for rate in (0.01, 0.1, 1.0)]


@pytest.mark.parametrize(
    ("courses", "kind"),
    [
        (runs("same-network", 1), "course"),
        (runs("same-network", 3), "course"),
        (ends_of_rates(), "ends"),
        (runs("weights-normal", 1), "entries"),
        (runs("four-networks", 2), "movement"),
        (runs("repeatability", 2), "ends"),
    ],
)
def test_the_usual_kind_is_the_preset_s_or_follows_from_what_is_varied(courses: list[Course], kind: str) -> None:
    assert closing_kind(courses) == kind
    assert closing_text(courses, Paper(80))


def test_a_course_is_distance_and_norm_against_epochs() -> None:
    distance, norm = pictures_of(runs("same-network", 1), "course")
    assert (distance.title, norm.title) == ("distance of W1 from its start [weight]", "norm of W1 [weight]")
    assert list(distance.series[0].x) == [*range(0, 1001, 100)]


def test_of_many_runs_the_mean_is_drawn_over_their_courses() -> None:
    courses = runs("same-network", 6)
    distance, _ = pictures_of(courses, "course")
    *each, mean = distance.series
    assert (len(each), mean.label) == (6, "mean")
    assert mean.y[-1] == pytest.approx(sum(course.end("W1.distance") for course in courses) / 6)


def test_ends_over_decades_are_drawn_on_a_logarithmic_axis() -> None:
    distances, _ = pictures_of(ends_of_rates(), "ends")
    assert distances.is_log
    assert [series.label for series in distances.series] == ["W1", "b1", "W2"]
    assert list(distances.series[0].x) == [0.01, 0.1, 1.0]


def test_ends_over_words_have_named_places() -> None:
    courses = [course_of(recorded("same-network", network__activation=word)) for word in ("relu", "tanh")]
    assert {picture.ticks for picture in pictures_of(courses, "ends")} == {("relu", "tanh")}


def test_networks_of_many_lengths_stand_beside_the_course_of_one_trained_on() -> None:
    different = [
        course_of(recorded("same-network", epochs, every=9999, training__epochs=epochs)) for epochs in (10, 20, 30)
    ]
    alone, _ = pictures_of(different, "ends")
    beside, _ = pictures_of(different, "ends", runs("same-network", 1))
    assert [series.style for series in alone.series] == ["points"]
    assert [series.label for series in beside.series] == ["W1", "one network trained on"]


def test_histograms_are_densities_of_start_and_end() -> None:
    (picture,) = pictures_of(runs("weights-normal", 1), "entries")
    assert [series.label for series in picture.series] == ["at the start", "after 1000 epochs"]
    assert sum(picture.series[0].y[::2]) * 0.4 == pytest.approx(1)


@pytest.mark.parametrize("kind", ["entries", "movement"])
def test_without_histograms_those_pictures_are_left_out(kind: str) -> None:
    assert pictures_of(runs("weights-normal", 1, histograms=False), kind) == []


@pytest.mark.parametrize("kind", ["course", "entries", "movement", "ends"])
def test_records_that_say_next_to_nothing_have_no_pictures(kind: str) -> None:
    course = Course("a")
    course.take({"record": "measurement", "epoch": 0, "matrices": {"W1": "much"}})
    assert pictures_of([course, Course("b")], kind) == []
