"""The limits that the rules judge by: a preset's `[diagnosis]`.

`_first` stands for the weights of the layer that reads the inputs, W1 of our own networks; `_last` for those of the
output layer, their W2. "Grows by a power p" means: the distance is proportional to epochs**p at that time.

"Calibrated" means: set on the calibration half of the zoo in `tests/zoo`, between the healthy runs and the faulty ones,
and proved on the other half; REPORT.md there has the counts.
"""

from dataclasses import dataclass

from tuimove.settings.checks import at_least, key, positive, share


@dataclass(frozen=True)
class DiagnosisKeys:
    """Limits of the rules, each with where it comes from."""

    looks: int = key(2, at_least(1))
    """Measurements in a row for which a rule must hold before it reports a finding. Full-batch descent at the edge
    of stability has short episodes in which nothing is monotone (Cohen et al. 2021)."""
    settled_growth: float = key(0.7, positive)
    """Power of the epochs; once the distance grows more slowly, and as many epochs again have passed, the initial
    iterations are over. Calibrated: healthy matrices begin with powers of 0.8 to 1.5."""
    leap: float = key(1.25, positive)
    """Distance at epoch 10, in norms of the starting matrix, from which a matrix has leapt; twice as much at epoch
    20, and so on. Applies to the initial iterations too. Calibrated: healthy W2 reach 0.84, at a rate 8 times too
    high 1.9."""
    straight: float = key(0.5, share)
    """Cosine between the whole movement and the latest step from which weights count as running away in a straight
    line. Calibrated on W2: with the gradient's sign flipped 0.57 to 1, with a rate too high at most 0.32."""
    jump: float = key(0.25, share)
    """Length of a step, as a share of the whole distance, from which it is a jump once the initial iterations are
    over. Calibrated: healthy steps reach 0.23, a restart 0.97."""
    jump_factor: float = key(6.0, positive)
    """Length of a step, in usual steps of that matrix, from which `jump` applies: long gaps between measurements
    make long steps. Calibrated: healthy steps that are so long reach 0.09 of the distance."""
    falling: float = key(0.01, share)
    """Drop of the distance below its peak, as a share of the peak, from which it is falling. Calibrated: 0.005 in
    healthy W2, 0 in W1."""
    plateau: float = key(0.03, positive)
    """Power of the epochs below which a growing distance counts as standing still; a healthy one grows about like
    their logarithm (Hoffer et al. 2017). Calibrated: healthy W1 never fall below 0.044."""
    lazy: float = key(0.85, positive)
    """Power of the epochs above which the distance of weights that still move in a straight line shows that next to
    nothing has been learnt. Calibrated: 0.92 at a rate 1000 times too low."""
    lazy_distance: float = key(0.02, positive)
    """Distance, in norms of the starting matrix, below which a matrix can be called lazy. Calibrated: 0.0035 at a
    rate 1000 times too low, 0.024 and more in healthy runs."""
    lazy_epochs: int = key(40, at_least(1))
    """First epoch at which a matrix can be called lazy. Calibrated together with `lazy`."""
    norm_reversal_first: float = key(0.0005, positive)
    """Change of direction of the first weights' norm, as a share of the starting norm, from which it counts as a
    reversal. Calibrated: healthy ones have none."""
    norm_reversal_last: float = key(0.005, positive)
    """Change of direction of the last (and inner) weights' norm, as a share of the starting norm, from which it
    counts as a reversal. Calibrated: 0.0004 in healthy runs."""
    reversals: int = key(3, at_least(1))
    """Reversals of the norm among the last 20 judged measurements from which it is jumping."""
    scaling_first: float = key(1.1, positive)
    """Norm of the first weights, as a multiple of sqrt(|W_0|^2 + d^2), which movement at right angles to the start
    explains, from which it is growing. Calibrated: 1.006 in healthy W1."""
    scaling_last: float = key(1.5, positive)
    """Norm of the last (and inner) weights, as a multiple of sqrt(|W_0|^2 + d^2), from which it is growing; these
    learn their scale. Calibrated: 1.34 in healthy W2."""
    runaway: float = key(3.0, positive)
    """Distance, in norms of the starting matrix, from which growth in proportion to the epochs is a run-away.
    Calibrated: healthy W2 reach 2.5."""
    pulled_back: float = key(0.5, share)
    """Cosine between the movement and the direction to zero from which weights are being shrunk. Calibrated: 0.93
    and more under strong weight decay, at most 0.32 in healthy W1."""
    shrunk: float = key(0.95, share)
    """Standard deviation of the entries, as a share of its start, below which weights that are `pulled_back` have
    shrunk."""
    changed_first: float = key(0.1, positive)
    """Rise of the first weights' effect size (D or w) from which their distribution has changed: a notice.
    Calibrated: a third of all healthy runs come here."""
    changed_last: float = key(0.25, positive)
    """Rise of the last (and inner) weights' effect size from which their distribution has changed: a notice. It is
    larger than for the first weights, since there are fewer entries to move."""
    lost_first: float = key(0.35, positive)
    """Rise of the first weights' effect size from which their distribution is lost: a warning. Calibrated: healthy
    W1 reach 0.25."""
    lost_last: float = key(1.0, positive)
    """Rise of the last (and inner) weights' effect size from which their distribution is lost: a warning.
    Calibrated: healthy W2 reach 0.47."""
    unfit_effect: float = key(0.1, positive)
    """Effect size at the start from which weights were not drawn from their starting law, where chance explains it
    less than once in a million runs."""
    frozen: float = key(0.25, share)
    """Share of the live entries that have never moved from which a matrix is partly frozen. Calibrated: 0.06 in
    healthy W1, 0.16 at a rate 1000 times too low, where steps vanish in rounding."""
    frozen_layer: float = key(0.9, share)
    """Share of the live entries that have never moved from which a whole layer is frozen."""
    unscaled: float = key(300.0, positive)
    """Distance of W1 in the beginning, as a multiple of its bias's distance, from which the inputs aren't scaled.
    Inputs of 0 to 1 can make it about sqrt(inputs). Calibrated: 58 in healthy runs, 1,500 with inputs of 0 to
    255."""
    learnt: float = key(0.5, share)
    """Share of the first loss below which the loss has been learnt. In a loop, what looks like a leap is none then."""
    unlearnt: float = key(0.72, share)
    """Share of the first loss (or of that of guessing, if less) above which a loss that stands still hasn't been
    learnt. Calibrated: 0.62 in healthy networks at their end, 0.73 and more where half of the labels are wrong; in
    healthy loops 0.59 after 200 steps, 0.77 and more where most labels are wrong."""
    stop_loss: float = key(0.38, share)
    """Share of the first loss below which a network can memorise; together with the three below it is calibrated to be
    silent on healthy runs, which are of 5 to 128 neurons and three sets of images."""
    stop_rise: float = key(0.05, positive)
    """Rise of the growth of W1's distance above its least since the loss was `learnt`, from which it sets out again."""
    stop_growth: float = key(0.4, positive)
    """Power of the epochs that W1's distance must then grow by."""
    stop_growth_last: float = key(0.35, positive)
    """Power of the epochs that W2's distance must grow by too."""
    loop_start: float = key(6.0, positive)
    """Starting norm, in lengths, from which weights of a training loop are unfit. A matrix's length is the norm of
    PyTorch's own start for its shape. He's start has 2.45 (He et al. 2015)."""
    loop_bias: float = key(10.0, positive)
    """Root mean square of a bias at the start of a loop from which its units are shut, or always open."""
    loop_leap: float = key(6.5, positive)
    """Distance, in lengths (or starting norms, if longer), from which a loop's weights have leapt by step 100; from
    then on it grows with the square root of the steps. Calibrated: healthy weights reach 4.7, at a rate too high 9.4
    and more."""
    loop_forgotten: float = key(0.5, share)
    """Share of the start that is left in all of a loop's weights but the last below which they have forgotten it.
    Calibrated: healthy ones keep 0.6 of it, under strong weight decay at most 0.06 is left."""
    loop_shrunk: float = key(0.9, share)
    """Norm, as a share of the starting norm, below which such weights have shrunk too. Calibrated: 0.98 in healthy
    runs, at most 0.81 under strong weight decay."""
    loop_forgotten_by: int = key(500, at_least(1))
    """Step up to which forgetting is strong decay; customary decay takes thousands of steps."""
    loop_falling: float = key(0.03, share)
    """Drop of the distance of a loop's last weights below its peak, as a share of the peak, from which it is falling.
    Calibrated: 0.015 in healthy runs, 0.036 and more once the labels are shuffled."""
    loop_lazy_steps: int = key(200, at_least(1))
    """First step at which a loop's weights can be called lazy, where its loss is `unlearnt`; without one, where all
    grow by more than `lazy`."""
    loop_lazy_distance: float = key(0.03, positive)
    """Distance, in lengths, below which they are. Calibrated: 0.25 in healthy runs at step 200, at a rate 1000 times
    too low at most 0.03."""
    loop_plateau: float = key(0.12, positive)
    """Power of the steps below which all weights of a loop stand still. Calibrated: the fastest of a healthy run grow
    by 0.145."""
    loop_unlearnt_steps: int = key(400, at_least(1))
    """First step at which a loop's loss is called `unlearnt`; with more than 100 classes it is later in proportion."""
    loop_loss_lost: float = key(0.35, share)
    """Share of what a loss had gained that it must lose to be rising. Calibrated: 0.15 in healthy runs."""
    loop_memorised: float = key(0.005, positive)
    """Share of the loss of guessing below which a loop's loss has vanished. Calibrated: 0.014 in healthy runs, 0.006
    and less in most with few samples; a healthy one of 8,000 steps has 0.02 left at step 2,000."""
    loop_memorised_by: int = key(2000, at_least(1))
    """Step up to which a loss that has vanished, or weights that stand still, mean few samples; later that is usual."""
    loop_validation_rise: float = key(0.01, positive)
    """Rise of the validation loss above its least, as a share of the first one, from which it is rising."""
    loop_validation_gap: float = key(0.15, positive)
    """How far, in the same unit, it must be above the loss: what is learnt is the samples. Calibrated with
    `loop_validation_rise`: no healthy run, and 16 of 17 with few samples or one batch again and again."""


RENAMED = {
    f"diagnosis.{before}": f"diagnosis.{now}"
    for before, now in (
        ("norm_reversal_w1", "norm_reversal_first"), ("norm_reversal_w2", "norm_reversal_last"),
        ("scaling_w1", "scaling_first"), ("scaling_w2", "scaling_last"),
        ("changed_w1", "changed_first"), ("changed_w2", "changed_last"),
        ("lost_w1", "lost_first"), ("lost_w2", "lost_last"),
    )
}  # fmt: skip
"""Present name of each key that older presets and records have under another name."""
REMOVED = frozenset(
    f"diagnosis.{name}"
    for name in ("second_rise", "second_growth", "second_growth_w2", "second_growth_last", "second_growth_alone")
)
"""Keys of older presets and records that no rule reads any more; they are passed over."""
