"""Reads the Xids of NVLink 5 (144 to 150). One number stands for dozens of faults, from a corrected bit to a dead link:
which one it was is said by the sub-code's name, the interrupt info and the error status of the kernel's line:
"Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x004505c6 0x00000000 ...)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.catalogue.tsv import Row
from bot.catalogue.vendor_action import Actions, told
from bot.domain.diagnosis.catalogue import Meaning, Rank, Signature
from bot.domain.workload.pod_evidence import CauseOwner

_WORDS = re.compile(r"\((0x[0-9a-f]{1,8})(?:[\s,]{1,4}(0x[0-9a-f]{1,8}))?", re.IGNORECASE)
"""Interrupt info, then error status; the debug data that follow say nothing of the action."""
_FATAL = re.compile(r"\bfatal\b", re.IGNORECASE)
_NOT_FATAL = re.compile(r"\bnon-?fatal\b", re.IGNORECASE)
_SEVEREST_FIRST = ("RESET_GPU", "XID_154", "IGNORE")
_RANKS = {"RESET_GPU": Rank.HARDWARE, "XID_154": Rank.CAUSE, "IGNORE": Rank.GENERIC}


@dataclass(frozen=True, slots=True)
class _Line:
    """What a kernel's line says of the fault; None where it does not."""

    text: str
    info: int | None
    status: int | None


def by_sub_code(signature: Signature, rows: Sequence[Row], actions: Actions) -> Meaning:
    """What a line with this Xid means, by the rows of its number. Raises ValueError for an action without words."""
    sentences = {id(row): _sentence(row, actions) for row in rows}

    def meaning(said: str) -> Signature:
        found = _decoded(_line(said), rows)
        if found is None:
            return _by_severity(signature, said)
        row, action = found
        owner = CauseOwner.PLATFORM if row["side"] in {"SW", "NA"} else CauseOwner.HARDWARE
        rank = _RANKS[action]
        about = signature.explanation.partition(" NVIDIA's action:")[0]
        sentence = sentences[id(row)] if action == row["action"] else told(action, row["investigation"], actions)
        status = f" with error status {row['status']}" if row["status"] else ""
        return replace(
            signature,
            title=f"{signature.title.removesuffix(')')}, {row['subcodes'].partition('/')[0]})",
            rank=Rank.CAUSE if rank is Rank.HARDWARE and owner is not CauseOwner.HARDWARE else rank,
            owner=owner,
            explanation=f"{about} {row['subcodes']}{status} is {_severity(row)}. {sentence}",
        )

    return meaning


def _sentence(row: Row, actions: Actions) -> str:
    return told(row["action"], row["investigation"], actions)


def _severity(row: Row) -> str:
    return row["severity"].rstrip("*?").lower()


def _line(said: str) -> _Line:
    words = _WORDS.search(said)
    if words is None:
        return _Line(said, None, None)
    return _Line(said, int(words[1], 16), int(words[2], 16) if words[2] else None)


def _by_severity(signature: Signature, said: str) -> Signature:
    """What the line's own word says, where the table does not tell."""
    if _NOT_FATAL.search(said):
        return replace(signature, rank=Rank.GENERIC)
    return replace(signature, rank=Rank.HARDWARE) if _FATAL.search(said) else signature


def _decoded(line: _Line, rows: Sequence[Row]) -> tuple[Row, str] | None:
    """The row that the line is about, and its action; the severest where its status has several bits set."""
    named = [row for row in rows if _names(row, line.text)]
    said = [(row, row["action"]) for row in named]
    if line.info is not None:
        fitting = ((row, _action(row, line.info)) for row in named or rows)
        said = [(row, action) for row, action in fitting if action is not None] or said
    found = _of_status(said, line.status)
    if not found or (line.status is None and len({action for _, action in found}) > 1):
        return None
    return min(found, key=lambda each: _SEVEREST_FIRST.index(each[1]))


def _names(row: Row, text: str) -> bool:
    return any(re.search(rf"(?<![A-Z_]){re.escape(name)}(?![A-Z_0-9])", text) for name in row["subcodes"].split("/"))


def _action(row: Row, info: int) -> str | None:
    """The row's action where its masks fit, before or after driver R575; None where neither does."""
    if any(_fits(mask, info) for mask in row["masks"].split()):
        return row["action"]
    return row["other_action"] if any(_fits(mask, info) for mask in row["other_masks"].split()) else None


def _fits(mask: str, info: int) -> bool:
    """Whether these 32 bits, the highest first, are as the mask says; a dash is any."""
    return all(bit in {"-", str(info >> (31 - place) & 1)} for place, bit in enumerate(mask))


def _of_status(found: Sequence[tuple[Row, str]], status: int | None) -> list[tuple[Row, str]]:
    if status is None:
        return list(found)
    exact = [each for each in found if not each[0]["status"] or status in _values(each[0])]
    return exact or [each for each in found if any(value and value & status == value for value in _values(each[0]))]


def _values(row: Row) -> list[int]:
    return [int(value, 16) for value in row["status"].split("/")]
