"""The zoo records what it says, does to a run the harm it says, and judges by what no rule sees."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.promises.recording import ANEW
from tests.promises.sample import KINDS, SAMPLE, recorded_sample, stale_specimens, train_sample
from tests.zoo import recording as zoo_recording
from tests.zoo.diagnosing import WEIGHTS, diagnose
from tests.zoo.faults import FaultyBatch, scaled_pixels, spoil_start
from tests.zoo.images import averaged, cropped, load_images, read_images
from tests.zoo.judging import judge, least_errors
from tests.zoo.reading import (
    HIDDEN_FROM_RULES,
    LEFT_OUT,
    TEST_LOSS,
    Recording,
    kept_bytes,
    parse_recording,
    read_kept,
    read_recordings,
)
from tests.zoo.recording import record_pass, recorded_path, recording_passes, train_pass
from tests.zoo.rivals import RIVAL_RULES
from tests.zoo.scoring import RIGHT_CAUSES
from tests.zoo.specimens import EVERY_LAW, HEALTHY, PARTS, Fault, Specimen, zoo_specimens
from tests.zoo.zoos import ZOOS, score_recordings
from tuimove.settings.preset import DataKeys, MeasureKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.training.full_batch import ThreadPool
from tuimove.training.image_set import Digits
from tuimove.training.network import Floats32, start_networks
from tuimove.training.predictions import answer_images
from tuimove.training.trainer import training

EPOCHS = 20


def specimen(kind: str = HEALTHY, strength: float = 0.0, *matrices: str, seed: int = 1, **network: Any) -> Specimen:
    """Return a small specimen."""
    keys = NetworkKeys(**{"hidden": 5, "activation": "tanh", **network})
    preset = Preset(f"{kind}-{seed}", "", keys, TrainingKeys(0.3, EPOCHS, seed), DataKeys(), MeasureKeys(2))
    return Specimen(preset.name, "calibration", Fault(kind, strength, matrices), preset, "small")


def record(digits: Digits, *batch: Specimen) -> list[Recording]:
    """Return small specimens trained side by side."""
    return [parse_recording([json.loads(line) for line in tape.lines]) for tape in train_pass(batch, digits)]


def trained_weights(digits: Digits, which: Specimen, epochs: int) -> dict[str, Floats32]:
    """Return a specimen's weights after a few epochs."""
    networks = start_networks([which.preset.network], [which.preset.training.seed], digits.inputs, digits.classes)
    spoil_start(networks, [which])
    batch = FaultyBatch(
        digits.train_images, digits.train_labels, networks, ThreadPool(1), gradients=True, specimens=[which]
    )
    with scaled_pixels([which]):
        for _ in training(networks, batch, [replace(which.preset.training, epochs=epochs)]):
            pass
    return networks.copied_matrices()


def test_the_halves_share_neither_seed_nor_configuration() -> None:
    for one, other in combinations(PARTS, 2):
        first, second = zoo_specimens(one), zoo_specimens(other)
        assert not {s.preset.training.seed for s in first} & {s.preset.training.seed for s in second}
        assert not {s.configuration for s in first} & {s.configuration for s in second}
        for trait in (neurons_of, images_of, epochs_of):
            assert not set(map(trait, first)) & set(map(trait, second))


def neurons_of(one: Specimen) -> int:
    """Return a specimen's hidden neurons."""
    return one.preset.network.hidden


def images_of(one: Specimen) -> int | None:
    """Return how many images a specimen learns from."""
    return one.preset.data.train


def epochs_of(one: Specimen) -> int:
    """Return for how long a specimen is trained."""
    return one.preset.training.epochs


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_enough_of_every_kind(part: Any) -> None:
    specimens = zoo_specimens(part)
    kinds = Counter(s.fault.kind for s in specimens)
    assert len({s.name for s in specimens}) == len({s.preset.training.seed for s in specimens}) == len(specimens)
    assert kinds.pop(HEALTHY) >= 200
    assert set(kinds) == set(RIGHT_CAUSES)
    assert min(kinds.values()) >= 10
    assert sum(kinds.values()) >= 250


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("is_healthy", [True, False])
def test_narrow_networks_all_images_and_looks_at_every_epoch_are_among_healthy_and_faulty_runs(
    part: Any, is_healthy: bool
) -> None:
    specimens = [s for s in zoo_specimens(part) if s.is_healthy == is_healthy]
    narrow = [s for s in specimens if 4 <= neurons_of(s) <= 12]
    assert len(narrow) >= (0.3 if is_healthy else 0.2) * len(specimens)
    assert {s.preset.data.name.partition("-")[0] for s in specimens} == {"mnist", "fashion"}
    assert any("-" in s.preset.data.name for s in specimens)
    assert any("-" not in s.preset.data.name for s in specimens)
    assert any(s.preset.measure.every == 1 for s in narrow)
    assert any(s.preset.measure.every > 1 for s in specimens)


@pytest.mark.parametrize("part", PARTS)
def test_label_noise_meets_every_activation_and_start(part: Any) -> None:
    noisy = [s.preset.network for s in zoo_specimens(part) if s.fault.kind == "label_noise"]
    assert {(n.activation, n.init) for n in noisy} == set(EVERY_LAW)


@pytest.mark.parametrize("part", PARTS)
def test_every_fault_has_healthy_runs_to_be_compared_with(part: Any) -> None:
    """But for overtrained ones, which are compared with themselves."""
    specimens = zoo_specimens(part)
    healthy = Counter(s.configuration for s in specimens if s.is_healthy)
    faulty = {s.configuration for s in specimens if s.fault.kind not in (HEALTHY, "overtraining")}
    assert min(healthy[configuration] for configuration in faulty) >= 2
    assert min(healthy.values()) >= 2


def test_images_are_made_smaller_by_means_of_four_or_by_their_middle() -> None:
    whole, half, middle = read_images("mnist"), read_images("mnist-14x14"), read_images("mnist-20x20")
    assert (half.image_shape, half.inputs, middle.image_shape) == ((14, 14), 196, (20, 20))
    assert len(half.train_images) == len(whole.train_images)
    image = whole.test_images[3].reshape(28, 28)
    assert half.test_images[3].reshape(14, 14)[6, 7] == round(float(image[12:14, 14:16].mean()) + 1e-6)
    assert middle.test_images[3].reshape(20, 20)[2, 5] == image[6, 9]
    assert averaged(np.full((1, 2, 2), 255, np.uint8)) == 255
    assert cropped(np.zeros((1, 28, 28), np.uint8)).shape == (1, 20, 20)


def test_a_specimen_s_images_are_chosen_as_the_program_chooses_them() -> None:
    chosen = load_images(DataKeys("mnist-14x14", train=300, label_noise=0.5), 1)
    assert chosen.train_images.shape == (300, 196)
    assert 0.2 < (chosen.train_labels != read_images("mnist-14x14").train_labels[:300]).mean() < 0.7


def test_specimens_are_the_same_every_time() -> None:
    assert zoo_specimens("report") == zoo_specimens("report")


@pytest.mark.parametrize("part", PARTS)
def test_networks_of_a_pass_can_be_trained_side_by_side(part: Any) -> None:
    specimens = zoo_specimens(part)
    passes = recording_passes(specimens)
    assert sorted(s.name for batch in passes for s in batch) == sorted(s.name for s in specimens)
    for batch in passes:
        assert len({(s.preset.network.hidden, s.preset.network.activation, s.preset.data) for s in batch}) == 1


def test_a_specimen_is_recorded_as_the_tool_would(digits: Digits) -> None:
    (recorded,) = record(digits, specimen())
    assert recorded.column("epoch").tolist() == list(range(0, EPOCHS + 1, 2))
    assert recorded.status == "finished"
    assert recorded.run["preset"]["training"]["learning_rate"] == 0.3
    assert recorded.column("W1.distance")[0] == 0 < recorded.column("W1.distance")[-1]
    assert recorded.column("loss")[-1] < recorded.column("loss")[0]


def test_rules_never_see_what_a_specimen_is_judged_by(digits: Digits) -> None:
    (recorded,) = record(digits, specimen())
    rows = list(recorded.numbers_for_rules())
    assert rows
    assert {"test_accuracy", TEST_LOSS, "train_accuracy"} <= set(HIDDEN_FROM_RULES) & set(recorded.numbers[0])
    assert not set(HIDDEN_FROM_RULES) & {name for row in rows for name in row}


def test_the_loss_on_the_test_images_is_noted_beside_every_measurement(digits: Digits) -> None:
    which = specimen()
    (recorded,) = record(digits, which)
    for epoch in (0, EPOCHS):
        weights = trained_weights(digits, which, epoch)
        answers = answer_images(weights, "tanh", digits.test_images)
        right = answers[np.arange(len(answers)), digits.test_labels]
        at = recorded.column("epoch").tolist().index(epoch)
        assert recorded.column(TEST_LOSS)[at] == pytest.approx(-np.log(right).mean(), rel=1e-4)


def test_the_loss_on_the_test_images_is_each_network_s_own_and_survives_large_inputs(digits: Digits) -> None:
    healthy, flipped = record(digits, specimen(), specimen("flipped_gradient", -1))
    assert healthy.column(TEST_LOSS)[-1] < 2 < flipped.column(TEST_LOSS)[-1]
    (unscaled,) = record(digits, specimen("unscaled_inputs", 255, init="normal"))
    assert np.isfinite(unscaled.column(TEST_LOSS)).all()


def test_what_is_kept_of_a_specimen_is_read_back_complete(digits: Digits) -> None:
    (recorded,) = record(digits, specimen())
    back = read_kept(kept_bytes(recorded))
    assert (back.specimen, back.status, len(back.numbers)) == (recorded.specimen, "finished", len(recorded.numbers))
    for name in set(recorded.numbers[0]) - set(LEFT_OUT):
        np.testing.assert_allclose(back.column(name), recorded.column(name), rtol=1e-5)
    assert diagnose(back) == diagnose(recorded)


def test_a_fault_leaves_the_networks_beside_it_alone(digits: Digits) -> None:
    faults = [specimen("flipped_gradient", -1), specimen("restart", 0.5), specimen("frozen_layer", 0, "W1", "b1")]
    alone = record(digits, specimen(), specimen(), specimen(), specimen())[0]
    beside = record(digits, specimen(), *faults)[0]
    assert beside.column("W1.distance").tolist() == alone.column("W1.distance").tolist()


def test_a_flipped_gradient_climbs(digits: Digits) -> None:
    (recorded,) = record(digits, specimen("flipped_gradient", -1))
    assert (np.diff(recorded.column("loss")) > 0).all()
    assert recorded.column("learning_rate").min() > 0


def test_a_frozen_layer_never_moves(digits: Digits) -> None:
    (recorded,) = record(digits, specimen("frozen_layer", 0, "W1", "b1"))
    assert not recorded.column("W1.distance").any()
    assert not recorded.column("b1.distance").any()
    assert recorded.column("W2.distance")[-1] > 0


def test_a_restart_goes_back_to_new_weights_midway(digits: Digits) -> None:
    plain, restarted = record(digits, specimen(init="normal"), specimen("restart", 0.5, init="normal"))
    quarter = EPOCHS // 4
    assert restarted.column("W1.distance")[:quarter].tolist() == plain.column("W1.distance")[:quarter].tolist()
    expected = math.sqrt(2) * plain.column("W1.norm")[0]
    assert restarted.column("W1.distance")[quarter] == pytest.approx(expected, rel=0.3)
    assert restarted.column("loss")[quarter] > restarted.column("loss")[quarter - 1]


def test_weight_decay_is_that_of_the_textbook(digits: Digits) -> None:
    """One step: W - rate * (gradient + decay * W)."""
    start, plain = trained_weights(digits, specimen(), 0), trained_weights(digits, specimen(), 1)
    decayed = trained_weights(digits, specimen("weight_decay", 0.5), 1)
    np.testing.assert_allclose(decayed["W1"], plain["W1"] - 0.3 * 0.5 * start["W1"], atol=1e-6)
    np.testing.assert_array_equal(decayed["b1"], plain["b1"])


def test_unscaled_inputs_are_pixels_of_0_to_255(digits: Digits) -> None:
    """With first weights 255 times smaller the network is the same and their gradients are 255 times larger."""
    small = specimen("unscaled_inputs", 255)
    networks = start_networks([small.preset.network], [1], digits.inputs, digits.classes)
    arguments = (digits.train_images, digits.train_labels, networks, ThreadPool(1))
    plain_loss, plain = FaultyBatch(*arguments, gradients=True, specimens=[specimen()]).differentiate(networks)
    networks.W1[...] /= 255
    with scaled_pixels([small]):
        loss, sums = FaultyBatch(*arguments, gradients=True, specimens=[small]).differentiate(networks)
    assert loss[0].loss == pytest.approx(plain_loss[0].loss, rel=1e-5)
    np.testing.assert_allclose(sums.W1 / 255, plain.W1, atol=1e-3)


@pytest.mark.parametrize(
    ("kind", "strength", "matrix", "expected"),
    [("start_too_large", 20, "W1", 20), ("start_too_small", 0.01, "W2", 0.01), ("saturation", 50, "W1", 50)],
)
def test_a_scaled_start_is_scaled(digits: Digits, kind: str, strength: float, matrix: str, expected: float) -> None:
    plain, faulty = trained_weights(digits, specimen(), 0), trained_weights(digits, specimen(kind, strength), 0)
    np.testing.assert_allclose(faulty[matrix], expected * plain[matrix], rtol=1e-6)


def test_a_constant_start_is_constant_and_dead_units_are_dead(digits: Digits) -> None:
    constant = trained_weights(digits, specimen("start_constant", 0.5), 0)
    assert all((matrix == 0.5).all() for matrix in constant.values())
    (dead,) = record(digits, specimen("dead_relu", -100, activation="relu"))
    assert dead.column("W1.distance")[-1] == 0


def test_a_pass_is_written_as_a_whole_and_skipped_when_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                   digits: Digits) -> None:  # fmt: skip
    monkeypatch.setattr(zoo_recording, "load_images", lambda *_: digits)
    batch = (specimen(seed=1), specimen("flipped_gradient", -1, seed=2))
    record_pass(batch, tmp_path)
    before = [recorded_path(s, tmp_path).read_bytes() for s in batch]
    assert [r.kind for r in read_recordings(tmp_path)] == ["flipped_gradient", HEALTHY]
    zoo_recording.record_zoo(batch, tmp_path, workers=1)
    assert [recorded_path(s, tmp_path).read_bytes() for s in batch] == before
    assert len(list(tmp_path.iterdir())) == 2
    again = tmp_path / "again"
    zoo_recording.record_zoo(batch, again, workers=1, only="nothing has this name")
    assert not list(again.iterdir())
    record_pass(batch, again)
    assert [recorded_path(s, again).read_bytes() for s in batch] == before


def course(kind: str, accuracies: list[float], *, status: str = "finished", configuration: str = "c") -> Recording:
    """Return a recording with given test accuracies."""
    rows = tuple(
        {"epoch": float(10 * place), "loss": 2.0 - 0.01 * place, "test_accuracy": accuracy}
        for place, accuracy in enumerate(accuracies)
    )
    run = {"preset": {"training": {"epochs": 10 * len(rows)}}}
    return Recording({"name": kind, "kind": kind, "configuration": configuration}, run, rows, status)


RISING = [0.1, *np.linspace(0.5, 0.9, 20).tolist()]


@pytest.mark.parametrize(
    ("accuracies", "state"),
    [
        (RISING, "healthy"),
        ([*RISING[:-1], 0.875], "healthy"),
        ([*RISING[:-1], 0.86], "unclear"),
        ([0.1] * 21, "faulty"),
        ([*RISING, 0.87], "faulty"),
        ([*RISING[:10], 0.3, *RISING[10:]], "faulty"),
    ],
)
def test_a_run_is_judged_by_its_test_accuracy(accuracies: list[float], state: str) -> None:
    errors = least_errors([course(HEALTHY, RISING)])
    assert judge(course("x", accuracies), errors).state == state


def test_a_run_that_stops_being_numbers_is_faulty_and_one_without_comparison_never_healthy() -> None:
    assert judge(course("x", RISING, status="failed"), {"c": 0.1}).state == "faulty"
    assert judge(course("x", RISING), {}).state == "unclear"


def test_the_best_epoch_by_test_loss_is_told_beside_that_by_accuracy() -> None:
    plain = course(HEALTHY, RISING)
    rows = [{**row, TEST_LOSS: abs(place - 3)} for place, row in enumerate(plain.numbers)]
    del rows[0][TEST_LOSS]
    assert judge(plain, {}).best_loss_epoch is None
    verdict = judge(replace(plain, numbers=tuple(rows)), {})
    assert (verdict.best_loss_epoch, verdict.best_epoch) == (30, 200)


def test_every_rival_s_rule_can_be_told_of_every_kind_of_course(digits: Digits) -> None:
    (healthy, flipped, frozen) = record(
        digits, specimen(), specimen("flipped_gradient", -1), specimen("frozen_layer", 0, "W1", "b1")
    )
    alarmed = {
        (rule.tool, rule.name): [rule.first_epoch(r) is not None for r in (healthy, flipped, frozen)]
        for rule in RIVAL_RULES
    }
    assert alarmed["SageMaker Debugger", "LossNotDecreasing"] == [False, True, False]
    assert alarmed["SageMaker Debugger", "UnchangedTensor"] == [False, False, True]
    assert alarmed["SageMaker Debugger", "ExplodingTensor"] == [False, False, False]


def test_a_sample_of_the_zoo_can_be_scored(digits: Digits) -> None:
    recordings = record(digits, specimen(), specimen("flipped_gradient", -1, seed=2))
    by_name = {s.kind: s for s in score_recordings(ZOOS["own"], recordings)[WEIGHTS]}
    assert by_name["flipped_gradient"].is_faulty
    assert by_name[HEALTHY].rival_alarms


def require_told_apart(recordings: list[Recording]) -> None:
    """See that healthy specimens pass, and that each fault hurts and is named."""
    assert {recording.kind for recording in recordings} == {HEALTHY, *KINDS}
    for scored in score_recordings(ZOOS["own"], recordings)[WEIGHTS]:
        assert scored.counts, scored.verdict
        assert scored.names_right_cause if scored.is_faulty else not scored.serious, scored.name


def test_a_small_sample_of_the_zoo_is_told_apart() -> None:
    """A few kinds of one configuration, on MNIST, as they were recorded."""
    stale = stale_specimens()
    assert not stale, f"{', '.join(stale)}: {ANEW} {SAMPLE}"
    require_told_apart(recorded_sample())


@pytest.mark.whole
def test_a_small_sample_of_the_zoo_that_is_trained_is_told_apart() -> None:
    """Half a minute of training; what this proves is recorded, and holds until behaviour changes."""
    require_told_apart([parse_recording(records) for records in train_sample()])
