"""Notices about a readable data set: classes without images, and pixels that hold no picture.

They come before training, since the diagnosis sees only weights and would blame the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from tuimove.errors import DataError

Bytes = npt.NDArray[np.uint8]

BRIGHTEST = 255
"""Divisor of a pixel's value before it enters the network."""
LOW_PEAK = 64
"""Greatest pixel value below which pixels seem scaled to another range, such as 0 to 1 or 0 to 16."""
SAMPLED = 500
"""Images that are checked for being of a single value."""
BLANK_SHARE = 0.1
"""Share of images of a single value from which there is a notice."""
MOST_RANGES = 4
"""Most ranges of classes in a notice."""


def data_notices(train_images: Bytes, train_labels: Bytes, test_images: Bytes, classes: int) -> Iterator[str]:
    """Yield notices about images, (samples, inputs), and labels, (samples,), each one sentence.

    Raises
    ------
    DataError
        When no training image has a pixel above 0: nothing can be learnt from them.
    """
    peak, test_peak = int(train_images.max()), int(test_images.max())
    if peak == 0:
        raise DataError("every pixel of the training images is 0: they are blank; were the files written to their end?")
    yield from _about_peaks(peak, test_peak)
    yield from _about_blank_images(train_images)
    yield from _about_classes(train_labels, classes)


def _about_peaks(peak: int, test_peak: int) -> Iterator[str]:
    if peak < LOW_PEAK:
        yield (
            f"pixels reach {peak} of {BRIGHTEST}; are they scaled already? They are divided by {BRIGHTEST} once more, "
            "so that hardly any gradient is left"
        )
    if test_peak == 0:
        yield "every pixel of the test images is 0: the test accuracy says nothing"
    elif (peak < LOW_PEAK) != (test_peak < LOW_PEAK):
        yield f"training pixels reach {peak} and test pixels {test_peak}: they are scaled differently"


def _about_blank_images(images: Bytes) -> Iterator[str]:
    """Yield a notice where many images have a single value each, or all are the same."""
    sampled = images[:: max(1, len(images) // SAMPLED)]
    if len(images) > 1 and (sampled == sampled[0]).all() and (images == images[0]).all():
        yield "all training images are the same: there is nothing to tell classes by"
        return
    share = float((sampled == sampled[:, :1]).all(axis=1).mean())
    if len(images) > 1 and share >= BLANK_SHARE:
        yield f"about {share:.0%} of the training images are blank: all their pixels are equal"


def _about_classes(labels: Bytes, classes: int) -> Iterator[str]:
    counts = np.bincount(labels, minlength=classes)
    missing = np.flatnonzero(counts == 0).tolist()
    if not missing:
        return
    ranges = _ranges(missing)
    more = f" and {len(ranges) - MOST_RANGES} more ranges" if len(ranges) > MOST_RANGES else ""
    yield (
        f"no training image has class {', '.join(ranges[:MOST_RANGES])}{more}, though labels go up to {classes - 1}: "
        "the network gets an output for each all the same"
    )


def _ranges(numbers: Sequence[int]) -> list[str]:
    """Return ascending numbers with neighbours merged, as in `0` and `10 to 254`."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda one: one[1] - one[0])]
    return [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
