"""Who owns which fields of an object: `metadata.managedFields`, and server-side apply, which rests on it.

Whoever applies says which fields it wants and becomes their manager. Where another manager has a field with another
value the apply is refused with 409, unless it is forced; then the other one loses the field. What a manager applied
before and leaves out now is taken away, if nobody else has it. Plain updates and patches make their writer the manager
of what they change, and nobody asks. Paths are kept as the API shows them: `f:spec`, `f:unschedulable`; an item of a
keyed list is `k:{"type":"Ready"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from playground.kube.cluster import Body
from playground.kube.merging import KEY_OF, strategic
from playground.kube.status import Refused
from playground.kube.times import rfc3339

Path = tuple[str, ...]
_BOOKKEEPING = frozenset(
    {
        "managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "name", "namespace",
        "generateName", "deletionTimestamp", "deletionGracePeriodSeconds",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes, and how."""

    name: str
    operation: str = "Update"
    subresource: str = ""


def noted(before: Body | None, after: Body, manager: Manager, now: datetime) -> Body:
    """The object with this writer as the manager of what it changed."""
    changed = {path for path in _paths(after) if before is None or _at(before, path) != _at(after, path)}
    if not changed:
        return after
    owned = {who: paths - changed for who, paths in _owned(after).items()}
    owned[manager] = owned.get(manager, set()) | changed
    return _with_owners(after, owned, manager, now)


def applied(live: Body, wish: Body, manager: Manager, *, force: bool, now: datetime) -> Body:
    """The live object with what is applied. Raises Refused with 409 where somebody else has a field with another
    value."""
    paths, owned = set(_paths(wish)), _owned(live)
    others = {who: theirs for who, theirs in owned.items() if who != manager}
    conflicts = {
        path: who
        for who, theirs in others.items()
        for path in sorted(paths & theirs)
        if _at(live, path) != _at(wish, path)
    }
    if conflicts and not force:
        raise _conflict(conflicts, str(live.get("apiVersion", "")))
    left_out = owned.get(manager, set()) - paths
    result = strategic(live, {**wish, "metadata": {**wish.get("metadata", {}), "managedFields": None}})
    for path in left_out - {path for theirs in others.values() for path in theirs}:
        _take(result, path)
    result["metadata"]["managedFields"] = live["metadata"].get("managedFields", [])
    return _with_owners(
        result, {who: theirs - set(conflicts) for who, theirs in others.items()} | {manager: paths}, manager, now
    )


def _conflict(conflicts: Mapping[Path, Manager], version: str) -> Refused:
    said = [(f'conflict with "{who.name}" using {version}', _dotted(path)) for path, who in conflicts.items()]
    causes = [{"reason": "FieldManagerConflict", "message": text, "field": field} for text, field in said]
    count = f"{len(said)} conflict{'s' if len(said) > 1 else ''}"
    text = f"Apply failed with {count}: " + "; ".join(f"{text}: {field}" for text, field in said)
    return Refused(409, text, details={"causes": causes})


def _dotted(path: Path) -> str:
    return "".join(f".{step[2:]}" if step.startswith("f:") else f"[{step[2:]}]" for step in path)


def _with_owners(body: Body, owned: Mapping[Manager, set[Path]], writer: Manager, now: datetime) -> Body:
    known = {_manager(each): each for each in body["metadata"].get("managedFields", ())}
    entries = []
    for who, paths in owned.items():
        if not paths:
            continue
        time = rfc3339(now) if who == writer or who not in known else known[who]["time"]
        entry = {
            "manager": who.name,
            "operation": who.operation,
            "apiVersion": body["apiVersion"],
            "time": time,
            "fieldsType": "FieldsV1",
            "fieldsV1": _tree(paths),
        }
        entries.append(entry | ({"subresource": who.subresource} if who.subresource else {}))
    return {**body, "metadata": {**body["metadata"], "managedFields": entries}}


def _owned(body: Body) -> dict[Manager, set[Path]]:
    return {_manager(each): set(_leaves(each["fieldsV1"])) for each in body["metadata"].get("managedFields", ())}


def _manager(entry: Mapping[str, Any]) -> Manager:
    return Manager(entry["manager"], entry["operation"], entry.get("subresource", ""))


def _tree(paths: Iterable[Path]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        at = tree
        for step in path:
            at = at.setdefault(step, {})
    return tree


def _leaves(tree: Mapping[str, Any], way: Path = ()) -> Iterator[Path]:
    for step, below in tree.items():
        if below:
            yield from _leaves(below, (*way, step))
        else:
            yield (*way, step)


def _paths(body: Body) -> Iterator[Path]:
    """The fields that can have a manager."""
    for name, value in body.items():
        if name == "metadata":
            kept = {key: each for key, each in value.items() if key not in _BOOKKEEPING}
            yield from _fields("metadata", kept, ()) if kept else ()
        elif name not in {"apiVersion", "kind"}:
            yield from _fields(name, value, ())


def _fields(name: str, value: Any, way: Path) -> Iterator[Path]:  # noqa: ANN401 JSON
    here = (*way, f"f:{name}")
    key = KEY_OF.get(name)
    if isinstance(value, Mapping) and value:
        for below, each in value.items():
            yield from _fields(below, each, here)
    elif key is not None and isinstance(value, list) and value:
        for each in value:
            step = f"k:{msgspec.json.encode({key: each[key]}).decode()}"
            for below, one in each.items():
                yield from _fields(below, one, (*here, step))
    else:
        yield here


def _at(body: Body, path: Path) -> Any:  # noqa: ANN401 JSON
    """What stands there; None where nothing does."""
    at: Any = body
    for step in path:
        at = _step(at, step)
        if at is None:
            return None
    return at


def _step(at: Any, step: str) -> Any:  # noqa: ANN401 JSON
    if step.startswith("f:"):
        return at.get(step[2:]) if isinstance(at, Mapping) else None
    ((key, value),) = msgspec.json.decode(step[2:]).items()
    return next((each for each in at if each.get(key) == value), None) if isinstance(at, list) else None


def _take(body: Body, path: Path) -> None:
    """Take a field away, with the maps that it leaves empty."""
    holder = _at(body, path[:-1]) if len(path) > 1 else body
    if isinstance(holder, dict):
        holder.pop(path[-1][2:], None)
        if not holder and len(path) > 1:
            _take(body, path[:-1])
