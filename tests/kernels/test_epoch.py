"""One epoch agrees with the plain mathematics, whatever the shape, the activation and the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tuimove.digits import Digits
from tuimove.full_batch import SLICES, FullBatch, ThreadPool
from tuimove.network import Network, start_network
from tuimove.preset import ACTIVATIONS, BIAS_GRADIENTS, NetworkKeys, TrainingKeys
from tuimove.trainer import training

from .. import naive
from ..conftest import random_digits

MATRICES = ("W1", "b1", "W2", "b2")


def network_for(digits: Digits, hidden: int, activation: str, init: str = "glorot") -> Network:
    keys = NetworkKeys(hidden=hidden, activation=activation, init=init)
    network = start_network(keys, digits.inputs, digits.classes, seed=3)
    for bias in (network.matrices()["b1"], network.matrices()["b2"]):
        bias += np.linspace(-0.1, 0.1, len(bias), dtype=np.float32)
    return network


def in_float64(network: Network) -> naive.Parameters:
    return {name: matrix.astype(np.float64) for name, matrix in network.matrices().items()}


def summed_gradients(network: Network, digits: Digits, threads: int = 1) -> naive.Parameters:
    """Return the kernels' gradients of the mean loss in the document's shapes."""
    pool = ThreadPool(threads)
    _, sums = FullBatch(digits.train_images, digits.train_labels, pool).differentiate(network)
    pool.close()
    totals = replace(
        network, **{name: getattr(sums, name).sum(axis=0, dtype=np.float64) for name in MATRICES}
    )
    return {name: total / len(digits.train_labels) for name, total in totals.matrices().items()}


def relative_error(got: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(got - expected) / (np.linalg.norm(expected) or 1))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias_gradient", BIAS_GRADIENTS)
def test_reference_gradients_are_the_slopes_of_the_loss(activation: str, bias_gradient: str) -> None:
    digits = random_digits(12, (3, 2), 3)
    images, labels = digits.train_images, digits.train_labels
    parameters = in_float64(network_for(digits, 4, activation))
    found = naive.gradients(images, labels, parameters, activation, bias_gradient)
    for name, matrix in parameters.items():
        slopes = np.zeros_like(matrix)
        for place in np.ndindex(matrix.shape):
            kept = matrix[place]
            losses = []
            for nudged in (kept + 1e-5, kept - 1e-5):
                matrix[place] = nudged
                losses.append(naive.mean_loss(images, labels, parameters, activation))
            matrix[place] = kept
            slopes[place] = (losses[0] - losses[1]) / 2e-5
        if bias_gradient == "shared" and matrix.ndim == 1:
            slopes[:] = slopes.sum()
        np.testing.assert_allclose(found[name], slopes, atol=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [1, 3, 16, 17, 33])
def test_gradients_agree_with_the_reference(activation: str, hidden: int) -> None:
    digits = random_digits(70, (5, 4), 10)
    network = network_for(digits, hidden, activation)
    expected = naive.gradients(digits.train_images, digits.train_labels, in_float64(network), activation)
    for name, gradient in summed_gradients(network, digits).items():
        assert relative_error(gradient, expected[name]) < 1e-5, name


@pytest.mark.parametrize(
    ("samples", "classes", "inputs", "density"),
    [
        pytest.param(1, 2, (1, 1), 1.0, id="one empty image of one pixel"),
        pytest.param(15, 2, (1, 7), 0.1, id="fewer samples than slices"),
        pytest.param(16, 17, (2, 3), 0.5, id="more classes than lanes"),
        pytest.param(60, 256, (3, 3), 0.5, id="256 classes"),
        pytest.param(50, 10, (7, 7), 1.0, id="no pixel is zero"),
        pytest.param(50, 10, (7, 7), 0.0, id="hardly a pixel isn't"),
    ],
)
def test_gradients_agree_for_any_data(
    samples: int, classes: int, inputs: tuple[int, int], density: float
) -> None:
    digits = random_digits(samples, inputs, classes, density)
    network = network_for(digits, 5, "tanh")
    expected = naive.gradients(digits.train_images, digits.train_labels, in_float64(network), "tanh")
    for name, gradient in summed_gradients(network, digits).items():
        assert relative_error(gradient, expected[name]) < 1e-5, name


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bias_gradient", BIAS_GRADIENTS)
def test_twenty_epochs_follow_the_reference(activation: str, bias_gradient: str) -> None:
    """Weights, losses and accuracies stay within 1e-4 of plain gradient descent in NumPy."""
    digits = random_digits(60, (4, 4), 3)
    images, labels = digits.train_images, digits.train_labels
    network = network_for(digits, 6, activation)
    expected = in_float64(network)
    keys = TrainingKeys(learning_rate=0.2, epochs=20, bias_gradient=bias_gradient)
    pool = ThreadPool(1)
    for step in training(network, FullBatch(images, labels, pool), keys):
        assert step.loss == pytest.approx(naive.mean_loss(images, labels, expected, activation), rel=1e-4)
        assert step.train_accuracy == naive.accuracy(images, labels, expected, activation)
        for name, matrix in network.matrices().items():
            assert relative_error(matrix, expected[name]) < 1e-4, (name, step.epoch)
        slopes = naive.gradients(images, labels, expected, activation, bias_gradient)
        expected = {name: matrix - 0.2 * slopes[name] for name, matrix in expected.items()}
    assert step.epoch == 20


def test_threads_do_not_change_a_bit() -> None:
    digits = random_digits(90, (5, 5), 4)
    network = network_for(digits, 7, "sigmoid")
    alone = summed_gradients(network, digits, threads=1)
    for threads in (2, 3, SLICES, 50):
        together = summed_gradients(network, digits, threads)
        assert all(np.array_equal(alone[name], together[name]) for name in MATRICES), threads


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", MATRICES)
def test_one_weight_that_is_not_a_number_makes_the_loss_none(activation: str, name: str) -> None:
    digits = random_digits(20, (3, 3), 3)
    network = network_for(digits, 4, activation)
    network.matrices()[name][..., 0] = np.nan
    pool = ThreadPool(1)
    batch = FullBatch(digits.train_images, digits.train_labels, pool)
    assert np.isnan(batch.evaluate(network).loss)
    assert np.isnan(batch.differentiate(network)[0].loss)


def test_padding_stays_zero() -> None:
    digits = random_digits(40, (4, 4), 3)
    network = network_for(digits, 5, "sigmoid")
    pool = ThreadPool(1)
    for _ in training(
        network, FullBatch(digits.train_images, digits.train_labels, pool), TrainingKeys(epochs=3)
    ):
        pass
    assert not network.W1[:, 5:].any()
    assert not network.b1[5:].any()
    assert not network.W2[5:].any()
    assert not network.W2[:, 3:].any()
    assert not network.b2[3:].any()


def test_weights_of_pixels_that_are_always_zero_never_move() -> None:
    digits = random_digits(40, (4, 4), 3)
    digits.train_images[:, 7] = 0
    network = network_for(digits, 5, "tanh")
    before = network.copied_matrices()["W1"]
    pool = ThreadPool(1)
    for _ in training(
        network, FullBatch(digits.train_images, digits.train_labels, pool), TrainingKeys(epochs=3)
    ):
        pass
    moved = network.matrices()["W1"] != before
    assert not moved[:, 7].any()
    assert moved[:, :7].all()
