"""The past of each matrix and of the run, as the rules need it; bounded in memory, however long the run.

Growth is judged on logarithmic time, since a healthy distance grows about like the logarithm of the epochs.
"""

from __future__ import annotations

import math
from collections import deque

from tuimove.diagnosis.distance_curve import POINT_GAP, DistanceCurve
from tuimove.diagnosis.loss_past import LossPast
from tuimove.diagnosis.run_facts import JUDGED_COLUMNS, Numbers, RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MatrixRole, Roles, bias_of, other_end

RECENT_RATES = 7
RECENT_LOOKS = 20
GROWTH_SPAN = 1.5
"""Growth at epoch e is measured between epochs e / GROWTH_SPAN and e."""
SETTLED_SPAN = 2.0
"""A matrix is past its initial iterations from this multiple of the epoch at which its growth first slowed down."""
LARGE_LOSS = 5.0
"""Times the loss of guessing that a first loss is large from."""
STEADY_FALLS = 3
"""Losses in a row, each the least so far, that make a steady fall."""
FIRST_LOOKS = 4
"""Measurements before growth is judged."""

NAN = math.nan


class MatrixPast:
    """The past of one matrix; a missing number is NaN, which is above and below no limit."""

    def __init__(self, role: MatrixRole) -> None:
        self.role = role
        self.name = role.name
        self._columns = [f"{role.name}.{column}" for column in JUDGED_COLUMNS]
        self.epoch = self.start_norm = self.start_sd = self.start_effect = NAN
        self.distance = self.norm = self.step = self.cosine = NAN
        self.sd = self.mean = self.kurtosis = self.effect = self.p_value = self.escaped = NAN
        self.frozen = self.entries = self.live_entries = self.non_finite = NAN
        self.measured = 0
        """Measurements with a distance, after the start."""
        self.turn = NAN
        """Cosine between the movement before the latest step and that step."""
        self.usual_rate = NAN
        """Median length per epoch of the last steps before the latest one."""
        self.last_rate = NAN
        """Length per epoch of the latest step."""
        self.growth = NAN
        """Recent d log distance / d log epochs: 1 on a straight line, near 0 on a plateau."""
        self.rise = NAN
        """Rise of the growth above its least since the loss was learnt; NaN before."""
        self.settled_at = NAN
        """The epoch that ended the initial iterations."""
        self.peak = 0.0
        self.falls = 0
        """Consecutive calls of `update_growth` at which the distance had fallen."""
        self.reversals: deque[float] = deque(maxlen=RECENT_LOOKS)
        """Reversals of the norm at the last calls of `update_growth`, in starting norms; 0 where there was none."""
        self._rates: deque[float] = deque(maxlen=RECENT_RATES)
        self._curve = DistanceCurve()
        self._least_growth = math.inf
        self._looked_distance = self._looked_norm = self._looked_change = NAN

    @property
    def is_settled(self) -> bool:
        """Whether the initial iterations are over."""
        return self.epoch >= SETTLED_SPAN * self.settled_at

    @property
    def movement(self) -> float:
        """Return the distance divided by the starting norm."""
        return self.distance / self.start_norm if self.start_norm else NAN

    @property
    def norm_ratio(self) -> float:
        """Return the norm divided by the starting norm."""
        return self.norm / self.start_norm if self.start_norm else NAN

    @property
    def spread(self) -> float:
        """Return the standard deviation divided by the starting one."""
        return self.sd / self.start_sd if self.start_sd else NAN

    def note(self, epoch: float, numbers: Numbers) -> None:
        """Add a measurement."""
        before_epoch, before = self.epoch, self.distance
        get = numbers.get
        (self.distance, self.norm, self.step, self.cosine, self.sd, self.mean, self.kurtosis, self.effect, self.p_value,
         self.escaped, self.frozen, self.entries, self.live_entries, self.non_finite) = [
            value if -math.inf < value < math.inf else NAN
            for value in [get(column, NAN) for column in self._columns]]  # fmt: skip
        self.epoch = epoch
        if self.start_norm != self.start_norm:
            self._note_start()
        if epoch and self.distance == self.distance:
            self.measured += 1
        self._note_step(epoch - before_epoch, before)

    def _note_start(self) -> None:
        """Set the starting norm, from a later measurement where the first lacks it."""
        distance, cosine = self.distance, self.cosine
        if distance == 0:
            self.start_norm, self.start_sd, self.start_effect = self.norm, self.sd, self.effect
        elif cosine == cosine:
            rest = self.norm * self.norm - distance * distance * (1 - cosine * cosine)
            self.start_norm = math.sqrt(max(rest, 0.0)) - cosine * distance

    def _note_step(self, epochs: float, before: float) -> None:
        rates, step = self._rates, self.step
        self.usual_rate = sorted(rates)[len(rates) // 2] if rates else NAN
        self.last_rate = step / epochs if epochs > 0 else NAN
        if self.last_rate == self.last_rate:
            rates.append(self.last_rate)
        product = 2 * before * step
        squares = self.distance * self.distance - before * before - step * step
        self.turn = squares / product if product > 0 else NAN

    def update_growth(self, limits: DiagnosisKeys, *, has_learnt: bool) -> None:
        """Update growth, rise, falls and reversals; called at most once per hundredth of the epochs."""
        if not self.epoch or self.distance != self.distance:
            return
        self._follow_growth(limits, has_learnt=has_learnt)
        self._follow_distance()
        self._follow_norm()
        self._curve.add(self.epoch, self.distance)

    def _follow_growth(self, limits: DiagnosisKeys, *, has_learnt: bool) -> None:
        is_early = self.measured < FIRST_LOOKS
        self.growth = NAN if is_early else self._curve.growth(self.epoch, self.distance, GROWTH_SPAN)
        if self.settled_at != self.settled_at and self.growth < limits.settled_growth:
            self.settled_at = self.epoch
        if has_learnt and self.growth == self.growth:
            self._least_growth = min(self._least_growth, self.growth)
            self.rise = self.growth - self._least_growth

    def _follow_distance(self) -> None:
        self.falls = self.falls + 1 if self.distance < self._looked_distance else 0
        self._looked_distance = self.distance
        self.peak = max(self.peak, self.distance)

    def _follow_norm(self) -> None:
        change = self.norm - self._looked_norm
        turned = min(abs(change), abs(self._looked_change)) if change * self._looked_change < 0 else 0.0
        self.reversals.append(turned / self.start_norm if self.start_norm else 0.0)
        self._looked_norm, self._looked_change = self.norm, change


class RunPast:
    """The past of a run and of its matrices."""

    def __init__(self, facts: RunFacts, roles: Roles) -> None:
        self.facts = facts
        self.roles = tuple(roles)
        self.matrices = {role.name: MatrixPast(role) for role in roles}
        self.has_unfit_start = False
        """Whether weights weren't drawn from their law; numbers relative to the start are meaningless then."""
        self.has_unscaled_inputs = False
        self.has_leapt = False
        """Whether an alarm has blamed the learning rate; stillness afterwards isn't convergence."""
        self.loss = LossPast(1)
        self.has_warned = False
        """Whether any warning or alarm has been reported."""
        self._looked_at = -math.inf

    @property
    def is_learning(self) -> bool:
        """Whether each of the latest losses was the least so far: no step of full-batch descent was too long."""
        return self.loss.falls >= STEADY_FALLS

    @property
    def starts_with_large_outputs(self) -> bool:
        """Whether the first loss is far above that of guessing, so that the last weights have far to go."""
        return self.loss.first > LARGE_LOSS * self.loss_of_guessing

    @property
    def loss_of_guessing(self) -> float:
        """The cross entropy of guessing among as many classes as there are outputs; NaN where that is unknown."""
        classes = next((role.shape[0] for role in self.roles if role.place == "last" and role.shape), 0)
        return math.log(classes) if classes > 1 else NAN

    @property
    def loss_share(self) -> float:
        """The loss as a share of the first one, or of that of guessing where that is less."""
        first = self.loss.first
        return self.loss.level / min(first, self.loss_of_guessing) if first > 0 else NAN

    @property
    def can_memorise(self) -> bool:
        """Whether there are as many weights as images, which is what learning any labels by heart takes.

        Source: Zhang, Bengio, Hardt, Recht and Vinyals 2017, theorem 1. True where either number is unknown.
        """
        shapes = [role.shape for role in self.roles if role.kind == "weights"]
        return not all(shapes) or sum(map(math.prod, shapes)) >= (self.facts.images or 0)

    def add(self, role: MatrixRole) -> None:
        """Add a matrix that the run record doesn't list."""
        self.roles = (*self.roles, role)
        self.matrices[role.name] = MatrixPast(role)

    def bias_of(self, past: MatrixPast) -> MatrixPast | None:
        """Return the bias of a layer's weights, None where it has none."""
        return self._past_of(bias_of(past.role, self.roles))

    def other_end(self, past: MatrixPast) -> MatrixPast | None:
        """Return the last weights for the first ones and vice versa, None where there are none."""
        return self._past_of(other_end(past.role, self.roles))

    def _past_of(self, role: MatrixRole | None) -> MatrixPast | None:
        return self.matrices[role.name] if role else None

    def note(self, numbers: Numbers, limits: DiagnosisKeys) -> bool:
        """Add a measurement, and return whether growth was updated."""
        epoch = numbers["epoch"]
        self.loss.note(epoch, numbers.get("loss", NAN))
        is_look = epoch == 0 or math.log(epoch) - self._looked_at >= POINT_GAP
        for past in self.matrices.values():
            past.note(epoch, numbers)
            if is_look:
                past.update_growth(limits, has_learnt=self.loss_share < limits.learnt)
        if is_look and epoch:
            self._looked_at = math.log(epoch)
        return is_look
