"""The past of a run with mini-batches: its matrices folded over their roles, its losses, and what was found before.

The clock is the optimizer's steps, each weighted by its learning rate where that is recorded: so a schedule doesn't
change how a distance grows over it.
"""

from __future__ import annotations

import math

from tuimove.diagnosis.finding import Cause
from tuimove.diagnosis.loss_past import LossPast
from tuimove.diagnosis.mini_batch.matrix_past import MatrixPast, farthest, most
from tuimove.diagnosis.run_facts import Numbers
from tuimove.settings.matrix_role import MatrixRole, Roles

NAN = math.nan
SMOOTHED_LOSSES = 3
"""Looks whose losses are looked at together."""
EARLY_STEPS = 32
"""The first steps, in which a learning rate that is too high takes weights far."""
CALM_AFTER, SETTLED = 12, 0.5
"""Looks after which weights that move as usual count as calm, or earlier where the loss is below this share of its
first."""
GUESSING_FROM, GUESSING_TO = 0.8, 3.0
"""First losses that are those of guessing, in units of ln(classes)."""


class RunPast:
    """The past of a run and of its matrices."""

    def __init__(self, roles: Roles) -> None:
        self.matrices = {role.name: MatrixPast(role) for role in roles}
        self.step = self.time = NAN
        self.rate = self.highest_rate = NAN
        """The learning rate now, and the highest so far; NaN where none is recorded."""
        self.looks = 0
        """Measurements after the start."""
        self.loss, self.validation_loss = LossPast(SMOOTHED_LOSSES), LossPast(1)
        self.found: tuple[Cause, ...] = ()
        """Causes of the warnings and alarms so far, which explain what is found later."""
        self.first_step = NAN
        """The farthest that any weights had got by the first measurement, in lengths for each of its steps."""
        self.early_movement = NAN
        """The farthest that any weights had got by EARLY_STEPS, in lengths."""
        self.was_calm = False
        """Whether weights moved as usual at the measurement before."""
        self._fold()

    def add(self, role: MatrixRole) -> None:
        """Add a matrix that the run record doesn't list."""
        self.matrices[role.name] = MatrixPast(role)
        self._fold()

    def _fold(self) -> None:
        pasts = [*self.matrices.values()]
        places = [place for place, past in enumerate(pasts) if _is_of_a_layer(past.role)]
        self.weights = tuple(pasts[place] for place in places)
        """The weights of every layer."""
        self.hidden = tuple(past for past in self.weights if past.role.place != "last") or self.weights
        """The weights of every layer but the last, or of the only one."""
        self.first_layer = tuple(pasts[places[0] : [*places, len(pasts)][1]]) if places else ()
        """The first weights and what belongs to them."""
        self.classes = next((past.role.shape[0] for past in self.weights[-1:] if past.role.shape), 0)
        """Outputs of the last layer."""

    @property
    def moving(self) -> tuple[MatrixPast, ...]:
        """The weights that have moved."""
        return tuple(past for past in self.weights if past.distance > 0)

    @property
    def has_leapt(self) -> bool:
        """Whether steps that are too large, or go the wrong way, have been found."""
        return not {"learning_rate_too_high", "flipped_gradient", "unscaled_inputs"}.isdisjoint(self.found)

    @property
    def loss_of_guessing(self) -> float:
        """The cross entropy of guessing among so many classes as the last layer has outputs; NaN for a single one."""
        return math.log(self.classes) if self.classes > 1 else NAN

    @property
    def started_guessing(self) -> bool:
        """Whether the loss began as the cross entropy of a network that knows nothing; no other loss is judged."""
        first, guessing = self.loss.first, self.loss_of_guessing
        return GUESSING_FROM * guessing < first < GUESSING_TO * guessing and self.loss.share > 0

    @property
    def is_calm(self) -> bool:
        """Whether the training has found its feet, and the loss hasn't risen."""
        is_learning = not self.loss.is_known or self.loss.level < 1.1 * self.loss.first
        grows_as_usual = most(self.moving, lambda past: past.growth) < 1.5
        has_settled = self.looks > CALM_AFTER or self.loss.share < SETTLED
        return has_settled and not self.has_leapt and is_learning and grows_as_usual

    def loss_has_vanished(self, share: float) -> bool:
        """Whether the loss is below this share of that of guessing."""
        return self.started_guessing and self.loss.level < share * self.loss_of_guessing

    def note(self, numbers: Numbers) -> None:
        """Add a measurement."""
        self.was_calm = self.is_calm
        self._note_time(numbers["epoch"], numbers.get("learning_rate", NAN))
        for past in self.matrices.values():
            past.note(self.time, numbers)
        worst = farthest(self.weights)
        if worst and 0 < self.step <= EARLY_STEPS:
            self.early_movement = worst.movement
            if self.looks == 1:
                self.first_step = worst.movement / self.step
        self.loss.note(self.step, numbers.get("mean_loss", numbers.get("loss", NAN)))
        self.validation_loss.note(self.step, numbers.get("validation_loss", NAN))

    def _note_time(self, step: float, rate: float) -> None:
        self.rate = rate if 0 <= rate < math.inf else NAN
        if not self.highest_rate >= self.rate:
            self.highest_rate = self.rate
        weight = self.rate if self.rate == self.rate else 1.0
        self.time = self.time + (step - self.step) * weight if self.step == self.step else step * weight
        self.step = step
        self.looks += step > 0


def _is_of_a_layer(role: MatrixRole) -> bool:
    """Return whether a matrix connects units: scales of channels may have several dimensions, and all but one of 1."""
    return role.kind == "weights" and (role.place == "last" or min(role.shape, default=2) > 1)
