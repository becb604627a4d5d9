"""Reads what `kubectl` prints: objects and lists as JSON or YAML, one or many after each other, and the events of a
watch (`--output-watch-events`). What is no Kubernetes object is left out and counted; nothing here is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bot.cluster.salvage import Undecodable

Body = dict[str, Any]
_CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_LOADER):  # type: ignore[misc]  # one of two classes, in C if it is there
    """YAML as Kubernetes means it: a time is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in _LOADER.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class DumpedObject:
    """One object, and what happened to it; no `change` where it is simply listed."""

    body: Body
    change: str | None = None

    @property
    def kind(self) -> str:
        """The object's kind: `Pod`, `Node`, `Event` ..."""
        return str(self.body.get("kind"))

    @property
    def name(self) -> str:
        """The object's name; empty where it has none."""
        metadata = self.body.get("metadata")
        return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""


@dataclass(slots=True)
class Dump:
    """A file's objects, in their order."""

    text: str
    skipped: int = 0
    """Documents that are no Kubernetes objects."""
    cut_off: bool = False
    """Whether the file ends in the middle of an object."""

    def objects(self) -> Iterator[DumpedObject]:
        """Each object once, lists taken apart. Raises Undecodable where there is none in it."""
        found = False
        for value in self._values():
            for told in self._told(value):
                found = True
                yield told
        if not found:
            raise Undecodable("there are no Kubernetes objects in it")

    def _values(self) -> Iterator[object]:
        text = self.text.lstrip("\ufeff \t\r\n")
        return self._json(text) if text[:1] in {"{", "["} else self._yaml(text)

    def _json(self, text: str) -> Iterator[object]:
        """Values one after the other, however they are printed; what stands between them is stepped over."""
        decoder, at = json.JSONDecoder(), 0
        while at < len(text):
            try:
                value, at = decoder.raw_decode(text, at)
                yield value
            except (ValueError, RecursionError):
                again = text.find("\n{", at + 1)
                if again < 0:
                    self.cut_off = True
                    return
                self.skipped += 1
                at = again
            at = _next_value(text, at)

    def _yaml(self, text: str) -> Iterator[object]:
        try:
            for value in yaml.load_all(text, Loader=_Loader):
                yield _unfolded(value, len(text))
        except Undecodable:
            raise
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise Undecodable(f"neither JSON nor YAML: {' '.join(str(error).split())[:200]}") from None

    def _told(self, value: object) -> Iterator[DumpedObject]:
        """The objects in one document."""
        if isinstance(value, list):
            for each in value:
                yield from self._told(each)
        elif not isinstance(value, dict):
            self.skipped += value is not None
        elif value.get("type") in _CHANGES and isinstance(value.get("object"), dict):
            yield DumpedObject(value["object"], str(value["type"]))
        elif isinstance(value.get("items"), list):
            yield from self._listed(value)
        elif isinstance(value.get("kind"), str):
            yield DumpedObject(value)
        else:
            self.skipped += 1

    def _listed(self, value: Body) -> Iterator[DumpedObject]:
        """A list's items; those of a PodList do not say their kind."""
        kind = str(value.get("kind") or "").removesuffix("List")
        for item in value["items"]:
            if isinstance(item, dict):
                yield from self._told({"kind": kind, **item} if kind else item)
            else:
                self.skipped += 1


def _unfolded(value: object, most: int) -> object:
    """The value, unless it has more parts than its text has characters: references may unfold to any size. Raises
    Undecodable."""
    left, parts = [value], 0
    while left and parts <= most:
        each = left.pop()
        parts += 1
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            left += each
    if parts > most:
        raise Undecodable("its YAML refers to itself")
    return value


def _next_value(text: str, at: int) -> int:
    """Where the next value may begin."""
    while at < len(text) and text[at] in " \t\r\n,\x1e":
        at += 1
    return at
