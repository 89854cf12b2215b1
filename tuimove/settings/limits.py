"""The limits that the rules judge by: a preset's `[diagnosis]`.

`_first` is for the weights of the layer that reads the inputs, W1 of our own networks, `_last` for those of the layer
that gives the answers, their W2.

"Calibrated" means: set on the calibration half of the zoo in `tests/zoo`, between the healthy runs and the faulty ones,
and proved on the other half; REPORT.md there has the counts.
"""

from dataclasses import dataclass

from tuimove.settings.checks import at_least, key, positive, share


@dataclass(frozen=True)
class DiagnosisKeys:
    """Limits of the rules, each with where it comes from."""

    looks: int = key(2, at_least(1))
    """Judged measurements in a row for which a rule must hold; full-batch descent at the edge of stability has short
    non-monotone episodes (Cohen et al. 2021)."""
    settled_growth: float = key(0.7, positive)
    """Initial iterations are over once the distance grows more slowly than this power of the epochs, and as many
    epochs again have passed. Calibrated: healthy matrices begin with powers of 0.8 to 1.5."""
    leap: float = key(1.25, positive)
    """A matrix that has moved so many times its starting norm by epoch 10 (twice as many by epoch 20, and so on) has
    leapt, also in the initial iterations. Calibrated: healthy W2 reach 0.84, at a rate 8 times too high 1.9."""
    straight: float = key(0.5, share)
    """Least cosine between the movement so far and the latest step of weights that run away straight ahead.
    Calibrated on W2: with the gradient's sign flipped 0.57 to 1, with a rate too high at most 0.32."""
    jump: float = key(0.25, share)
    """A step by this share of the whole distance is a jump, once the initial iterations are over. Calibrated: healthy
    steps reach 0.23, a restart 0.97."""
    jump_factor: float = key(6.0, positive)
    """And so many times the usual step: long gaps between measurements make long steps. Calibrated: of
    steps so much longer healthy ones reach 0.09 of the distance."""
    falling: float = key(0.01, share)
    """How far below its peak a falling distance is, as a share. Calibrated: 0.005 in healthy W2, 0 in W1."""
    plateau: float = key(0.03, positive)
    """The distance stands still when it grows more slowly than this power of the epochs: a healthy one grows about
    like their logarithm (Hoffer et al. 2017). Calibrated: healthy W1 never fall below 0.044."""
    lazy: float = key(0.85, positive)
    """Weights that still move in a straight line, with the distance growing faster than this power of the epochs,
    have learnt next to nothing. Calibrated: 0.92 at a rate 1000 times too low."""
    lazy_distance: float = key(0.02, positive)
    """And they have moved by less than this share of their starting norm. Calibrated: 0.0035 by then, against
    0.024 and more."""
    lazy_epochs: int = key(40, at_least(1))
    """Epochs before a matrix is called lazy. Calibrated with `lazy`."""
    norm_reversal_first: float = key(0.0005, positive)
    """A turn of the norm of the first weights by this share of its start is a jump. Calibrated: healthy ones don't
    turn."""
    norm_reversal_last: float = key(0.005, positive)
    """The same for the last weights (and inner ones), which turn by 0.0004."""
    reversals: int = key(3, at_least(1))
    """Of the last 20 judged measurements, how many turns of the norm make it jumping."""
    scaling_first: float = key(1.1, positive)
    """The norm grows beyond what sideways movement explains, sqrt(|W_0|^2 + d^2), by this factor. Calibrated: 1.006
    in healthy W1."""
    scaling_last: float = key(1.5, positive)
    """The same for the last weights, whose scale is learnt: 1.34."""
    runaway: float = key(3.0, positive)
    """A distance of so many starting norms that still grows like the epochs is a run-away. Calibrated:
    healthy W2 reach 2.5."""
    pulled_back: float = key(0.5, share)
    """Weights whose movement points back to zero with a cosine below minus this are being shrunk. Calibrated: -0.93
    and below under strong weight decay, -0.32 and above in healthy W1."""
    shrunk: float = key(0.95, share)
    """And their spread has fallen below this share of its start."""
    changed_first: float = key(0.1, positive)
    """The distribution of the first weights has changed, worth a notice, from this rise of its effect size (D or w) on.
    Calibrated: a third of all healthy runs come here."""
    changed_last: float = key(0.25, positive)
    """The same for the last weights, which have fewer entries to move."""
    lost_first: float = key(0.35, positive)
    """And it is lost, worth a warning. Calibrated: healthy W1 reach 0.25."""
    lost_last: float = key(1.0, positive)
    """The same for the last weights: 0.47."""
    unfit_effect: float = key(0.1, positive)
    """Starting weights whose distribution misses its law by this effect size, and by chance only once in a million
    runs, were not drawn from it."""
    frozen: float = key(0.25, share)
    """Share of the live entries that have never moved. Calibrated: 0.06 in healthy W1, 0.16 at a rate 1000 times too
    low, where steps vanish in rounding."""
    frozen_layer: float = key(0.9, share)
    """From this share on the whole layer is frozen."""
    unscaled: float = key(300.0, positive)
    """How many times as far as its bias W1 may move in the beginning. Inputs of 0 to 1 can make it about sqrt(inputs)
    times as far; calibrated: 58 in healthy runs, 1,500 with inputs of 0 to 255."""
    second_rise: float = key(0.005, positive)
    """By how much the power that the distance of W1 grows by must rise above its least for a second rise: memorising
    takes going far (Li, Soltanolkotabi and Oymak 2019). Calibrated, as the next three, also on the validation part."""
    second_growth: float = key(0.35, positive)
    """And the power itself, to which few healthy runs come back late."""
    second_growth_last: float = key(0.3, positive)
    """The layer that answers goes along, growing at least by this power."""
    second_growth_alone: float = key(0.42, positive)
    """Or else W1 grows by this power on its own, as it does where all labels are noise."""


RENAMED = {
    f"diagnosis.{before}": f"diagnosis.{now}"
    for before, now in (
        ("norm_reversal_w1", "norm_reversal_first"), ("norm_reversal_w2", "norm_reversal_last"),
        ("scaling_w1", "scaling_first"), ("scaling_w2", "scaling_last"),
        ("changed_w1", "changed_first"), ("changed_w2", "changed_last"),
        ("lost_w1", "lost_first"), ("lost_w2", "lost_last"),
        ("second_growth_w2", "second_growth_last"),
    )
}  # fmt: skip
"""Keys as older presets and records have them, and what they are now."""
