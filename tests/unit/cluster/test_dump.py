from __future__ import annotations

import json

import pytest
import yaml

from bot.cluster.dump import Dump
from bot.cluster.salvage import Undecodable

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "creationTimestamp": "2026-11-23T10:00:00Z"}}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
LIST = {"apiVersion": "v1", "kind": "List", "items": [POD, NODE]}
CHANGE = {"type": "MODIFIED", "object": POD}


def told(text: str) -> list[tuple[str | None, str]]:
    return [(each.change, each.kind) for each in Dump(text).objects()]


LISTED, BOTH = [(None, "Pod")], [(None, "Pod"), (None, "Node")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(POD), LISTED),
        (json.dumps(LIST, indent=4), BOTH),
        (json.dumps({"kind": "PodList", "items": [{"metadata": {"name": "p"}}]}), LISTED),
        (f"{json.dumps(POD)}\n{json.dumps(NODE)}\n", BOTH),
        (f"{json.dumps(POD, indent=2)}{json.dumps(NODE, indent=2)}", BOTH),
        (json.dumps([POD, NODE]), BOTH),
        (yaml.safe_dump(LIST), BOTH),
        (yaml.safe_dump_all([POD, NODE], explicit_start=True), BOTH),
        ("\ufeff" + json.dumps(POD), LISTED),
        (f"{json.dumps(CHANGE, indent=1)}\n{json.dumps(CHANGE)}", [("MODIFIED", "Pod")] * 2),
        (f"{json.dumps({'type': 'ADDED', 'object': LIST})}", [("ADDED", "List")]),
    ],
)
def test_whatever_kubectl_prints_is_read(text: str, expected: list[tuple[str | None, str]]) -> None:
    assert told(text) == expected


def test_a_time_of_yaml_stays_text() -> None:
    (pod,) = Dump(yaml.safe_dump(POD).replace("'", "")).objects()
    assert pod.body["metadata"]["creationTimestamp"] == "2026-11-23T10:00:00Z"


def test_what_is_no_object_is_stepped_over_and_counted() -> None:
    dump = Dump(f"{json.dumps(POD)}\nE1123 watch closed {{oops\n{json.dumps(NODE)}\n{{}}\n[3]")
    assert [each.kind for each in dump.objects()] == ["Pod", "Node"]
    assert (dump.skipped, dump.cut_off) == (3, False)


def test_a_file_that_ends_too_early_says_so() -> None:
    dump = Dump(json.dumps(POD) + "\n" + json.dumps(NODE)[:20])
    assert [each.kind for each in dump.objects()] == ["Pod"]
    assert dump.cut_off


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no Kubernetes objects"),
        ("{", "no Kubernetes objects"),
        ("[1, 2]", "no Kubernetes objects"),
        ("Traceback (most recent call last):", "no Kubernetes objects"),
        ("a: b: c", "neither JSON nor YAML"),
        ("[" * 100_000, "no Kubernetes objects"),
        (BOMB, "refers to itself"),
        ("&a [*a]", "^its YAML refers to itself"),
        ("a: &a [*a]", "refers to itself"),
        ("\0", "neither JSON nor YAML"),
    ],
)
def test_what_holds_no_objects_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(Undecodable, match=said):
        told(text)
