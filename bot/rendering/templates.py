"""Where the templates are, and which value has which: one file per message and medium."""

from __future__ import annotations

from pathlib import Path

from bot.domain.analysis.report import Report, Stats
from bot.domain.answers.checkup import Check, Checkup, Remedy
from bot.domain.answers.digest import DailyFinding, Digest, DigestDetail
from bot.domain.answers.home import Home
from bot.domain.answers.inspection import Inspection
from bot.domain.answers.ledger import Ledger
from bot.domain.answers.node_or_image import AboutImage, AboutNode
from bot.domain.answers.unknown_failures import (
    CauseNamed,
    CauseRetired,
    FieldProblem,
    NamingForm,
    RenamingForm,
    UnknownFailures,
)
from bot.domain.commands.command import Help
from bot.domain.commands.mistake import Mistake
from bot.domain.foresight.backtest import Backtest
from bot.domain.foresight.outlook import Outlook
from bot.domain.foresight.retrying import RetryAdvice
from bot.domain.incidents.card import DismissForm, IncidentCard, IncidentLine, OpenIncidents, Unreachable, WhyTold
from bot.domain.incidents.outage import BlindNow, Outage, SlackAway
from bot.domain.knowledge.fixes import Fixes, JobStory, Related
from bot.domain.knowledge.observed_fix import FixSeen
from bot.domain.knowledge.suggestion import EditForm, NearDuplicates, Solutions, SuggestForm, Thanks
from bot.domain.workload.pod_evidence import Diagnosis
from bot.services.answers.explain_log import Explanation
from bot.services.replies import (
    Done,
    Refusal,
    Several,
    Subscribed,
    Subscribers,
    SubscriptionTrial,
    Trouble,
    UnderMaintenance,
    Unknown,
    Working,
)

TEMPLATES: dict[type, str] = {
    Report: "analyze",
    Stats: "stats",
    Fixes: "fix",
    JobStory: "job",
    AboutNode: "node",
    AboutImage: "image",
    Diagnosis: "diagnosis",
    Inspection: "inspection",
    Explanation: "explanation",
    Help: "help",
    Mistake: "mistake",
    Unknown: "unknown",
    Several: "several",
    UnknownFailures: "unknown_failures",
    CauseRetired: "cause_retired",
    Working: "working",
    Trouble: "trouble",
    Refusal: "refused",
    IncidentCard: "incident",
    IncidentLine: "incident_line",
    WhyTold: "why_told",
    OpenIncidents: "open_incidents",
    Unreachable: "unreachable",
    SubscriptionTrial: "trial",
    Subscribed: "subscribed",
    Subscribers: "subscriptions",
    UnderMaintenance: "maintenance",
    Outage: "blind",
    BlindNow: "blind_now",
    SlackAway: "slack_away",
    Checkup: "checkup",
    Digest: "digest",
    Outlook: "predict",
    RetryAdvice: "retry",
    Ledger: "cost",
    Backtest: "backtest",
    FixSeen: "fix_seen",
    Solutions: "solutions",
    DigestDetail: "digest_detail",
    Home: "home",
}
"""The template of a value by its type."""
MODALS: dict[type, str] = {
    DismissForm: "dismiss",
    SuggestForm: "suggest",
    NearDuplicates: "near_duplicates",
    EditForm: "edit",
    Thanks: "thanks",
    NamingForm: "naming",
    RenamingForm: "renaming",
    CauseNamed: "named",
    FieldProblem: "mistaken",
    Working: "working",
    Done: "done",
    Refusal: "refused",
    Trouble: "trouble",
}
"""The template of a modal by its value's type."""
SENTENCES: dict[type, str] = {
    Check: "check",
    Remedy: "remedy",
    FieldProblem: "field_problem",
    Mistake: "mistake",
    Related: "related",
    DailyFinding: "daily_finding",
    Refusal: "refused",
    Trouble: "trouble",
}
"""The template of a plain sentence by its value's type."""

_PACKAGE = Path(__file__).resolve().parent.parent


def directory() -> Path:
    """The templates of an installed wheel, else those beside the package in the source tree."""
    packed = _PACKAGE / "_data" / "templates"
    return packed if packed.is_dir() else _PACKAGE.parent / "templates"


def template_of(value: object) -> str:
    """The name of a value's template, without directory and ending. Raises KeyError for a value that has none."""
    return TEMPLATES[type(value)]
