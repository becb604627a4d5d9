"""How a patch changes an object: JSON merge patches (RFC 7396), Kubernetes' strategic merge patches, JSON patches (RFC
6902). A strategic merge patch knows which lists are keyed: containers by their name, conditions by their type. Those
are merged item by item, all others are replaced, a node's taints among them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playground.kube.status import Refused

KEY_OF: Mapping[str, str] = {
    "conditions": "type",
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "resourceClaims": "name",
    "ownerReferences": "uid",
    "addresses": "type",
    "topologySpreadConstraints": "topologyKey",
}
"""The field that tells the items of a list apart, by the name of the list (`patchMergeKey` in the API's types)."""
_UNITED = frozenset({"finalizers"})
"""Lists of plain values whose patches add to them."""
_DELETE_FROM = "$deleteFromPrimitiveList/"


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target as a JSON merge patch wants it: null takes a key away, lists are replaced."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            known = result.get(key)
            result[key] = merged(known if isinstance(known, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def strategic(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target as a strategic merge patch wants it; `$patch: replace` and `$patch: delete` are heeded."""
    result = {} if patch.get("$patch") == "replace" else dict(target)
    for key, value in patch.items():
        if key.startswith(_DELETE_FROM):
            name = key.removeprefix(_DELETE_FROM)
            result[name] = [each for each in result.get(name, ()) if each not in value]
        elif key.startswith("$"):
            continue  # the order of lists is nobody's business here
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            if value.get("$patch") == "delete":
                result.pop(key, None)
                continue
            known = result.get(key)
            result[key] = strategic(known if isinstance(known, Mapping) else {}, value)
        elif isinstance(value, list):
            result[key] = _list(key, result.get(key) or [], value)
        else:
            result[key] = value
    return result


def _list(name: str, known: Sequence[Any], patch: Sequence[Any]) -> list[Any]:
    if name in _UNITED:
        return [*known, *(each for each in patch if each not in known)]
    key = KEY_OF.get(name)
    if key is None or not all(isinstance(each, Mapping) for each in patch):
        return list(patch)
    if any(each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if "$patch" not in each]
    result = list(known)
    for each in patch:
        at = next((at for at, one in enumerate(result) if one.get(key) == each.get(key)), None)
        if each.get("$patch") == "delete":
            result = [one for one in result if one.get(key) != each.get(key)]
        elif at is None:
            result.append(strategic({}, each))
        else:
            result[at] = strategic(result[at], each)
    return result


def json_patched(target: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The target after add, remove, replace and test. Raises Refused with 422 where one of them cannot be done."""
    result: dict[str, Any] = copy.deepcopy(dict(target))
    for each in operations:
        *way, last = _steps(str(each.get("path", "")))
        try:
            holder: Any = result
            for step in way:
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            _operate(holder, last, each)
        except (LookupError, ValueError, TypeError):
            raise Refused(422, f"the server rejected our request due to an error in our request: {each}") from None
    return result


def _operate(holder: Any, last: str, operation: Mapping[str, Any]) -> None:  # noqa: ANN401 JSON
    at: Any = int(last) if isinstance(holder, list) and last != "-" else last
    match operation.get("op"):
        case "add" if isinstance(holder, list):
            holder.insert(len(holder) if at == "-" else at, operation["value"])
        case "add":
            holder[at] = operation["value"]
        case "replace":
            holder[at]  # must be there
            holder[at] = operation["value"]
        case "remove":
            del holder[at]
        case "test":
            if holder[at] != operation["value"]:
                raise ValueError("the test failed")
        case other:
            raise ValueError(f"no such operation: {other}")


def _steps(path: str) -> Iterator[str]:
    for step in path.removeprefix("/").split("/"):
        yield step.replace("~1", "/").replace("~0", "~")
