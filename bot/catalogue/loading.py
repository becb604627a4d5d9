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

from bot.catalogue.schema import Family, Types
from bot.catalogue.sxids import with_sxids
from bot.catalogue.tsv import Row, read
from bot.catalogue.xids import Xids, xid_signatures
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
    signatures = list(with_sxids(signatures, _rows(folder, "sxid.tsv", problems)))
    if problems or (problems := list(_disagreements(types, signatures))):
        raise BadCatalogue(problems)
    return Catalogue(types=tuple(types), signatures=tuple(signatures))


def _types(path: Path, problems: list[str]) -> list[FailureType]:
    file = _read(path, Types, problems)
    return [entry.value() for entry in file.types] if file else []


def _signatures(path: Path, problems: list[str]) -> Iterator[Signature]:
    if path.name == XIDS:
        yield from _xids(path, problems)
    elif family := _read(path, Family, problems):
        for entry in family.signatures:
            try:
                yield entry.value(family.family)
            except ValueError as error:
                problems.append(f"{path.name}: {entry.id}: {error}")


def _xids(path: Path, problems: list[str]) -> Iterator[Signature]:
    if words := _read(path, Xids, problems):
        try:
            tables = [_rows(path.parent, name, problems) for name in ("xid.tsv", "xid_nvlink5.tsv")]
            yield from xid_signatures(words, *tables)
        except (ValueError, LookupError) as error:
            problems.append(f"{path.name}: {error}")


def _rows(folder: Path, table: str, problems: list[str]) -> Sequence[Row]:
    """The rows of a vendor's table; none after a mistake in it."""
    try:
        return read(folder / "tables" / table).rows
    except (OSError, ValueError) as error:
        problems.append(f"{table}: {' '.join(str(error).split())}")
        return []


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
        for relation in ("outranks", "replaces"):
            for missing in sorted(getattr(signature, relation) - ids):
                yield f"{signature.id}: {relation} {missing!r}, which is no signature"


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
