"""Where a failure happened, as far as it matters for what helps: a fix that works for one registry or framework need
not work for another. Read from the failure alone; what cannot be read is unknown, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from bot.domain.workload.failure import Failure

_DEFAULT_REGISTRY = "docker.io"
_FRAMEWORKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # the narrower ones first: most of them stand on pytorch and name it too
    ("megatron", re.compile(r"megatron", re.IGNORECASE)),
    ("deepspeed", re.compile(r"deepspeed", re.IGNORECASE)),
    ("vllm", re.compile(r"\bvllm\b", re.IGNORECASE)),
    ("nemo", re.compile(r"\bnemo\b", re.IGNORECASE)),
    ("pytorch", re.compile(r"pytorch|\btorch(?:run)?\b", re.IGNORECASE)),
    ("tensorflow", re.compile(r"tensorflow", re.IGNORECASE)),
    ("jax", re.compile(r"\bjax(?:lib)?\b", re.IGNORECASE)),
    ("ray", re.compile(r"\brayproject\b|\bray\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where something failed or was fixed; None is unknown."""

    signature: str | None = None
    registry: str | None = None
    """`123.dkr.ecr.eu-west-1.amazonaws.com`"""
    repository: str | None = None
    """The image without tag and digest, registry included."""
    framework: str | None = None
    project: str | None = None

    def known(self) -> Mapping[str, str]:
        """What is known of it, by dimension."""
        return {name: value for name in DIMENSIONS if (value := getattr(self, name)) is not None}

    def forbids(self, condition: str | None) -> bool:
        """Whether a condition such as "registry=ghcr.io" is known not to hold here."""
        dimension, _, wanted = (condition or "").partition("=")
        here = self.known().get(dimension)
        return here is not None and here != wanted

    def condition(self, dimension: str) -> str | None:
        """The condition that says "only here": "registry=ghcr.io"; None where that is not known."""
        here = self.known().get(dimension)
        return None if here is None else f"{dimension}={here}"


DIMENSIONS = tuple(field.name for field in fields(Context))
ANYWHERE = Context()


def context_of(failure: Failure) -> Context:
    """The context of a failure. The framework is read from the image and the line that decided."""
    registry, repository = image_parts(failure.image)
    return Context(
        signature=failure.signature,
        registry=registry,
        repository=repository,
        framework=framework_in(f"{failure.image or ''} {failure.error_message or ''}"),
        project=failure.project,
    )


def image_parts(image: str | None) -> tuple[str | None, str | None]:
    """The registry of an image, and its repository: registry and path without tag and digest.

    As container runtimes read it: the first part is a registry if it has a dot or a port, or is "localhost".
    """
    if not image:
        return None, None
    path = image.partition("@")[0]
    first, slash, rest = path.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = _DEFAULT_REGISTRY, path
    return first, f"{first}/{rest.partition(':')[0]}"


def framework_in(text: str) -> str | None:
    """The first framework of the table that a text names."""
    return next((name for name, pattern in _FRAMEWORKS if pattern.search(text)), None)
