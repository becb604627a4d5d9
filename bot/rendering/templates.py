"""Which template says a value: `slack/`, `terminal/` and `mail/` have messages, `slack/modals/` modals, `plain/` the
sentences that the others, JSON and forms share. A value of the class `WhyTold` is said by `why_told.jinja`."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.analysis.report import Report
from bot.domain.answers.ledger import Ledger
from bot.domain.answers.node_or_image import AboutImage, AboutNode
from bot.domain.foresight.outlook import Outlook
from bot.domain.foresight.retrying import RetryAdvice
from bot.domain.incidents.card import IncidentCard
from bot.domain.knowledge.fixes import Fixes, JobStory
from bot.services.replies import Subscribers, SubscriptionTrial, UnderMaintenance

NAMES: dict[type, str] = {
    Report: "analyze",
    Fixes: "fix",
    JobStory: "job",
    AboutNode: "node",
    AboutImage: "image",
    Outlook: "predict",
    Ledger: "cost",
    RetryAdvice: "retry",
    IncidentCard: "incident",
    SubscriptionTrial: "trial",
    Subscribers: "subscriptions",
    UnderMaintenance: "maintenance",
}
"""The templates that are named for the command they answer, or for what they show, not for the value's class."""
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PACKAGE = Path(__file__).resolve().parent.parent


def directory() -> Path:
    """The templates of an installed wheel, else those beside the package in the source tree."""
    packed = _PACKAGE / "_data" / "templates"
    return packed if packed.is_dir() else _PACKAGE.parent / "templates"


def template_of(value: object) -> str:
    """The name of a value's template, without directory and ending: that of its class, or of the command it answers."""
    return NAMES.get(type(value)) or _WORD.sub("_", type(value).__name__).lower()
