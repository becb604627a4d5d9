"""What `failures doctor` looked at: one value for each thing, with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried for real. `remedy` says how to mend it where `ok` is false."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether the bot can run as it is set."""
        return all(check.ok for check in self.checks)
