"""Activations and the exponential in float32, written so that LLVM turns loops over them into vectors.

No branch and no table: every case is computed and one is chosen. NaN goes in and comes out, which is how
training that has gone wrong shows.
"""

import numpy as np

from .compilation import inlined, kernel
from .vectors import bits_of, float_of

RELU, LEAKY_RELU, TANH, SIGMOID = range(4)
"""In the order of `ACTIVATIONS` in a preset."""

LEAK = np.float32(0.01)
"""Slope of the leaky ReLU below zero."""

_ZERO = np.float32(0)
_ONE = np.float32(1)
_TWO = np.float32(2)
_LOWEST, _HIGHEST = np.float32(-87.3), np.float32(88.3)
_LOG2_E = np.float32(1.44269504)
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_ROUNDER = np.float32(12582912)
"""1.5 * 2^23: adding it rounds a small number to a whole one and leaves that in the lowest bits."""


@inlined(contract=True)
def exponential(x):
    """Return e^x to 2 units in the last place; beyond -87.3 and 88.3 the value there.

    2^n e^r with n a whole number and r below ln(2) / 2; e^r by the polynomial of Cephes' `expf`.
    """
    x = _LOWEST if x < _LOWEST else x
    x = _HIGHEST if x > _HIGHEST else x
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    power = float_of(np.int32((bits_of(shifted) + np.int32(127)) << np.int32(23)))
    return (p * r * r + r + _ONE) * power


@inlined(contract=True)
def tangent(x):
    """Return tanh(x); near zero, where e^2x - 1 would lose digits, by the polynomial of Cephes' `tanhf`."""
    size = abs(x)
    square = x * x
    p = np.float32(-5.70498872745e-3)
    p = p * square + np.float32(2.06390887954e-2)
    p = p * square + np.float32(-5.37397155531e-2)
    p = p * square + np.float32(1.33314422036e-1)
    p = p * square + np.float32(-3.33332819422e-1)
    near = p * square * x + x
    beyond = _ONE - _TWO / (exponential(size + size) + _ONE)
    far = -beyond if x < np.float32(0) else beyond
    return near if size < np.float32(0.625) else far


@kernel("void(float32[::1], float32[::1], int64)", inner=True)
def activate(weighted, activated, activation):
    """Write the activation of one array to another of the same size.

    They may be the same, but slower: LLVM then writes only what changes, which many processors do slowly.
    """
    if activation == RELU:
        for k in range(weighted.size):
            activated[k] = _ZERO if weighted[k] < _ZERO else weighted[k]
    elif activation == LEAKY_RELU:
        for k in range(weighted.size):
            activated[k] = LEAK * weighted[k] if weighted[k] < _ZERO else weighted[k]
    elif activation == TANH:
        for k in range(weighted.size):
            activated[k] = tangent(weighted[k])
    else:
        for k in range(weighted.size):
            activated[k] = _ONE / (_ONE + exponential(-weighted[k]))


@kernel("void(float32[::1], float32[::1], int64)", inner=True)
def multiply_by_slopes(errors, activated, activation):
    """Multiply errors by the activation's derivative, written in what the activation returned."""
    if activation == RELU:
        for k in range(errors.size):
            errors[k] = errors[k] if activated[k] > _ZERO else _ZERO
    elif activation == LEAKY_RELU:
        for k in range(errors.size):
            errors[k] = errors[k] if activated[k] > _ZERO else LEAK * errors[k]
    elif activation == TANH:
        for k in range(errors.size):
            errors[k] *= _ONE - activated[k] * activated[k]
    else:
        for k in range(errors.size):
            errors[k] *= activated[k] * (_ONE - activated[k])
