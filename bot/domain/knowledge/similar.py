"""Which past failures are most like this one: of the same signature, then by what the error says, image and project."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.domain.knowledge.context import context_of
from bot.domain.workload.failure import Failure

_WORD = re.compile(r"[a-z][a-z_]+", re.IGNORECASE)
_LONGEST = 500
_SAY_NOTHING = frozenset(
    ("the", "an", "to", "of", "in", "on", "at", "by", "for", "from", "with", "and", "or", "is", "it", "be")
)
_SIGNATURE, _TEXT, _IMAGE, _PROJECT = 3.0, 2.0, 0.5, 0.5
_LEAST_TEXT = 0.2


def nearest(failure: Failure, past: Iterable[Failure], most: int = 3) -> list[Failure]:
    """The failures of other jobs that are most like this one, the most alike first; of equals, the newer first.

    Of the same type they are by the way they were asked for. One that shares neither the signature nor any word of its
    error is not similar.
    """
    scored = [
        (score, one)
        for one in past
        if (one.job, one.project) != (failure.job, failure.project) and (score := likeness(failure, one)) > 0
    ]
    scored.sort(key=lambda each: (each[0], each[1].timestamp), reverse=True)
    return [one for _, one in scored[:most]]


def likeness(one: Failure, other: Failure) -> float:
    """How alike two failures of one type are, 0 to 6; 0 where nothing says that they have the same cause."""
    text = similarity(one.error_message or "", other.error_message or "")
    same_cause = one.signature is not None and one.signature == other.signature
    if not same_cause and text < _LEAST_TEXT:
        return 0.0
    here, there = context_of(one), context_of(other)
    return (
        _SIGNATURE * same_cause
        + _TEXT * text
        + _IMAGE * (here.repository is not None and here.repository == there.repository)
        + _PROJECT * (here.project is not None and here.project == there.project)
    )


def similarity(one: str, other: str) -> float:
    """The share of words that two texts have in common (Jaccard index), 0 to 1; numbers and case do not matter."""
    mine, theirs = _words(one[:_LONGEST]), _words(other[:_LONGEST])
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def overlap(one: str, other: str) -> float:
    """The share of the shorter text's words that the other has too, 0 to 1; 0 where they share fewer than two."""
    mine, theirs = _words(one[:_LONGEST]), _words(other[:_LONGEST])
    shared = len(mine & theirs)
    if mine == theirs and mine:
        return 1.0
    return shared / min(len(mine), len(theirs)) if shared > 1 else 0.0


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """The word without its common endings, so that "increasing" is "increase"."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _words(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _SAY_NOTHING)
