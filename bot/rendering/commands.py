"""Commands in words, for the buttons and hints of templates: what is quoted here reads back in the grammar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.domain.commands.command import Analyze, AskWhy, Fix, ShowImage, ShowJob, ShowNode, Subscribe, Unsubscribe
from bot.domain.commands.grammar import words
from bot.domain.incidents.subscription import Wants


def to_analyze(project: str | None = None, days: int | None = None, cluster: str | None = None) -> str:
    """`analyze` for a project and a number of days."""
    return words(Analyze(project=project, length=None if days is None else timedelta(days=days), cluster=cluster))


def to_fix(failure_type: str, project: str | None = None, job: str | None = None) -> str:
    """`fix` for a failure type or a signature."""
    return words(Fix(failure_type=failure_type, job=job, project=project))


def to_job(job: str, project: str | None = None) -> str:
    """`job` for a job."""
    return words(ShowJob(job=job, project=project))


def to_node(node: str, cluster: str | None = None, days: int | None = None) -> str:
    """`node` for a node and a number of days."""
    return words(ShowNode(node=node, length=None if days is None else timedelta(days=days), cluster=cluster))


def to_image(image: str, cluster: str | None = None, days: int | None = None) -> str:
    """`image` for an image and a number of days."""
    return words(ShowImage(image=image, length=None if days is None else timedelta(days=days), cluster=cluster))


def to_why(incident: int) -> str:
    """`why` for an incident."""
    return words(AskWhy(incident=incident))


def to_subscribe(project: str | None, wants: Wants, threshold: int | None = None) -> str:
    """`subscribe` a channel."""
    return words(Subscribe(project=project, wants=wants, threshold=threshold))


def to_unsubscribe(project: str | None, wants: Wants) -> str:
    """`unsubscribe` a channel."""
    return words(Unsubscribe(project=project, wants=wants))


GLOBALS: dict[str, Callable[..., str]] = {
    "to_analyze": to_analyze,
    "to_fix": to_fix,
    "to_job": to_job,
    "to_node": to_node,
    "to_image": to_image,
    "to_why": to_why,
    "to_subscribe": to_subscribe,
    "to_unsubscribe": to_unsubscribe,
}
