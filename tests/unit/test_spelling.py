from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text.spelling import image_fits, node_fits

NODES = ("gpu-node-1.eu.internal", "gpu-node-10.eu.internal", "GPU-2", "a100-3")
DIGEST = "registry.example/ml/bert@sha256:" + "0a1b" * 16
IMAGES = (
    "registry.example/ml/bert:2.1",
    "registry.example/ml/bert:2.10",
    "bert-large:1",
    "pytorch/pytorch:2.0",
    DIGEST,
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("gpu-node-1.eu.internal", ("gpu-node-1.eu.internal",)),
        ("gpu-node-1", ("gpu-node-1.eu.internal",)),
        ("gpu-2", ("GPU-2",)),
        ("gpu-node", ()),
        ("nothing", ()),
    ],
)
def test_a_node_is_found_with_or_without_its_domain(asked: str, found: tuple[str, ...]) -> None:
    assert node_fits(asked, NODES).names == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("registry.example/ml/bert:2.1", ("registry.example/ml/bert:2.1",)),
        ("bert:2.1", ("registry.example/ml/bert:2.1",)),
        ("ml/bert:2", ("registry.example/ml/bert:2.1", "registry.example/ml/bert:2.10")),
        ("Pytorch", ("pytorch/pytorch:2.0",)),
        ("sha256:0a1b", (DIGEST,)),
        ("0a1b0a1b", (DIGEST,)),
        ("tensorflow", ()),
    ],
)
def test_an_image_is_found_by_how_it_or_a_part_of_it_begins(asked: str, found: tuple[str, ...]) -> None:
    assert image_fits(asked, IMAGES).names == found


def test_where_nothing_fits_the_nearest_names_are_told() -> None:
    assert node_fits("gpu-node-2.eu.internal", NODES).nearest[0] == "gpu-node-1.eu.internal"
    assert node_fits("node", NODES).nearest[:1] == ("gpu-node-1.eu.internal",)
    assert image_fits("bret:2.1", ("bert:2.1", "other")).nearest == ("bert:2.1",)


names = st.text(max_size=40)


@settings(max_examples=60)
@given(names, st.sets(names, max_size=8))
def test_a_name_that_is_known_means_itself_and_what_is_found_is_known(asked: str, known: set[str]) -> None:
    for fits in (node_fits, image_fits):
        assert fits(asked, known | {asked}).names == (asked,)
        found = fits(asked, known)
        assert {*found.names, *found.nearest} <= known
