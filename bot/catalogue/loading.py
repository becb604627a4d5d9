"""Reads the catalogue's files into the domain's values. Every mistake in them is reported at once, with its file and
entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from bot.catalogue.schema import Family, SignatureEntry, Types, Xids
from bot.domain.diagnosis.catalogue import Catalogue, FailureType, Signature

DATA = Path(__file__).parent / "data"
TYPES = "types.yaml"
XIDS = "xid.yaml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_T = TypeVar("_T", Types, Family, Xids)


class BadCatalogue(Exception):
    """The catalogue's files hold mistakes. `problems` has one line for each: file, entry, what was expected."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@lru_cache(maxsize=2)
def load(folder: Path = DATA) -> Catalogue:
    """The catalogue from these files. Raises BadCatalogue."""
    problems: list[str] = []
    types = _types(folder / TYPES, problems)
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != TYPES]
    signatures = [signature for path in paths for signature in _signatures(path, problems)]
    if problems or (problems := list(_disagreements(types, signatures))):
        raise BadCatalogue(problems)
    return Catalogue(types=tuple(types), signatures=tuple(signatures))


def _types(path: Path, problems: list[str]) -> list[FailureType]:
    file = _read(path, Types, problems)
    return [entry.value() for entry in file.types] if file else []


def _signatures(path: Path, problems: list[str]) -> Iterator[Signature]:
    for family, entry in _entries(path, problems):
        try:
            yield entry.value(family)
        except ValueError as error:
            problems.append(f"{path.name}: {entry.id}: {error}")


def _entries(path: Path, problems: list[str]) -> Iterator[tuple[str, SignatureEntry]]:
    if path.name == XIDS:
        if xids := _read(path, Xids, problems):
            yield from ((xids.family, entry.signature()) for entry in xids.xids)
    elif family := _read(path, Family, problems):
        yield from ((family.family, entry) for entry in family.signatures)


def _read(path: Path, shape: type[_T], problems: list[str]) -> _T | None:
    """What one file says; None after a mistake in it."""
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 a safe loader, in C if it is there
        return msgspec.convert(said, shape)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        problems.append(f"{path.name}: {' '.join(str(error).split())}")
        return None


def _disagreements(types: Sequence[FailureType], signatures: Sequence[Signature]) -> Iterator[str]:
    """What each file alone cannot know: names used twice, and names of nothing."""
    names = {kind.name for kind in types}
    ids = {signature.id for signature in signatures}
    for name in _repeated([kind.name for kind in types] + [signature.id for signature in signatures]):
        yield f"{name}: is there twice"
    for signature in signatures:
        if signature.failure_type not in names:
            yield f"{signature.id}: there is no failure type {signature.failure_type!r}"
        for missing in sorted(signature.outranks - ids):
            yield f"{signature.id}: outranks {missing!r}, which is no signature"


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
