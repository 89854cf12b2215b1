"""The past of one matrix, as the rules for mini-batches need it; a missing number is NaN, which passes no limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from tuimove.diagnosis.distance_curve import DistanceCurve
from tuimove.diagnosis.run_facts import Numbers
from tuimove.settings.matrix_role import MatrixRole

NAN = math.nan
GROWTH_SPAN = 2.0
"""Growth is measured while the time doubles."""
UNIFORM_SPREAD = 3.0
"""Entries drawn from U(-1/sqrt(inputs), 1/sqrt(inputs)) have the variance 1 / (3 inputs)."""
RIGHT_ANGLE = 0.25
"""Cosine up to which weights count as unrelated; newly drawn ones of 100 entries have a standard deviation of 0.1."""
MUCH_LONGER = 3.0
"""Times the norm before that newly drawn weights may have."""
COLUMNS = ("distance", "norm", "step", "cosine", "sd", "effect", "frozen", "entries", "non_finite")
"""Of a measurement, those that are judged."""


class MatrixPast:
    """The past of one matrix."""

    def __init__(self, role: MatrixRole) -> None:
        self.role = role
        self.name = role.name
        self._columns = [f"{role.name}.{column}" for column in COLUMNS]
        self.distance = self.norm = self.step = self.cosine = NAN
        self.sd = self.effect = self.frozen = self.entries = self.non_finite = NAN
        self.start_norm = self.start_effect = NAN
        self.usual_length = self.length = NAN
        """The norm of PyTorch's own start for that shape; and the length that distances are measured in, which is that
        or the starting norm, whichever is larger."""
        self.growth = NAN
        """Power of the time that the distance has grown by while the time has doubled."""
        self.turn = NAN
        """Cosine between the movement before the latest step and that step."""
        self.start_left = NAN
        """Share of the starting weights that is still in the weights, (W . W_0) / |W_0|^2."""
        self._norm_before = NAN
        self._peak = 0.0
        self._curve = DistanceCurve()

    @property
    def movement(self) -> float:
        """Return the distance in lengths."""
        return self.distance / self.length if self.length else NAN

    @property
    def fallen(self) -> float:
        """Return how far the distance is below its peak, as a share of the peak."""
        return 1 - self.distance / self._peak if self._peak else NAN

    @property
    def norm_ratio(self) -> float:
        """Return the norm divided by the starting norm."""
        return self.norm / self.start_norm if self.start_norm else NAN

    @property
    def has_overflown(self) -> bool:
        """Whether the norm can't be held by a number though it could at the start."""
        return self.norm != self.norm and self.start_norm == self.start_norm and self.entries > 0

    @property
    def is_constant(self) -> bool:
        """Whether all entries, if there are several, have the same value but for rounding."""
        return self.entries > 1 and self.sd <= 1e-3 * self.norm / math.sqrt(self.entries)

    @property
    def is_drawn_anew(self) -> bool:
        """Whether the latest step leads to weights that have nothing in common with any before, of about their size."""
        from_before = cosine_between(self._norm_before, self.norm, self.step)
        from_start = self.start_left * self.start_norm / self.norm if self.norm else NAN
        is_as_long = self.norm < MUCH_LONGER * self._norm_before
        return is_as_long and abs(from_before) < RIGHT_ANGLE and abs(from_start) < RIGHT_ANGLE

    def note(self, time: float, numbers: Numbers) -> None:
        """Add a measurement at a time of the run's clock."""
        before, self._norm_before = self.distance, self.norm
        get = numbers.get
        (self.distance, self.norm, self.step, self.cosine, self.sd, self.effect, self.frozen, self.entries,
         self.non_finite) = [
            value if -math.inf < value < math.inf else NAN
            for value in [get(name, NAN) for name in self._columns]]  # fmt: skip
        if self.start_norm != self.start_norm and self.distance == 0:
            self.start_norm, self.start_effect = self.norm, self.effect
            self.usual_length = usual_length(self.role, self.entries)
            self.length = max(self.usual_length, self.start_norm)
        self.turn = -cosine_between(before, self.step, self.distance)
        if self.start_norm > 0:
            self.start_left = 1 + self.cosine * self.distance / self.start_norm if self.distance else 1.0
        self.growth = self._curve.growth(time, self.distance, GROWTH_SPAN)
        self._curve.add(time, self.distance)
        self._peak = max(self._peak, self.distance)


def usual_length(role: MatrixRole, entries: float) -> float:
    """Return the norm that PyTorch's own start gives weights of a shape, 0 where the shape is unknown.

    Weights that start at zero have no other measure, and in it layers of any size are comparable.
    """
    inputs = role.shape[1] if role.kind == "weights" and len(role.shape) > 1 else 0
    return math.sqrt(entries / (UNIFORM_SPREAD * inputs)) if inputs and entries > 0 else 0.0


def cosine_between(one: float, other: float, opposite: float) -> float:
    """Return the cosine of the angle between two sides of a triangle, by its three lengths; NaN where there is none."""
    product = 2 * one * other
    return (one * one + other * other - opposite * opposite) / product if product > 0 else NAN


Quantity = Callable[[MatrixPast], float]


def least(pasts: Iterable[MatrixPast], quantity: Quantity) -> float:
    """Return the least number among matrices; NaN where one of them is missing, or there are none."""
    values = [quantity(past) for past in pasts]
    return min(values) if values and all(value == value for value in values) else NAN


def most(pasts: Iterable[MatrixPast], quantity: Quantity) -> float:
    """Return the greatest number among matrices; NaN where one of them is missing, or there are none."""
    return -least(pasts, lambda past: -quantity(past))


def farthest(pasts: Iterable[MatrixPast]) -> MatrixPast | None:
    """Return the matrix that has moved most lengths, None where no movement is known."""
    return max((past for past in pasts if past.movement == past.movement), key=lambda past: past.movement, default=None)
