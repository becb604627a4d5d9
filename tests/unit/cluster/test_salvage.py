from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cluster.client import salvaged_page
from bot.cluster.file_cluster import Shelf
from bot.cluster.pods import Pod, when
from bot.cluster.salvage import Decoder, Undecodable, salvage, without_half_pairs
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from playground.kube.faults import ODD_OBJECTS

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def odd_pods() -> st.SearchStrategy[dict[str, Any]]:
    """Pods that are right here and wild there."""
    state = st.fixed_dictionaries(
        {}, optional={"terminated": JSON, "waiting": JSON | st.just({"reason": "ErrImagePull"})}
    )
    status = st.fixed_dictionaries(
        {"name": st.just("main") | JSON, "state": state | JSON}, optional={"restartCount": JSON}
    )
    return st.fixed_dictionaries(
        {
            "metadata": st.fixed_dictionaries(
                {"name": st.just("p") | JSON},
                optional={
                    "labels": JSON,
                    "creationTimestamp": JSON,
                    "ownerReferences": JSON,
                    "deletionTimestamp": JSON,
                },
            ),
            "spec": st.fixed_dictionaries({}, optional={"containers": JSON, "nodeName": JSON}),
            "status": st.fixed_dictionaries(
                {"phase": st.sampled_from(["Failed", "Pending", "Running", "Succeeded", None])},
                optional={"containerStatuses": st.lists(status, max_size=2) | JSON, "conditions": JSON},
            ),
        }
    )


@settings(max_examples=80, deadline=None)
@given(pods=st.lists(odd_pods(), max_size=4), gone=st.booleans())
def test_no_pod_however_odd_stops_the_watch_or_costs_its_neighbours(pods: list[dict[str, Any]], *, gone: bool) -> None:
    good = {"metadata": {"name": "good"}, "status": {"phase": "Failed"}}
    lines = [json.dumps({"type": "DELETED" if gone else "MODIFIED", "object": each}).encode() for each in (*pods, good)]
    batch = Translator(Place("c"), WaitingRoom(), Witnesses(Shelf())).lines(lines, "1", NOW)
    assert batch.attempts[-1].pod_name == "good"
    assert batch.pods == len(pods) + 1
    assert all(attempt.ended_at.tzinfo is UTC for attempt in batch.attempts)
    assert all(sighting.timestamp.tzinfo is UTC for sighting in batch.sightings)


def test_a_field_of_an_odd_type_is_unknown_and_the_rest_stands() -> None:
    raw = json.dumps(
        {
            "metadata": {"name": "p", "labels": {"a": "1", "b": 2}, "uid": 5},
            "status": {"phase": "Failed", "containerStatuses": [{"name": "main", "restartCount": "many"}, "oops"]},
        }
    ).encode()
    decoder = Decoder(Pod)
    pod = decoder.decode(raw)
    assert decoder.odd == 1
    assert (pod.metadata.name, pod.metadata.labels, pod.metadata.uid) == ("p", {"a": "1"}, None)
    assert pod.status.container_statuses is not None
    (status,) = pod.status.container_statuses
    assert (status.name, status.restart_count) == ("main", None)


@pytest.mark.parametrize("raw", [b"", b"null", b"[1]", b"{", b'"x"', b"[" * 100_000])
def test_what_is_no_object_cannot_be_salvaged(raw: bytes) -> None:
    with pytest.raises(Undecodable):
        salvage(raw, Pod)


def test_text_that_no_database_takes_is_mended() -> None:
    pod = salvage(b'{"metadata":{"name":"a\\ud800b","uid":1}}', Pod)
    assert pod.metadata.name == "a?b"
    assert salvage(b'{"metadata":{"name":"\xff"}}', Pod).metadata.name == "�"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-23T12:00:00Z", NOW),
        ("2026-11-23T13:00:00+01:00", NOW),
        ("2026-11-23T12:00:00.000000Z", NOW),
        ("2026-11-23T12:00:00", NOW),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_utc_or_unknown(text: str | None, at: datetime | None) -> None:
    assert when(text) == at


def test_a_good_pod_is_not_counted_as_odd() -> None:
    decoder = Decoder(Pod)
    assert decoder.decode(msgspec.json.encode({"metadata": {"name": "p"}, "unknown": [1]})).metadata.name == "p"
    assert decoder.odd == 0


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        (b'"\\ud800"', "\ufffd"),
        (b'"\\udfff x"', "\ufffd x"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\ud800\\ud83d\\ude00"', "\ufffd\U0001f600"),
    ],
)
def test_half_a_pair_of_surrogates_costs_itself_alone(raw: bytes, mended: str) -> None:
    assert msgspec.json.decode(without_half_pairs(raw)) == mended


@given(st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_whatever_json_says_is_left_as_it_is_but_for_half_pairs(text: str) -> None:
    said = msgspec.json.decode(without_half_pairs(json.dumps(text).encode()))
    assert said == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize("name", ODD_OBJECTS)
def test_one_odd_object_does_not_cost_its_list(name: str) -> None:
    good = b'{"metadata":{"name":"a"}}'
    items = b",".join([good, ODD_OBJECTS[name], good])
    page = salvaged_page(b'{"metadata":{"resourceVersion":"1"},"items":[' + items + b"]}")
    assert len(page.items or ()) == 3
