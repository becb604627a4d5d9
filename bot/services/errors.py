"""What can go wrong with a peer, in words that say whether trying again helps."""

from __future__ import annotations


class Unavailable(Exception):
    """A peer cannot be used now (database, cluster, Slack). `permanent` says whether trying again is pointless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Undelivered(Unavailable):
    """Slack did not take a message."""


class Gone(Undelivered):
    """The message that was to be edited is not there any more: somebody deleted it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)
