"""What the rules are told of a run."""

from __future__ import annotations

import pytest

from tuimove.diagnosis.run_facts import RunFacts

OWN = {"network": {"init": "he"}, "training": {"bias_gradient": "shared"}}


def test_our_own_networks_have_full_batches() -> None:
    assert RunFacts.of_record({"preset": OWN}) == RunFacts("he", "shared", noise="none", counts_steps=True)


def test_a_loop_has_mini_batches_and_counts_steps() -> None:
    record = {"preset": {"name": "MLP"}, "loop": {"clock": "step", "optimizer": {"class": "SGD"}}}
    assert RunFacts.of_record(record) == RunFacts(noise="batches", counts_steps=True)


def test_checkpoints_are_numbered_in_any_way() -> None:
    assert not RunFacts.of_record({"loop": {"clock": "step", "source": "checkpoints"}}).counts_steps


@pytest.mark.parametrize(
    "record", [{}, {"preset": 3, "loop": []}, {"loop": {"clock": "epoch"}}, {"loop": {"clock": 1}}]
)
def test_what_is_unknown_has_full_batches(record: dict[str, object]) -> None:
    assert RunFacts.of_record(record) == RunFacts()


@pytest.mark.parametrize(
    ("data", "images"), [({"train": 500}, 500), ({"train": True}, None), ({"train": -1}, None), (3, None)]
)
def test_a_run_of_our_own_says_how_many_images_it_learns_from(data: object, images: int | None) -> None:
    assert RunFacts.of_record({"preset": OWN, "data": data}).images == images
