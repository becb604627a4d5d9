"""views.*: modals, opened with a trigger and stacked three deep, and the Home tab."""

from __future__ import annotations

import hashlib
import json

from playground.workspace.blocks import view_problems
from playground.workspace.calls import Call, Method
from playground.workspace.nesting import identified
from playground.workspace.refusal import Refused, invalid
from playground.workspace.state import APP, BOT, State
from playground.workspace.values import TEAM, Json, View

_DEPTH = 3
_SIZE = 250_000
"""Bytes of a view's JSON, as Slack's reference says for `view_too_large`."""


def checked(body: object, *kinds: str) -> Json:
    """The view as it was sent. Raises Refused where Slack would not take it."""
    if not isinstance(body, dict):
        raise invalid("invalid_arguments", ["missing required field: view"])
    if body.get("type") not in kinds:
        raise invalid("invalid_arguments", [f"must be one of {', '.join(kinds)} [json-pointer:/view/type]"])
    if said := view_problems(body):
        raise invalid("invalid_arguments", said)
    if len(json.dumps(body)) > _SIZE:
        raise Refused("view_too_large")
    return body


def make(state: State, user: str, body: Json, *, old: View | None = None, below: View | None = None) -> View:
    """A view for a person: a new one, a newer version of an old one, or one above another."""
    blocks = identified(body["blocks"], lambda: state.number("b"))
    version = hashlib.sha256(f"{state.number('v')}".encode()).hexdigest()[:8]
    key = old.id if old else state.number("V")
    root = old.root_id if old else below.root_id if below else key
    previous = old.previous_id if old else below.id if below else None
    body = {**body, "blocks": blocks}
    return View(id=key, user=user, body=body, hash=f"{version}.{key}", root_id=root, previous_id=previous)


def view_json(view: View, values: Json | None = None) -> Json:
    """A view as the Web API and the payloads show it."""
    defaults = {"callback_id": "", "private_metadata": "", "external_id": "", "submit": None, "close": None}
    places = {"id": view.id, "team_id": TEAM, "app_id": APP, "bot_id": BOT, "app_installed_team_id": TEAM}
    chain = {"hash": view.hash, "root_view_id": view.root_id, "previous_view_id": view.previous_id}
    return {**defaults, **view.body, **places, **chain, "state": {"values": values or {}}}


def _person(call: Call) -> str:
    key = call.args.optional("trigger_id")
    if key is None:
        raise invalid("invalid_arguments", ["missing required field: trigger_id"])
    return call.state.tickets.exchange(key, call.state.clock())


def _body(call: Call) -> object:
    return call.args.structure("view", "invalid_arguments")


def _open(call: Call) -> Json:
    body = checked(_body(call), "modal")
    _unique_external(call.state, body)
    user = _person(call)
    call.state.close_view(user, all_of_them=True)
    return {"view": view_json(call.state.show(make(call.state, user, body)))}


def _push(call: Call) -> Json:
    body = checked(_body(call), "modal")
    _unique_external(call.state, body)
    user = _person(call)
    below = call.state.modal(user)
    if below is None:
        raise Refused("not_found")
    if len(call.state.modals[user]) >= _DEPTH:
        raise Refused("push_limit_reached")
    return {"view": view_json(call.state.show(make(call.state, user, body, below=below)))}


def _update(call: Call) -> Json:
    old = _find(call)
    body = checked(_body(call), old.kind)
    if (version := call.args.optional("hash")) is not None and version != old.hash:
        raise Refused("hash_conflict")
    return {"view": view_json(call.state.show(make(call.state, old.user, body, old=old)))}


def _find(call: Call) -> View:
    key, external = call.args.optional("view_id"), call.args.optional("external_id")
    for view in call.state.views.values():
        if view.id == key or (external is not None and view.body.get("external_id") == external):
            return view
    raise Refused("not_found")


def _publish(call: Call) -> Json:
    user = call.state.find_user(call.args.text("user_id"))
    body = checked(_body(call), "home")
    old = call.state.homes.get(user.id)
    if (version := call.args.optional("hash")) is not None and old is not None and version != old.hash:
        raise Refused("hash_conflict")
    return {"view": view_json(call.state.show(make(call.state, user.id, body, old=old)))}


def _unique_external(state: State, body: Json) -> None:
    external = body.get("external_id")
    if external and any(view.body.get("external_id") == external for view in state.views.values()):
        raise Refused("duplicate_external_id")


METHODS = {
    "views.open": Method(_open),
    "views.push": Method(_push),
    "views.update": Method(_update),
    "views.publish": Method(_publish),
}
