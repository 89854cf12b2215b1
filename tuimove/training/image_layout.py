"""Lays out a set of images as the kernels read it: non-zero pixels, or all where most are non-zero.

Both forms process the same slices of the samples and fill the same sums; the share of non-zero pixels decides which one
is quicker.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from tuimove.kernels import epoch, pixels, vectors
from tuimove.settings.preset import ACTIVATIONS
from tuimove.training.network import LANES, SLICES, Floats32, Networks, aligned_zeros, padded

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Entries = npt.NDArray[np.uint16]
Form = Literal["sparse", "dense"]

DENSE_SHARE = 0.9
"""Share of non-zero pixels from which a dense product is quicker at 100 neurons (`tuimove bench --density`)."""

NARROW_TILE, WIDE_TILE = 192, 128
"""Samples, at most 256, that go forward and backward together where up to 4, or more, vectors are walked at once.

Measured best of 64 to 256 for 10 to 180 hidden neurons: their errors should stay in the caches, but every tile costs.
"""

BLOCK_BYTES = 44 * 1024
"""Bytes of weights that a tile is multiplied with at once: the best of 12 to 64 KiB with a first-level cache of 48."""

PAGE_STEP = 256
"""float32 numbers, a quarter of a memory page, between the starts of a tile's buffers."""

SCALES = (np.arange(256) / 255).astype(np.float32)
"""Network input of each pixel value, 0 to 1."""


@dataclass(frozen=True)
class Sums:
    """Sums of an epoch, one row per slice; the gradients are of the summed loss."""

    losses: npt.NDArray[np.float64]
    """Cross-entropy, (slices, networks)."""
    hits: Integers
    """Images whose largest output is the right one, (slices, networks)."""
    W1: Floats32
    """Gradient, (slices, inputs, width); empty like the following ones where no gradients are wanted."""
    b1: Floats32
    """Gradient, (slices, width)."""
    W2: Floats32
    """Gradient, (slices, networks, classes, hidden padded)."""
    b2: Floats32
    """Gradient, (slices, networks, classes)."""


def empty_sums(networks: Networks, *, gradients: bool) -> Sums:
    """Allocate the sums of an epoch of these networks, with or without gradients."""
    count = len(networks.roles)
    parameters = (networks.W1, networks.b1, networks.W2, networks.b2)
    room = SLICES if gradients else 1  # a slice that is never written to, where none is wanted
    return Sums(
        np.zeros((SLICES, count)),
        np.zeros((SLICES, count), np.int64),
        *(aligned_zeros((room, *matrix.shape)) for matrix in parameters),
    )


class Images(Protocol):
    """A set of images that kernels process slice by slice."""

    form: Form

    def walk(self, networks: Networks, sums: Sums, first: int, last: int, *, gradients: bool) -> None:
        """Fill the sums of slices `first` to `last - 1`."""


def arrange_images(images: Bytes, labels: Bytes, width: int, form: Form | None, *, gradients: bool) -> Images:
    """Lay out images, (samples, inputs), for networks of that row width, in the quicker form unless `form` is given."""
    if form is None:
        form = "dense" if np.count_nonzero(images) >= DENSE_SHARE * images.size else "sparse"
    if form == "dense":
        return DenseImages(images, labels)
    return SparseImages(images, labels, width, gradients=gradients)


def slice_bounds(samples: int) -> Integers:
    """Return the first sample of each slice and the number of samples, (SLICES + 1,)."""
    return np.linspace(0, samples, SLICES + 1).astype(np.int64)


class SparseImages:
    """The non-zero pixels, in tiles of samples and blocks of inputs."""

    form: Form = "sparse"

    def __init__(self, images: Bytes, labels: Bytes, width: int, *, gradients: bool) -> None:
        samples, inputs = images.shape
        self._strip = _even_parts(width // LANES, vectors.MOST_VECTORS)
        self._block = _even_parts(inputs, min(256, BLOCK_BYTES // (4 * LANES * self._strip)))
        self._labels = labels
        self._cut_tiles(samples, NARROW_TILE if self._strip <= 4 else WIDE_TILE)
        last_strip = (width // LANES - 1) % self._strip + 1
        multiple = max(vectors.ENTRIES_AT_ONCE[self._strip], vectors.ENTRIES_AT_ONCE[last_strip])
        images = np.ascontiguousarray(images)
        self._forward_starts = np.empty(samples * -(-inputs // self._block) + 1, np.int64)
        pixels.count_forward(images, self._tiles, self._block, multiple, self._forward_starts)
        self._forward = np.zeros(self._forward_starts[-1], np.uint16)
        pixels.fill_forward(images, self._tiles, self._block, self._forward_starts, self._forward)
        self._backward_starts = np.zeros((len(self._tiles) - 1) * inputs + 1 if gradients else 1, np.int64)
        self._backward = np.zeros(0, np.uint16)
        if gradients:
            pixels.count_backward(images, self._tiles, multiple, self._backward_starts)
            self._backward = np.zeros(self._backward_starts[-1], np.uint16)
            places = np.empty(inputs, np.int64)
            pixels.fill_backward(images, self._tiles, self._backward_starts, places, self._backward)

    def _cut_tiles(self, samples: int, most: int) -> None:
        """Cut every slice into tiles of equal size, at most `most` samples."""
        bounds = slice_bounds(samples).tolist()
        tiles, self._slices = [0], np.zeros(SLICES + 1, np.int64)
        for s, (start, end) in enumerate(pairwise(bounds)):
            parts = -(-(end - start) // most)
            tiles += np.linspace(start, end, parts + 1).astype(int).tolist()[1:]
            self._slices[s + 1] = len(tiles) - 1
        self._tiles = np.array(tiles, np.int64)
        self._room = int(np.diff(self._tiles).max(initial=0))

    def walk(self, networks: Networks, sums: Sums, first: int, last: int, *, gradients: bool) -> None:
        """Fill the sums of slices `first` to `last - 1`."""
        width = networks.b1.size
        stride = _cached_stride(width, self._strip)
        W1 = networks.W1
        if stride != width:
            W1 = aligned_zeros((len(W1), stride))
            W1[:, :width] = networks.W1
        epoch.walk_slices(
            first, last, self._slices, self._tiles,
            self._forward, self._forward_starts, self._backward, self._backward_starts,
            self._block, self._strip, SCALES, self._labels,
            W1, networks.b1, networks.W2, _transposed(networks.W2), networks.b2,
            networks.hidden, ACTIVATIONS.index(networks.activation), gradients,
            *_room_for_tile(self._room, stride, networks.classes),
            sums.W1, sums.b1, sums.W2, sums.b2, sums.losses, sums.hits,
        )  # fmt: skip


def _cached_stride(width: int, strip: int) -> int:
    """Return the stride between rows of `width` numbers that are read in strips of vectors.

    It is an odd number of cache lines, so that a strip of many rows doesn't compete for a few sets of the cache.
    """
    return width + LANES if width > strip * LANES and width // LANES % 2 == 0 else width


def _transposed(W2: Floats32) -> Floats32:
    """Return W2, (networks, classes, padded hidden), transposed to (networks, padded hidden, padded classes)."""
    networks, classes, hidden = W2.shape
    rows = np.zeros((networks, hidden, padded(classes)), np.float32)
    rows[:, :, :classes] = W2.transpose(0, 2, 1)
    return rows


def _room_for_tile(samples: int, stride: int, classes: int) -> list[Floats32]:
    """Allocate the buffers of a tile of at most `samples`: `returned`, `activated`, `rows` and `scores`.

    They start at different offsets within a memory page: processors mistake a load for a store at the same offset of
    another page, and wait for it.
    """
    shapes = (
        (samples, stride),
        (samples, stride),
        (samples, padded(classes)),
        (classes + epoch.SCORES, padded(samples)),
    )
    sizes = [padded(rows * columns) + PAGE_STEP for rows, columns in shapes]
    room, ends = aligned_zeros((sum(sizes),)), np.cumsum(sizes)
    return [
        room[end - size :][: rows * columns].reshape(rows, columns)
        for (rows, columns), size, end in zip(shapes, sizes, ends.tolist(), strict=True)
    ]


def _even_parts(total: int, most: int) -> int:
    """Return the size of equal parts of `total` that are at most `most` each."""
    return -(-total // -(-total // most))


class DenseImages:
    """All pixels, as float32 numbers for BLAS."""

    form: Form = "dense"

    def __init__(self, images: Bytes, labels: Bytes) -> None:
        self._images = SCALES[images]
        self._labels = labels
        self._bounds = slice_bounds(len(images)).tolist()

    def walk(self, networks: Networks, sums: Sums, first: int, last: int, *, gradients: bool) -> None:
        """Fill the sums of slices `first` to `last - 1`."""
        W2_rows, room = _transposed(networks.W2), _room_for_tile(WIDE_TILE, 0, networks.classes)[2:]
        for s in range(first, last):
            start, end = self._bounds[s : s + 2]
            images, labels = self._images[start:end], self._labels[start:end]
            returned = images @ networks.W1
            returned += networks.b1
            activated = np.empty_like(returned) if gradients else returned
            of = s if gradients else 0
            sums.losses[s], sums.hits[s] = 0, 0
            if gradients:
                sums.b1[s], sums.W2[s], sums.b2[s] = 0, 0, 0
            epoch.finish_slice(
                returned, activated, labels, networks.W2, W2_rows, networks.b2,
                networks.hidden, ACTIVATIONS.index(networks.activation), gradients, *room,
                sums.b1[of], sums.W2[of], sums.b2[of], sums.losses[s], sums.hits[s],
            )  # fmt: skip
            if gradients:
                np.matmul(images.T, returned, out=sums.W1[s])
