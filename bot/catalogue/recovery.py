"""Reads Xid 154: which recovery the driver asks for after another Xid. "None" says that it needs none any more."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.domain.diagnosis.catalogue import Meaning, Rank, Signature
from bot.domain.workload.pod_evidence import CauseOwner

_CHANGED = re.compile(
    r"recovery action changed from .{0,60}? to (?:0x[0-9a-f]{1,8} )?\(?(?P<to>[a-z][a-z0-9 ]{2,40})", re.IGNORECASE
)


def by_recovery(signature: Signature) -> Meaning:
    """What a line with this Xid means: the recovery that it names."""

    def meaning(said: str) -> Signature:
        found = _CHANGED.search(said)
        if found is None:
            return signature
        to, about = found["to"].strip(), signature.explanation.partition(" NVIDIA's action:")[0]
        if to.lower() == "none":
            title = "The GPU needs no recovery (Xid 154)"
            said_well = f"{about} NVIDIA's action: none."
            return replace(signature, title=title, rank=Rank.WRAPPER, owner=CauseOwner.UNKNOWN, explanation=said_well)
        title = f"The driver asks for a recovery of the GPU: {to} (Xid 154)"
        return replace(signature, title=title, explanation=f"{about} NVIDIA's action: {to}.")

    return meaning
