"""All kinds of faults by their names, in the order in which they are tried."""

from __future__ import annotations

from tests.faults.contending import CONTENDING
from tests.faults.damaging import DAMAGING
from tests.faults.family import Family
from tests.faults.full_disk import FILLING
from tests.faults.fuzzing import FUZZING
from tests.faults.hanging_up import HANGING_UP
from tests.faults.hostile import HOSTILE
from tests.faults.killing import KILLING
from tests.faults.leaving_terminal import LEAVING_TERMINAL
from tests.faults.replaying import REPLAYING
from tests.faults.slow_line import SLOW_LINE
from tests.faults.typing_keys import PAIRS, TYPING

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        KILLING,
        HANGING_UP,
        LEAVING_TERMINAL,
        FILLING,
        DAMAGING,
        FUZZING,
        CONTENDING,
        REPLAYING,
        HOSTILE,
        SLOW_LINE,
        PAIRS,
        TYPING,
    )
}
