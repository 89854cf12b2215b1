"""One epoch agrees with the plain mathematics, whatever the shape, the activation, the data and the form.

As plain Python, where nothing is compiled, the same lines run a thousand times as slowly: there every test keeps its
smallest sizes, which walk every branch, and leaves the others to compiled code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numba
import numpy as np
import pytest

from tests.conftest import random_digits
from tests.support import naive
from tuimove.settings.preset import ACTIVATIONS, BIAS_GRADIENTS, NetworkKeys, TrainingKeys
from tuimove.training import image_layout
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_layout import Form
from tuimove.training.image_set import Digits
from tuimove.training.network import SLICES, Networks, start_networks
from tuimove.training.trainer import Step, training

MATRICES = ("W1", "b1", "W2", "b2")
JIT_IS_OFF = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]
HALVES = (1, 3, 17) if JIT_IS_OFF else range(1, 53)
"""Half vectors in a row: less than one vector, a strip with a half, two strips; or all there are up to 416 neurons."""
EPOCHS = 5 if JIT_IS_OFF else 50
"""Of gradient descent beside the reference."""


def networks_for(digits: Digits, hidden: int, activation: str, inits: Sequence[str] = ("glorot",)) -> Networks:
    keys = [NetworkKeys(hidden=hidden, activation=activation, init=init) for init in inits]
    networks = start_networks(keys, range(3, 3 + len(keys)), digits.inputs, digits.classes)
    for member in range(len(keys)):
        matrices = networks.matrices(member)
        for bias in (matrices["b1"], matrices["b2"]):
            bias += np.linspace(-0.1, 0.1, len(bias), dtype=np.float32)
    return networks


def full_batch(digits: Digits, networks: Networks, threads: int = 1, form: Form | None = None) -> FullBatch:
    pool = ThreadPool(threads)
    return FullBatch(digits.train_images, digits.train_labels, networks, pool, gradients=True, form=form)


def in_float64(networks: Networks, member: int = 0) -> naive.Parameters:
    return {name: matrix.astype(np.float64) for name, matrix in networks.matrices(member).items()}


def summed_gradients(networks: Networks, batch: FullBatch, member: int = 0) -> naive.Parameters:
    """Return the kernels' gradients of the mean loss in the document's shapes."""
    _, sums = batch.differentiate(networks)
    totals = {name: getattr(sums, name).sum(axis=0, dtype=np.float64) for name in MATRICES}
    return {name: total / batch.samples for name, total in replace(networks, **totals).matrices(member).items()}


def train(networks: Networks, batch: FullBatch, keys: TrainingKeys) -> list[list[Step]]:
    return list(training(networks, batch, [keys] * len(networks.roles)))


def relative_error(got: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(got - expected) / (np.linalg.norm(expected) or 1))


def assert_gradients_agree(digits: Digits, networks: Networks, batch: FullBatch) -> None:
    activation = networks.activation
    for member in range(len(networks.roles)):
        parameters = in_float64(networks, member)
        expected = naive.gradients(digits.train_images, digits.train_labels, parameters, activation)
        for name, gradient in summed_gradients(networks, batch, member).items():
            assert relative_error(gradient, expected[name]) < 1e-5, (name, member)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias_gradient", BIAS_GRADIENTS)
def test_reference_gradients_are_the_slopes_of_the_loss(activation: str, bias_gradient: str) -> None:
    digits = random_digits(12, (3, 2), 3)
    pixels, labels = digits.train_images, digits.train_labels
    parameters = in_float64(networks_for(digits, 4, activation))
    found = naive.gradients(pixels, labels, parameters, activation, bias_gradient)
    for name, matrix in parameters.items():
        slopes = np.zeros_like(matrix)
        for place in np.ndindex(matrix.shape):
            kept = matrix[place]
            losses = []
            for nudged in (kept + 1e-5, kept - 1e-5):
                matrix[place] = nudged
                losses.append(naive.mean_loss(pixels, labels, parameters, activation))
            matrix[place] = kept
            slopes[place] = (losses[0] - losses[1]) / 2e-5
        if bias_gradient == "shared" and matrix.ndim == 1:
            slopes[:] = slopes.sum()
        np.testing.assert_allclose(found[name], slopes, atol=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [1, 17] if JIT_IS_OFF else [1, 3, 16, 17, 33, 140])
def test_gradients_agree_with_the_reference(activation: str, hidden: int) -> None:
    digits = random_digits(70, (5, 4), 10)
    networks = networks_for(digits, hidden, activation)
    assert_gradients_agree(digits, networks, full_batch(digits, networks))


@pytest.mark.parametrize("halves", HALVES)
def test_gradients_agree_for_every_number_of_half_vectors(halves: int) -> None:
    digits = random_digits(40, (4, 4), 3)
    networks = networks_for(digits, 8 * halves, "tanh")
    assert_gradients_agree(digits, networks, full_batch(digits, networks))


@pytest.mark.parametrize(
    ("samples", "classes", "inputs", "density"),
    [
        pytest.param(1, 2, (1, 1), 1.0, id="one empty image of one pixel"),
        pytest.param(15, 2, (1, 7), 0.1, id="fewer samples than slices"),
        pytest.param(16, 17, (2, 3), 0.5, id="more classes than lanes"),
        pytest.param(60, 256, (3, 3), 0.4, id="256 classes"),
        pytest.param(50, 10, (7, 7), 1.0, id="no pixel is zero"),
        pytest.param(50, 10, (7, 7), 0.0, id="hardly a pixel isn't"),
        pytest.param(20, 3, (20, 20), 0.2, id="more inputs than a block"),
    ],
)
def test_gradients_agree_for_any_data(samples: int, classes: int, inputs: tuple[int, int], density: float) -> None:
    digits = random_digits(samples, inputs, classes, density)
    networks = networks_for(digits, 5, "tanh")
    assert_gradients_agree(digits, networks, full_batch(digits, networks))


@pytest.mark.parametrize(("density", "form"), [(0.2, "sparse"), (0.95, "dense")])
def test_the_share_of_pixels_decides_the_form(density: float, form: str) -> None:
    digits = random_digits(50, (7, 7), 3, density)
    assert full_batch(digits, networks_for(digits, 5, "relu")).form == form


@pytest.mark.parametrize("form", ["sparse", "dense"])
@pytest.mark.parametrize("tile", [5] if JIT_IS_OFF else [5, 150])
def test_both_forms_agree_on_the_same_images(form: Form, tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of more than two tiles, several networks that are wider than a vector."""
    for name in ("NARROW_TILE", "WIDE_TILE"):
        monkeypatch.setattr(image_layout, name, tile)
    digits = random_digits(SLICES * (2 * tile + 1), (4, 4), 3, 0.5)
    networks = networks_for(digits, 17, "sigmoid", ["glorot", "normal"])
    batch = full_batch(digits, networks, form=form)
    assert_gradients_agree(digits, networks, batch)
    verdicts = batch.evaluate(networks)
    for member, verdict in enumerate(verdicts):
        parameters = in_float64(networks, member)
        expected = naive.mean_loss(digits.train_images, digits.train_labels, parameters, "sigmoid")
        assert verdict.loss == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias_gradient", BIAS_GRADIENTS)
def test_training_follows_the_reference(activation: str, bias_gradient: str) -> None:
    """Weights, losses and accuracies stay within 1e-4 of plain gradient descent in NumPy."""
    digits = random_digits(60, (4, 4), 3)
    pixels, labels = digits.train_images, digits.train_labels
    networks = networks_for(digits, 6, activation)
    expected = in_float64(networks)
    keys = TrainingKeys(learning_rate=0.2, epochs=EPOCHS, bias_gradient=bias_gradient)
    for (step,) in training(networks, full_batch(digits, networks), [keys]):
        assert step.loss == pytest.approx(naive.mean_loss(pixels, labels, expected, activation), rel=1e-4)
        assert step.train_accuracy == naive.accuracy(pixels, labels, expected, activation)
        for name, matrix in networks.matrices().items():
            assert relative_error(matrix, expected[name]) < 1e-4, (name, step.epoch)
        slopes = naive.gradients(pixels, labels, expected, activation, bias_gradient)
        expected = {name: matrix - 0.2 * slopes[name] for name, matrix in expected.items()}
    assert step.epoch == EPOCHS


@pytest.mark.parametrize("hidden", [3] if JIT_IS_OFF else [3, 16, 20])
def test_networks_side_by_side_train_as_they_do_alone(hidden: int) -> None:
    """Within rounding: how many entries are summed at once depends on the row's width, and so does the order.

    A weight gradient sums some 100 products here, each rounded to 2^-24, so 1e-5 after ten epochs is ample.
    """
    digits = random_digits(90, (5, 5), 4)
    keys = [
        TrainingKeys(learning_rate=rate, epochs=10, bias_gradient=rule)
        for rate, rule in [(0.1, "per_neuron"), (0.5, "shared"), (2.0, "per_neuron")]
    ]
    shapes = [NetworkKeys(hidden=hidden, init=init) for init in ("uniform", "normal", "he")]
    together = start_networks(shapes, [1, 2, 3], digits.inputs, digits.classes)
    joint = list(training(together, full_batch(digits, together), keys))
    for member, (shape, member_keys) in enumerate(zip(shapes, keys, strict=True)):
        alone = start_networks([shape], [member + 1], digits.inputs, digits.classes)
        steps = [step for (step,) in training(alone, full_batch(digits, alone), [member_keys])]
        for name, matrix in alone.matrices().items():
            assert relative_error(together.matrices(member)[name], matrix) < 1e-5, (name, member)
        assert [step.loss for step in steps] == pytest.approx([all_[member].loss for all_ in joint], rel=1e-5)


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_network_that_fails_spoils_no_other() -> None:
    digits = random_digits(60, (4, 4), 3)
    healthy, failing = TrainingKeys(learning_rate=0.1, epochs=8), TrainingKeys(learning_rate=1e38, epochs=8)
    networks = networks_for(digits, 5, "relu", ["glorot"] * 3)
    *_, last = training(networks, full_batch(digits, networks), [healthy, failing, healthy])
    assert [step.is_finite for step in last] == [True, False, True]
    for member in (0, 2):
        assert all(np.isfinite(matrix).all() for matrix in networks.matrices(member).values())


def test_threads_do_not_change_a_bit() -> None:
    digits = random_digits(90, (5, 5), 4)
    networks = networks_for(digits, 7, "sigmoid")
    alone = summed_gradients(networks, full_batch(digits, networks))
    for threads in (2, 3, SLICES, 50):
        together = summed_gradients(networks, full_batch(digits, networks, threads))
        assert all(np.array_equal(alone[name], together[name]) for name in MATRICES), threads


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("density", [0.3, 1.0])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_one_weight_that_is_not_a_number_makes_the_loss_none(activation: str, name: str, density: float) -> None:
    digits = random_digits(20, (3, 3), 3, density)
    networks = networks_for(digits, 4, activation)
    networks.matrices()[name][..., 0] = np.nan
    batch = full_batch(digits, networks)
    assert np.isnan(batch.evaluate(networks)[0].loss)
    assert np.isnan(batch.differentiate(networks)[0][0].loss)


def test_padding_stays_zero() -> None:
    digits = random_digits(40, (4, 4), 3)
    networks = networks_for(digits, 5, "sigmoid")
    train(networks, full_batch(digits, networks), TrainingKeys(epochs=3))
    assert not networks.W1[:, 5:].any()
    assert not networks.b1[5:].any()
    assert not networks.W2[:, :, 5:].any()


@pytest.mark.parametrize("density", [0.3, 1.0])
def test_weights_of_pixels_that_are_always_zero_never_move(density: float) -> None:
    digits = random_digits(40, (4, 4), 3, density)
    digits.train_images[:, 7] = 0
    networks = networks_for(digits, 5, "tanh")
    before = networks.copied_matrices()["W1"]
    train(networks, full_batch(digits, networks), TrainingKeys(epochs=3))
    moved = networks.matrices()["W1"] != before
    assert not moved[:, 7].any()
    assert moved[:, :7].all()
