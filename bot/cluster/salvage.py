"""Decoding that never gives up on a whole object: where a field has an odd type, that field is unknown and the rest of
the object stands. One strange pod must not cost us a list of fifty thousand."""

from __future__ import annotations

import json
import re
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?|u[dD][c-fC-F][0-9a-fA-F]{2}|.)", re.DOTALL
)
_HALF = 6
"""Bytes of half a surrogate pair, as JSON escapes it."""


def without_half_pairs(raw: bytes) -> bytes:
    """JSON with each lone surrogate replaced: one of them in one pod makes a whole list unreadable."""
    return _ESCAPES.sub(lambda found: b"\\ufffd" if len(found[0]) == _HALF else found[0], raw)


class Undecodable(ValueError):
    """Bytes that are no JSON object, so that nothing can be salvaged."""


class Decoder(Generic[T]):
    """Decodes objects of one kind; `odd` counts those that had to be salvaged."""

    def __init__(self, kind: type[T]) -> None:
        self.odd = 0
        self._kind = kind
        self._strict = msgspec.json.Decoder(kind)

    def decode(self, raw: bytes | msgspec.Raw) -> T:
        """The object, as far as it goes. Raises Undecodable."""
        try:
            return self._strict.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            salvaged = salvage(bytes(raw), self._kind)
            self.odd += 1
            return salvaged


def salvage(raw: bytes, kind: type[T]) -> T:
    """The object with every field that fits its type; the others have their defaults. Raises Undecodable."""
    try:
        value = json.loads(raw.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"no JSON: {error}") from None
    if not isinstance(value, dict):
        raise Undecodable(f"a JSON object was expected, not {type(value).__name__}")
    return _struct(value, kind)


def _struct(value: dict[str, Any], kind: type[T]) -> T:
    fitting = {}
    for field in _fields(kind):
        if field.encode_name in value:
            fitted = _fitted(value[field.encode_name], field.type)
            if fitted is not None:
                fitting[field.name] = fitted
    return kind(**fitting)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _fitted(value: object, hint: Any) -> Any:  # noqa: ANN401 any type of a struct's fields
    """The value as this type, or what of it fits; None where nothing does."""
    if hint is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(value))
    if isinstance(hint, UnionType):
        members = [_fitted(value, each) for each in get_args(hint) if each is not NoneType]
        return next((each for each in members if each is not None), None)
    if isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct(value, hint)
    if isinstance(value, list) and get_origin(hint) is list:
        fitted = [_fitted(each, get_args(hint)[0]) for each in value]
        return [each for each in fitted if each is not None]
    if isinstance(value, dict) and get_origin(hint) is dict:
        entries = {_text(key): _fitted(each, get_args(hint)[1]) for key, each in value.items()}
        return {key: each for key, each in entries.items() if each is not None}
    return _scalar(value, hint)


def _scalar(value: object, hint: Any) -> Any:  # noqa: ANN401 as above
    if isinstance(value, str):
        value = _text(value)
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return None


def _text(value: str) -> str:
    """Without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return value.encode("utf-8", "replace").decode("utf-8")
