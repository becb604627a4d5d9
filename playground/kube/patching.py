"""JSON merge patches (RFC 7396). The server takes strategic merge patches as such: the difference is in lists, which
are replaced here as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONTENT_TYPES = frozenset({"application/merge-patch+json", "application/strategic-merge-patch+json"})


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target as the patch wants it; null takes a key away."""
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
