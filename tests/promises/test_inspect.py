"""`failures inspect`: what would be recorded of Kubernetes objects in a file, by the running bot's own code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app

RECORDED = Path(__file__).parent.parent / "recorded"
STREAM = (RECORDED / "fine.ndjson").read_text(encoding="utf-8")


def inspected(text: str, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["inspect", "-", *words], input=text)
    return done.exit_code, done.stdout, done.stderr


def told(text: str) -> dict[str, Any]:
    status, out, _ = inspected(text, "--json")
    assert status == 0
    found: dict[str, Any] = json.loads(out)
    return found


def last_objects() -> dict[str, Any]:
    """The last state of each object of the stream, as `kubectl get -o json` lists them."""
    objects = (json.loads(line)["object"] for line in STREAM.splitlines())
    items = {each["metadata"]["uid"]: each for each in objects if each["kind"] != "Event"}
    return {"apiVersion": "v1", "kind": "List", "items": list(items.values())}


def test_however_the_objects_are_printed_the_same_is_told() -> None:
    stream, listed = told(STREAM), last_objects()
    assert [each["outcome"] for each in stream["attempts"]] == ["succeeded"] * 3
    for text in (
        "".join(json.dumps(json.loads(line), indent=4) for line in STREAM.splitlines()),
        json.dumps(listed),
        yaml.safe_dump(listed),
        "\n".join(json.dumps(each) for each in listed["items"]),
    ):
        assert told(text) == stream


def test_a_person_reads_the_counts_first() -> None:
    status, out, _ = inspected(STREAM)
    assert status == 0
    assert out.startswith("3 pods of 1 job: 0 failed attempts, 0 stopped (no failure), 3 succeeded.")


@pytest.mark.parametrize("text", ["", "{", "no objects", "[1]", "kind: 3", "\0\0"])
def test_what_holds_no_objects_is_told_in_one_line(text: str) -> None:
    status, out, err = inspected(text)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("failures: - cannot be inspected: ")


def test_a_file_that_was_cut_off_is_told_as_far_as_it_goes() -> None:
    found = told(STREAM[:-100])
    assert found["attempts"]
    assert found["notes"] == ["the file ends in the middle of an object, which was left out"]
