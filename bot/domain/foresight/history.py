"""What had ended before an attempt began. Whoever predicts must not look ahead: an attempt that was still running then,
however it ended later, is not known yet. Everything here is counted over that past alone, group by group (the job, its
family, its node ...), for a million attempts in a few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import FAILED, KILLED, Runs

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
NEVER = -1


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts in columns, shape (n,) each. Groups are codes from 0; times are milliseconds since 1970, UTC."""

    groups: dict[str, Indices]
    """`job`, `family`, `owner`, `project`, `place`, `image`: what each belongs to."""
    begin: Indices
    end: Indices
    failed: Floats
    """1 where it failed."""
    counts: Floats
    """1 where it failed or succeeded, 0 where it was killed, which says nothing of either."""
    gpus: Floats
    """NaN unknown."""

    def __len__(self) -> int:
        return len(self.begin)

    @classmethod
    def of(cls, runs: Runs, gpus: Sequence[float | None]) -> Attempts:
        """The attempts of a period. `gpus` says what each code of `runs.gpus` stands for; where no length is known an
        attempt began when it ended."""
        length = np.nan_to_num(runs.seconds.astype(np.float64), nan=0.0) * 1000
        numbers = np.array([np.nan if each is None else each for each in gpus] or [np.nan], dtype=np.float64)
        return cls(
            {name: _codes(getattr(runs, name)) for name in GROUPS},
            runs.ended - np.maximum(length, 0).astype(np.int64),
            runs.ended.astype(np.int64),
            (runs.outcome == FAILED).astype(np.float64),
            (runs.outcome != KILLED).astype(np.float64),
            numbers[runs.gpus] if len(runs) else np.zeros(0),
        )


GROUPS = ("job", "family", "owner", "project", "place", "image")


def _codes(column: NDArray[Any]) -> Indices:
    return np.unique(column, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class GroupPast:
    """For each attempt, where the past of its group ends. `order` sorts all attempts by group and end; `last` is the
    place in that order of the newest one that had ended, or NEVER. Shapes (n,)."""

    order: Indices
    starts: NDArray[np.bool_]
    """Where in the order a group begins."""
    last: Indices
    ended: Floats
    """How many of the group had ended."""
    running: Floats
    """How many of the group had begun and not ended."""

    def at(self, column: NDArray[Any], otherwise: float) -> Floats:
        """A column's value at the newest one that had ended."""
        known: Floats = np.where(self.last == NEVER, otherwise, column[self.order][self.last])
        return known

    def running_totals(self, column: Floats, decay: float) -> Floats:
        """The sum of a column over the past, each further one back weighing `decay` times as much."""
        total, totals = 0.0, np.empty(len(column) + 1)
        totals[NEVER] = 0.0
        for place, (value, begins) in enumerate(zip(column[self.order].tolist(), self.starts.tolist(), strict=True)):
            total = value if begins else total * decay + value
            totals[place] = total
        return totals[self.last]


def past(attempts: Attempts, group: str | None) -> GroupPast:
    """The past of each attempt within its group; None is everything. One that ended the moment this one began had
    ended, unless it began then too."""
    codes = np.zeros(len(attempts), np.int64) if group is None else attempts.groups[group]
    ended = 2 * attempts.end + (attempts.begin == attempts.end)
    order = np.lexsort((ended, codes))
    first, last = _within(codes, ended, order, 2 * attempts.begin)
    began_order = np.lexsort((attempts.begin, codes))
    began_first, began_last = _within(codes, attempts.begin, began_order, attempts.begin - 1)
    number = (last - first + 1).astype(np.float64)
    grouped = codes[order]
    return GroupPast(
        order,
        np.r_[True, grouped[1:] != grouped[:-1]] if len(order) else np.zeros(0, bool),
        np.where(last >= first, last, NEVER),
        number,
        np.maximum(began_last - began_first + 1 - number, 0.0),
    )


def _within(codes: Indices, times: Indices, order: Indices, until: Indices) -> tuple[Indices, Indices]:
    """For each attempt the first place of its group in the order, and the last one with a time up to `until`."""
    if not len(order):
        return order, order
    low = int(min(times.min(), until.min()))
    span = int(max(times.max(), until.max())) - low + 2
    keys = codes[order] * span + (times[order] - low)
    first = np.searchsorted(keys, codes * span)
    return first, np.searchsorted(keys, codes * span + (until - low), side="right") - 1
