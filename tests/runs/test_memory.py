"""Whether a network fits into memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.test_structure import imported_by
from tuimove.errors import PresetError
from tuimove.runs.memory import require_memory
from tuimove.settings.preset_reading import load_preset


@pytest.mark.parametrize(("hidden", "amount"), [(10**8, "about 5,967.9"), (10**400, "over 1,000,000")])
def test_a_network_larger_than_memory_is_refused(hidden: int, amount: str) -> None:
    preset = load_preset("quick-look")
    large = replace(preset, network=replace(preset.network, hidden=hidden))
    with pytest.raises(PresetError, match=rf"network.hidden = {hidden}: needs {amount} GiB"):
        require_memory(large, 784, 10)
    require_memory(preset, 784, 10)


def test_a_form_asks_without_loading_the_kernels() -> None:
    assert not {"numba", "tuimove.kernels"} & imported_by("tuimove.runs.memory")
