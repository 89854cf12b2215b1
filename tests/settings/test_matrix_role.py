"""The roles of a run's matrices: our own four, those that were recorded, and the partners among them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuimove.settings.matrix_role import (
    OWN_ROLES,
    MatrixRole,
    bias_of,
    different,
    end_layers,
    first_weights,
    foremost,
    last_weights,
    main_name,
    names_of,
    other_end,
    own_roles,
    recorded_roles,
    united,
    with_measured,
)
from tuimove.settings.preset import INITS
from tuimove.settings.starting_law import StartingLaw

DEEP = (
    MatrixRole("conv.weight", "weights", "first", (8, 27), StartingLaw("uniform", 0.19)),
    MatrixRole("norm.scale", "other", "first", (8,), None),
    MatrixRole("fc1.weight", "weights", "inner", (20, 8), None),
    MatrixRole("fc1.bias", "bias", "inner", (20,), StartingLaw("zero", 0.5)),
    MatrixRole("fc2.weight", "weights", "last", (3, 20), StartingLaw("normal", 0.1)),
)


def test_our_own_network_has_four_matrices() -> None:
    assert names_of(OWN_ROLES) == ("W1", "b1", "W2", "b2")
    W1, b1, W2, b2 = own_roles("uniform", 784, 10, 3)
    assert MatrixRole("W1", "weights", "first", (10, 784), StartingLaw("uniform", 0.5)) == W1
    assert (b1.shape, W2.shape, b2.shape) == ((10,), (3, 10), (3,))
    assert (b1.kind, W2.place, b2.place) == ("bias", "last", "last")


def test_the_partners_are_found_by_role() -> None:
    W1, b1, W2, b2 = OWN_ROLES
    assert (first_weights(OWN_ROLES), last_weights(OWN_ROLES)) == (W1, W2)
    assert (bias_of(W1, OWN_ROLES), bias_of(W2, OWN_ROLES)) == (b1, b2)
    assert (other_end(W1, OWN_ROLES), other_end(W2, OWN_ROLES), other_end(b1, OWN_ROLES)) == (W2, W1, None)


def test_what_has_no_partner_gets_none() -> None:
    conv, _, fc1, bias, fc2 = DEEP
    assert bias_of(conv, DEEP) is None
    assert bias_of(fc1, DEEP) == bias
    assert bias_of(fc2, DEEP) is None
    assert other_end(fc1, DEEP) is None
    assert (other_end(conv, DEEP), other_end(conv, DEEP[:3])) == (fc2, None)
    assert first_weights(DEEP[1:]) is None


def test_what_is_shown_first_is_the_first_weights_or_else_what_there_is() -> None:
    assert (main_name(OWN_ROLES), main_name(DEEP)) == ("W1", "conv.weight")
    assert (main_name(DEEP[1:]), main_name(DEEP[1:2]), main_name(())) == ("fc1.weight", "norm.scale", "")


def test_tables_list_the_end_layers() -> None:
    assert end_layers(OWN_ROLES) == OWN_ROLES
    assert names_of(end_layers(DEEP)) == ("conv.weight", "fc2.weight")
    assert end_layers(DEEP[:1]) == DEEP[:1]
    assert end_layers(()) == ()


def test_of_too_many_matrices_the_end_layers_are_kept_then_weights_in_their_order() -> None:
    assert foremost(DEEP, 5) == DEEP
    assert names_of(foremost(DEEP, 3)) == ("conv.weight", "fc1.weight", "fc2.weight")
    assert names_of(foremost(DEEP, 2)) == ("conv.weight", "fc2.weight")


def test_the_matrices_of_several_runs_are_united_in_order() -> None:
    assert names_of(united([DEEP[2:], OWN_ROLES, DEEP], 8)) == (
        *names_of(DEEP[2:]),
        *names_of(OWN_ROLES),
        "conv.weight",
    )
    assert united([], 8) == ()
    assert different([OWN_ROLES, DEEP, own_roles(), DEEP]) == [OWN_ROLES, DEEP]


@pytest.mark.parametrize("roles", [DEEP, own_roles("he", 20, 10, 3), OWN_ROLES], ids=["deep", "own", "unknown"])
def test_roles_are_read_back_as_they_were_written(roles: tuple[MatrixRole, ...]) -> None:
    assert recorded_roles(json.loads(json.dumps({"matrices": [role.as_dict() for role in roles]}))) == roles


@pytest.mark.parametrize("init", INITS)
def test_a_record_of_schema_1_means_our_own_four(init: str) -> None:
    record = {"preset": {"network": {"init": init, "hidden": 7}}, "data": {"inputs": 30, "classes": 4}}
    assert recorded_roles(record) == own_roles(init, 30, 7, 4)


def test_a_record_that_says_nothing_means_our_own_four_with_laws_unknown() -> None:
    assert recorded_roles({}) == OWN_ROLES
    assert {role.law for role in OWN_ROLES} == {None}
    (weights, *_) = recorded_roles({"preset": {"network": {"init": "he"}}})
    assert weights.law is not None
    assert weights.law.kind == "normal"
    assert weights.as_dict()["law"] == {"kind": "normal", "scale": None}


def test_a_matrix_without_a_role_is_one_of_which_only_the_name_is_known() -> None:
    assert with_measured(OWN_ROLES, ["W1", "gamma", "gamma"]) == (
        *OWN_ROLES, MatrixRole("gamma", "other", "inner", (), None)
    )  # fmt: skip


def test_a_name_that_could_steer_a_terminal_is_made_harmless() -> None:
    hostile = replace(DEEP[0], name="\x1b[2Jmine")
    assert names_of(recorded_roles({"matrices": [hostile.as_dict()]})) == ("?[2Jmine",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
ROLE = st.fixed_dictionaries({"name": st.text()}, optional=dict.fromkeys(("kind", "place", "shape", "law"), JSON))


@given(st.lists(ROLE | JSON) | JSON, JSON, JSON)
def test_whatever_is_recorded_is_roles_with_a_name_each(matrices: object, preset: object, data: object) -> None:
    roles = recorded_roles({"matrices": matrices, "preset": preset, "data": data})
    assert len(set(names_of(roles))) == len(roles)
    assert all(json.dumps(role.as_dict(), allow_nan=False) for role in roles)
