"""What the past says of an attempt, as numbers for the model: the failure rates of everything it belongs to, each drawn
towards the next wider one (empirical Bayes), newest attempts weighing most; how the last one ended, when, after how
long; how many run beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.domain.foresight.history import Attempts, Floats, GroupPast, past

_LADDER = (
    (None, (0.9, 0.98, 0.999, 1.0), 2.0),
    ("project", (0.98, 1.0), 3.0),
    ("owner", (0.9, 1.0), 3.0),
    ("family", (0.5, 0.9, 1.0), 2.0),
    ("job", (0.3, 0.7, 1.0), 1.0),
)
"""From wide to narrow: the group, how much the one before weighs beside the newest (1: all alike), and how many
attempts the wider group's rate is worth."""
_BESIDE = (("place", (0.9, 0.98), 5.0), ("image", (0.9, 1.0), 3.0))
"""Groups that stand beside the ladder; their rates are drawn towards everything's."""
_AT_LEAST = (1, 2, 3, 5, 9)
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Features:
    """One row an attempt: `matrix` has the shape (n, number of names)."""

    names: tuple[str, ...]
    matrix: Floats
    base: Floats
    """The failure rate of everything that had ended before, shape (n,): what one knows without knowing the job."""
    last: Floats
    """How the job's last attempt ended: 1 failed, 0 succeeded, NaN unknown or killed."""
    record: Floats
    """The job's plain record: (its failures + base) / (its attempts + 1)."""


@dataclass(slots=True)
class _Columns:
    names: list[str] = field(default_factory=list)
    columns: list[Floats] = field(default_factory=list)

    def add(self, name: str, column: NDArray[np.floating] | NDArray[np.bool_]) -> None:
        self.names.append(name)
        self.columns.append(np.asarray(column, dtype=np.float64))


def features(attempts: Attempts) -> Features:
    """What was known of each attempt when it began."""
    columns = _Columns()
    everything = past(attempts, None)
    base = _rate(everything, attempts, 1.0, np.full(len(attempts), 0.5), 2.0)
    wider, record, last = base, base, np.full(len(attempts), np.nan)
    for group, decays, worth in _LADDER:
        if group is not None and _says_nothing(attempts, group):
            continue
        seen = everything if group is None else past(attempts, group)
        rates = [_rate(seen, attempts, decay, wider, worth) for decay in decays]
        for decay, rate in zip(decays, rates, strict=True):
            columns.add(f"{group or 'all'} rate {decay}", logit(rate))
        if group in {"job", "family"}:
            _story(columns, group, seen, attempts, rates[-1])
        if group == "job":
            record = _rate(seen, attempts, 1.0, base, 1.0)
            last = np.where(seen.at(attempts.counts, 0.0) > 0, seen.at(attempts.failed, np.nan), np.nan)
        wider = rates[-1]
    for group, decays, worth in _BESIDE:
        if not _says_nothing(attempts, group):
            seen = past(attempts, group)
            for decay in decays:
                columns.add(f"{group} rate {decay}", logit(_rate(seen, attempts, decay, base, worth)))
    _plain(columns, attempts, everything)
    matrix = np.column_stack(columns.columns) if len(attempts) else np.zeros((0, len(columns.names)))
    return Features(tuple(columns.names), matrix, base, last, record)


def _says_nothing(attempts: Attempts, group: str) -> bool:
    """Whether all attempts belong to one of it."""
    return not attempts.groups[group].any()


def _rate(seen: GroupPast, attempts: Attempts, decay: float, wider: Floats, worth: float) -> Floats:
    """The share that failed of the group's past, drawn towards a wider one's as if seen `worth` times."""
    failed = seen.running_totals(attempts.failed, decay)
    return (failed + worth * wider) / (seen.running_totals(attempts.counts, decay) + worth)


def _story(columns: _Columns, group: str, seen: GroupPast, attempts: Attempts, rate: Floats) -> None:
    """How far back the group goes, how its last attempt ended, how long ago, after how long; what runs beside it."""
    number = seen.running_totals(attempts.counts, 1.0)
    for least in _AT_LEAST:
        columns.add(f"{group} attempts ≥ {least}", number >= least)
    known, counts, failed = seen.last >= 0, seen.at(attempts.counts, 0.0), seen.at(attempts.failed, 0.0)
    for name, so in (("failed", failed > 0), ("succeeded", (counts > 0) & (failed == 0)), ("killed", counts == 0)):
        columns.add(f"{group} last {name}", known & so)
        columns.add(f"{group} last {name} × rate", (known & so) * logit(rate))
    since = np.where(known, attempts.begin - seen.at(attempts.end, 0.0), 0.0)
    columns.add(f"{group} since last", _log_seconds(since))
    columns.add(f"{group} last length", _log_seconds(np.where(known, seen.at(attempts.end - attempts.begin, 0.0), 0.0)))
    columns.add(f"{group} running", np.log1p(seen.running))


def _plain(columns: _Columns, attempts: Attempts, everything: GroupPast) -> None:
    """The length of what ended last anywhere, the size, the hour (UTC)."""
    columns.add("all last length", _log_seconds(everything.at(attempts.end - attempts.begin, 0.0)))
    columns.add("gpus", np.log1p(np.nan_to_num(np.maximum(attempts.gpus, 0), nan=0.0)))
    columns.add("gpus unknown", np.isnan(attempts.gpus))
    turn = 2 * np.pi * (attempts.begin % _DAY_MS) / _DAY_MS
    columns.add("hour, east", np.sin(turn))
    columns.add("hour, north", np.cos(turn))


def logit(rate: Floats) -> Floats:
    """The log odds of a rate, kept away from certainty."""
    kept = np.clip(rate, 0.001, 0.999)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def _log_seconds(milliseconds: Floats) -> Floats:
    seconds: Floats = np.log1p(np.maximum(milliseconds, 0.0) / 1000)
    return seconds
