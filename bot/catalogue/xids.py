"""Signatures of NVIDIA's Xids: what the table says of each number, the words of `xid.yaml`, and every way in which
drivers, plugins and clouds write a number down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec

from bot.catalogue.nvlink5 import by_sub_code
from bot.catalogue.recovery import by_recovery
from bot.catalogue.schema import ClauseEntry, Entry, Id, Line, Prose, RuleEntry, TwoSentences
from bot.catalogue.tsv import Row
from bot.catalogue.vendor_action import ActionEntry, action_of, told
from bot.domain.diagnosis.catalogue import Clause, Meaning, Rank, Signature
from bot.domain.diagnosis.zones import Zone
from bot.domain.workload.pod_evidence import CauseOwner

_NONE = "NOT_GIVEN"
_NVLINK5 = "WORKFLOW_NVLINK5_ERR"
RECOVERY = 154
_XID = r"(?:(?<![a-z0-9])|(?<=nvidia)|(?<=gpu))xid(?:[^\d({\n]|\((?!\d{1,4}\))[^)\n]{0,60}\)){0,40}\(?"
"""What stands before the number: "Xid (PCI:0000:3b:00): ", "XID error ", "NvidiaXID"; never another number."""
_SPELLINGS: tuple[tuple[tuple[str, ...], re.Pattern[str] | None], ...] = tuple(
    (has, re.compile(line, re.IGNORECASE) if line else None)
    for has, line in (
        # literals, {} for the number · how it stands in the line; the first finds it in the midst of thousands
        (("): {}",), r"(?<![a-z0-9])xid \([^)]{0,60}\): (?P<number>\d{1,4})(?!\d|\.\d)"),
        (("xid", "{}"), rf"{_XID}(?P<number>\d{{1,4}})(?!\d|\.\d)"),
        (("xid errors found",), r"(?:found: ?|[ ,;])(?P<number>\d{1,4})(?=[ ,;.]|$)"),
        (("xidcriticalerror", '"{}"'), None),
        (("syslogsxiderror", "errorcode:{}"), r"errorcode:(?P<number>\d{1,4})(?!\d)"),
        (("dcgm_fi_dev_xid_errors",), r"[}\s]\s{0,20}(?P<number>\d{1,4})(?:\.0)?\s{0,9}$"),
    )
)
"""How drivers, plugins, monitors and clouds write an Xid down."""
_ZONES = frozenset({Zone.METRIC})
_OTHER_XIDS = (b"transaction", b"postgres", b"vacuum", b"dhcp", b"dhclient", b"xid_errors_total", b"xid errors total")
"""Transactions of databases and DHCP have ids of that name, and a counter of Xids counts them."""


class XidEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number, as far as the table does not say it."""

    xid: Annotated[int, msgspec.Meta(ge=1, le=999)]
    title: Line
    rank: str | None = None
    owner: CauseOwner | None = None
    explanation: TwoSentences | None = None
    aliases: tuple[str, ...] = ()
    also: tuple[ClauseEntry, ...] = ()
    """Ways to recognise it where the number is not said."""
    outranks: tuple[Id, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    """What to try; else what its action says."""


class Xids(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file of Xids."""

    family: Line
    about: Prose
    catalogued: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    """The day of the catalogue that the table is from."""
    actions: dict[str, ActionEntry]
    xids: list[XidEntry]


def xid_signatures(words: Xids, table: Sequence[Row], nvlink5: Sequence[Row]) -> Iterator[Signature]:
    """The signature of each number of the table, and one for all others. Raises ValueError for a number without words,
    words without a number, or an action without words."""
    rows = {int(row["xid"]): row for row in table}
    if different := rows.keys() ^ {entry.xid for entry in words.xids}:
        raise ValueError(f"table and words differ in {', '.join(map(str, sorted(different)))}")
    for entry in words.xids:
        row = rows[entry.xid]
        signature = _listed(entry, row, words)
        yield replace(signature, meaning=_meaning(row, signature, words, nvlink5))
    yield _unlisted(words, list(rows))


def _listed(entry: XidEntry, row: Row, words: Xids) -> Signature:
    actions = _actions(row, words)
    owner = _owner(entry, row, actions)
    rank = Rank[(entry.rank or actions[0].rank).upper()]
    if owner is not CauseOwner.HARDWARE and rank is Rank.HARDWARE:
        rank = Rank.CAUSE
    rules = [rule.value("Error", f"gpu-xid-{entry.xid}") for rule in entry.rules or actions[0].rules]
    return Signature(
        id=f"gpu-xid-{entry.xid}",
        family=words.family,
        title=f"{entry.title} (Xid {entry.xid})",
        failure_type="Error",
        rank=rank,
        owner=owner,
        explanation=_explanation(entry, row, words),
        clauses=(*_spellings(entry.xid), *(clause.value() for clause in entry.also)),
        aliases=(f"xid {entry.xid}", *entry.aliases),
        outranks=frozenset(entry.outranks),
        rules=tuple(rules),
    )


def _actions(row: Row, words: Xids) -> list[ActionEntry]:
    """NVIDIA's action, then what it says to look into. Raises ValueError for one without words."""
    names = [row["action"] or _NONE, *([row["investigation"]] if row["investigation"] else [])]
    return [action_of(name, words.actions) for name in names]


def _owner(entry: XidEntry, row: Row, actions: Sequence[ActionEntry]) -> CauseOwner:
    """Whose fault it is: what is known better, the device plugin's list of application faults, what NVIDIA says to look
    into unless that is only its support, and its action."""
    if entry.owner is not None:
        return entry.owner
    if row["application"] == "yes":
        return CauseOwner.USER
    looked_into = actions[1:] if row["investigation"] not in {"CONTACT_SUPPORT", "IGNORE"} else ()
    return next((each.owner for each in (*looked_into, actions[0]) if each.owner is not None), CauseOwner.UNKNOWN)


def _explanation(entry: XidEntry, row: Row, words: Xids) -> str:
    about = entry.explanation or f"NVIDIA's driver reported {row['mnemonic']}."
    return f"{' '.join(about.split())} {told(row['action'] or _NONE, row['investigation'], words.actions)}"


def _spellings(xid: int) -> Iterator[Clause]:
    for has, line in _SPELLINGS:
        literals = tuple(part.format(xid).encode() for part in has)
        number = str(xid) if line else None
        yield Clause(has=literals, line=line, number=number, unless=_OTHER_XIDS, zones=_ZONES)


def _unlisted(words: Xids, numbers: Sequence[int]) -> Signature:
    """A number that is in no table is still an Xid."""
    listed = "|".join(map(str, numbers))
    line = re.compile(rf"{_XID}(?P<xid>(?!(?:{listed})(?!\d))[1-9]\d{{0,3}})(?!\d|\.\d)", re.IGNORECASE)
    unlisted = Signature(
        id="gpu-xid-unlisted",
        family=words.family,
        title=f"An Xid that is not in NVIDIA's catalogue of {words.catalogued}",
        failure_type="Error",
        rank=Rank.CAUSE,
        owner=CauseOwner.PLATFORM,
        explanation=(
            f"NVIDIA's driver reported an error by a number that its catalogue of {words.catalogued} does not have; a "
            "newer driver may have brought it. NVIDIA's page on Xids says what it means."
        ),
        clauses=tuple(
            Clause(has=(b"xid", beside), line=line, unless=_OTHER_XIDS) for beside in (b"nvrm", b"nvidia", b"gpu")
        ),
        aliases=("unlisted xid", "unknown xid"),
        rules=tuple(rule.value("Error", "gpu-xid-unlisted") for rule in words.actions["CONTACT_SUPPORT"].rules),
    )

    def meaning(said: str) -> Signature:
        found = line.search(said)
        title = f"Xid {found['xid']}, not in NVIDIA's catalogue of {words.catalogued}" if found else unlisted.title
        return replace(unlisted, title=title)

    return replace(unlisted, meaning=meaning)


def _meaning(row: Row, signature: Signature, words: Xids, nvlink5: Sequence[Row]) -> Meaning | None:
    if row["action"] == _NVLINK5:
        return by_sub_code(signature, [each for each in nvlink5 if each["xid"] == row["xid"]], words.actions)
    return by_recovery(signature) if int(row["xid"]) == RECOVERY else None
