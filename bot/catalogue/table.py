"""The catalogue as a page of the documentation: `python -m bot.catalogue > docs/catalogue.md`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.domain.diagnosis.catalogue import Catalogue, FailureType, Rank, Signature
from bot.domain.knowledge.solution import Solution

_HEAD = """# What can be recognised

Generated from `bot/catalogue/data`; change the data, then run `python -m bot.catalogue > docs/catalogue.md`.

A failure has a coarse *type*, as Kubernetes names it, and where its evidence says more, a *signature*. Where several
signatures fit, the one nearest to the root is the cause, and the others are its symptoms. ⚙ marks what the bot could do
itself, once asked and approved. The ranks, root first:
"""
_RANKS = {
    Rank.HARDWARE: "a broken GPU or link explains every error above it",
    Rank.HOST: "the node, or the container's limits: out of memory, disk full, node lost",
    Rank.CAUSE: "a definite error of the program or its surroundings",
    Rank.START: "the container could not be started",
    Rank.PEER: "communication failed, often because a peer died of something else",
    Rank.CONSEQUENCE: "a watchdog or a peer reports that somebody else failed first",
    Rank.GENERIC: "true, but it says little: an exception by name, a signal",
    Rank.WAITING: "not scheduled; a pod that got further was scheduled in the end",
    Rank.WRAPPER: "a summary of failing, by the launcher or the job controller",
}


def page(catalogue: Catalogue) -> str:
    """The whole page, in Markdown."""
    return "\n".join(_lines(catalogue)) + "\n"


def _lines(catalogue: Catalogue) -> Iterator[str]:
    yield _HEAD
    yield from (f"1. {rank.name.lower()}: {meaning}" for rank, meaning in _RANKS.items())
    yield f"\n## Failure types ({len(catalogue.types)})\n"
    yield "| type | meaning | who can mend it | what to try |\n|---|---|---|---|"
    yield from (_type_row(kind) for kind in catalogue.types)
    for family, members in groupby(catalogue.signatures, key=lambda signature: signature.family):
        signatures = list(members)
        yield f"\n## {family} ({len(signatures)})\n"
        yield "| signature | type | rank | what it is | who can mend it | what to try |\n|---|---|---|---|---|---|"
        yield from (_signature_row(signature) for signature in signatures)


def _type_row(kind: FailureType) -> str:
    return _row(f"`{kind.name}`", f"**{kind.title}.** {kind.explanation}", kind.owner, _rules(kind.rules))


def _signature_row(signature: Signature) -> str:
    return _row(
        f"`{signature.id}`",
        signature.failure_type,
        signature.rank.name.lower(),
        f"**{signature.title}.** {signature.explanation}",
        signature.owner,
        _rules(signature.rules),
    )


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _rules(rules: tuple[Solution, ...]) -> str:
    return "<br>".join(f"{rule.description}{' ⚙' if rule.automatic else ''}" for rule in rules)
