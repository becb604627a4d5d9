"""What the SXids of NVIDIA's NVSwitch mean: by the driver's own word, "Fatal" or "Non-fatal", else by the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.catalogue.tsv import Row
from bot.domain.diagnosis.catalogue import Meaning, Signature

_FATAL, _NOT_FATAL = "gpu-nvlink-error", "nvswitch-non-fatal"
_SXID = re.compile(r"\bsxid\b[^\d(]{0,20}(?:\([^)]{0,60}\):?)?[^\d]{0,12}(?P<sxid>\d{5})\b(?P<rest>.*)", re.IGNORECASE)
_SAYS_FATAL = re.compile(r"(?<!non)(?<!non-)(?<!non )\bfatal\b", re.IGNORECASE)
_SAYS_NOT_FATAL = re.compile(r"\bnon-?\s?fatal\b", re.IGNORECASE)


def with_sxids(signatures: Iterable[Signature], table: Sequence[Row]) -> Iterator[Signature]:
    """The signatures, those of NVSwitch's errors with what the SXid of the line means."""
    every = list(signatures)
    known = {each.id: each for each in every}
    fatal, not_fatal = known.get(_FATAL), known.get(_NOT_FATAL)
    for each in every:
        told = fatal is not None and not_fatal is not None and each.id in {_FATAL, _NOT_FATAL}
        yield replace(each, meaning=_meaning(each, fatal, not_fatal, table)) if told and fatal and not_fatal else each


def _meaning(signature: Signature, fatal: Signature, not_fatal: Signature, table: Sequence[Row]) -> Meaning:
    rows = {row["sxid"]: row for row in table}

    def meaning(said: str) -> Signature:
        found = _SXID.search(said)
        if found is None:
            return signature
        row = rows.get(found["sxid"])
        of = fatal if _is_fatal(found["rest"], row) else not_fatal
        name = row["name"] if row is not None else "not in NVIDIA's list"
        return replace(of, title=f"{of.title} (SXid {found['sxid']}: {name})", meaning=None)

    return meaning


def _is_fatal(said: str, row: Row | None) -> bool:
    """By the line itself, since one number may be both; else by the table; one that is in neither counts as fatal."""
    if _SAYS_NOT_FATAL.search(said):
        return False
    return _SAYS_FATAL.search(said) is not None or row is None or row["fatal"] == "yes"
