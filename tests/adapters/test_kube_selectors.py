"""Selectors of the simulated API server: they mean what Kubernetes' documentation says they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.kube.selectors import BadSelector, field_selector, fields_of, label_selector

LABELS = {"app": "bert", "tier": "gpu", "run.ai/queue": "ml-team"}
_words = st.sampled_from(["a", "b", "c", ""])
_labels = st.dictionaries(st.sampled_from(["x", "y"]), _words)


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("app=bert", True),
        ("app==bert,tier=gpu", True),
        ("app=bert,tier=cpu", False),
        ("app!=bert", False),
        ("missing!=x", True),
        ("run.ai/queue in (research, ml-team)", True),
        ("app notin (bert)", False),
        ("missing notin (x)", True),
        ("app", True),
        ("!app", False),
        ("!missing , app in (bert)", True),
    ],
)
def test_a_label_selector_fits_or_not(selector: str, *, fits: bool) -> None:
    assert label_selector(selector)(LABELS) is fits


@pytest.mark.parametrize("selector", ["=x", "a in b", "a in (b", "!a=b", "a b", ",a", "(x)"])
def test_a_selector_that_cannot_be_read_is_refused(selector: str) -> None:
    with pytest.raises(BadSelector):
        label_selector(selector)


@given(labels=_labels, value=_words)
def test_a_selector_and_its_opposite_never_agree(labels: dict[str, str], value: str) -> None:
    assert label_selector(f"x={value}")(labels) is not label_selector(f"x!={value}")(labels)
    assert label_selector(f"x in (a,{value})")(labels) is not label_selector(f"x notin (a,{value})")(labels)
    assert label_selector("x")(labels) is not label_selector("!x")(labels)


@given(st.text(max_size=40))
def test_any_text_is_a_selector_or_is_refused(text: str) -> None:
    for read in (label_selector, lambda text: field_selector(text, ["a"])):
        try:
            test = read(text)
        except BadSelector:
            continue
        assert test(LABELS) in {True, False}


def test_fields_are_read_by_their_paths_and_absent_ones_are_empty() -> None:
    body = {"status": {"phase": "Failed"}, "spec": "odd"}
    fields = fields_of(body, ["status.phase", "spec.nodeName", "metadata.name"])
    assert fields == {"status.phase": "Failed", "spec.nodeName": "", "metadata.name": ""}
    assert field_selector("status.phase!=Running,spec.nodeName=", fields)(fields)
