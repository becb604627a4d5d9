"""The manifest makes the app that the listeners are for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

from bot.slack import COMMAND
from bot.slack.explain_log import EXPLAIN
from bot.slack.manifest import COMMANDS_SCOPE, EVENTS, METHODS, SHORTCUTS, manifest, scopes
from playground.workspace import from_manifest

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT.parent / "shared" / "data" / "slack-app-manifest-v2.schema.json"
CALLS = re.compile(r"(?:client|web)\.((?:chat|conversations|files|usergroups|users|views|auth)_\w+)\(")


def test_slacks_own_schema_takes_the_manifest() -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's schema of manifests is not part of the source tree")
    jsonschema.validate(manifest(), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_scopes_are_exactly_those_of_the_methods_and_events_in_use() -> None:
    needed = {COMMANDS_SCOPE}.union(*METHODS.values(), *EVENTS.values())
    assert scopes() == needed


def test_every_method_that_is_called_has_its_scopes_listed() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "slack").glob("*.py")]
    called = {name for source in sources for name in CALLS.findall(source)}
    assert called == {_function(method) for method in METHODS}


def test_the_events_and_the_command_are_those_that_are_listened_to() -> None:
    app = from_manifest(manifest())
    assert app.events == frozenset(EVENTS)
    assert app.commands == {COMMAND: True}


def test_the_shortcuts_are_those_that_are_listened_to() -> None:
    offered = {each["callback_id"]: each["type"] for each in manifest()["features"]["shortcuts"]}
    assert offered == {EXPLAIN: "message"}
    assert set(SHORTCUTS) == set(offered)
    assert scopes() >= frozenset().union(*SHORTCUTS.values())


def test_the_app_needs_no_inbound_port_and_has_buttons() -> None:
    settings = manifest()["settings"]
    assert settings["socket_mode_enabled"]
    assert settings["interactivity"]["is_enabled"]


def _function(method: str) -> str:
    """The slack-sdk's name of a method."""
    return method.replace(".", "_")
