"""Short answers that are neither a report nor fixes: what is unknown, refused, out of date, or went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.commands.command import Subscribe
from bot.domain.incidents.maintenance import Maintenance
from bot.domain.incidents.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A name that nothing has. One that may not be seen looks just the same to the person."""

    what: str
    """ "project", "job", "failure type" """
    name: str
    nearest: tuple[str, ...] = ()
    """Names that exist, complete commands with them are in `tries`."""
    tries: tuple[str, ...] = ()
    """Commands to try instead, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """A name that several things have, or begin with."""

    what: str
    """ "node", "image" """
    name: str
    choices: tuple[str, ...]
    """What there is, at most so many as a person reads; complete commands with them are in `tries`."""
    tries: tuple[str, ...]
    more: int = 0
    """How many there are beside them."""


@dataclass(frozen=True, slots=True)
class Working:
    """It takes more than a second."""

    asked: str = ""
    """The command in words; empty for a form."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a form asked for was done, later than the form could wait."""


class TroubleKind(StrEnum):
    """Why there is no answer."""

    STORE = "store"
    """The database is away."""
    SLACK = "slack"
    """Slack did not take it."""
    BUG = "bug"
    """Something we did not foresee; it is in the log."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """It could not be done, through no fault of the person."""

    cause: TroubleKind
    reference: str = ""
    """Names the entry in the bot's log."""


class Why(StrEnum):
    """Why nothing was changed."""

    MALFORMED = "malformed"
    """The value of the button or form is not one of this version's."""
    NO_SOLUTION = "no solution"
    """The solution has been taken out of the catalogue."""
    NO_FAILURE = "no failure"
    """The failure is gone, or may not be seen (any more): the two look the same."""
    OTHER_CAUSE = "other cause"
    """The solution is not one for this failure."""
    NO_FIXES = "no fixes"
    """The question of the button's message is one that has no fixes."""
    TOO_FEW_WORDS = "too few words"
    """What a person typed says nothing."""
    TWIN = "twin"
    """Another solution says the same, or this one is offered no more."""
    NOTHING_TO_NAME = "nothing to name"
    """The failure or the name is gone, or has another one by now, or may not be seen: they look the same."""
    NO_INCIDENT = "no incident"
    """There is no such incident (any more), it may not be seen, or this channel was not told of it."""
    NO_RIGHT = "no right"
    """The person is not one of the responders."""
    NOT_HERE = "not here"
    """The bot is not in the channel that wants to subscribe."""
    STALE = "stale"
    """The incident's state, which is in `detail`, has changed since the button was drawn."""
    NOT_A_MEMBER = "not a member"
    """The person is not in the channel whose subscription they would end."""
    NOT_YOURS = "not yours"
    """Somebody else taught it, who is in `detail` where Slack knows them."""
    STRANGER = "stranger"
    """The person is of another workspace, whose id is in `detail`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was asked for and not done. Nothing was changed."""

    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """How often a subscription with this number of failed jobs would have told."""

    jobs: int
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionTrial:
    """How often a subscription would have told a channel, had it been there before."""

    wanted: Subscribe
    times: int
    days: int
    others: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A channel subscribed: said in the channel itself, so that everybody there knows."""

    subscription: Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """What a channel gets without asking, and what was ended just now."""

    subscriptions: tuple[Subscription, ...]
    ended: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionsEnded:
    """What a channel no longer gets, and who ended it: said in the channel itself, so that everybody there knows."""

    ended: tuple[Subscription, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderMaintenance:
    """What people work on now, so that nobody is called for it."""

    windows: tuple[Maintenance, ...]
    began: Maintenance | None = None
    ended: Maintenance | None = None
    """The one that was ended, or that there was none to end (then `unknown`)."""
    unknown: str = ""
