"""Reads a pod's spec facts: what it was asked to be. That takes as long as all the rest of a pod together, so it is
only promised here, for pods that ended or are stuck, and done for the few whose facts are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from bot.cluster.pods import Labels, Resources, Text
from bot.cluster.salvage import Decoder
from bot.domain.knowledge.spec import LONGEST, MOST, SeenSpec, WorkloadSpec, shown_env
from bot.domain.text.masking import mask
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.sighting import Sighting

_SHM = "/dev/shm"  # noqa: S108 a path in the pod
_LONGEST_WORD = 16 * 1024
_UNSIZED = "unlimited"


class _Env(msgspec.Struct, gc=False):
    name: Text = None
    value: Text = None


class _Mount(msgspec.Struct, rename="camel", gc=False):
    name: Text = None
    mount_path: Text = None


class _Container(msgspec.Struct, rename="camel"):
    name: Text = None
    image: Text = None
    command: list[str] | None = None
    args: list[str] | None = None
    env: list[_Env] | None = None
    resources: Resources | None = None
    volume_mounts: list[_Mount] | None = None


class _Named(msgspec.Struct, gc=False):
    name: Text = None


class _Toleration(msgspec.Struct, gc=False):
    key: Text = None
    operator: Text = None
    value: Text = None
    effect: Text = None


class _Spec(msgspec.Struct, rename="camel"):
    containers: list[_Container] | None = None
    image_pull_secrets: list[_Named] | None = None
    volumes: list[dict[str, Any]] | None = None
    node_selector: Labels = None
    tolerations: list[_Toleration] | None = None


class _Pod(msgspec.Struct):
    spec: msgspec.Raw = msgspec.Raw()


_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""Whatever an odd spec makes of its reader."""


class Facts:
    """Finds the specs of pods."""

    def __init__(self) -> None:
        self._pods, self._specs = Decoder(_Pod), Decoder(_Spec)

    def of(self, raw: bytes | msgspec.Raw, attempts: Sequence[Attempt], stuck: Sequence[Sighting]) -> SeenSpec | None:
        """The spec of a pod by the last attempt that it tells of; None where nothing ended but by being killed."""
        attempt = attempts[-1] if attempts else stuck[0].attempt if stuck else None
        if attempt is None or (attempt.outcome is Outcome.KILLED and not stuck):
            return None
        failed = bool(stuck) or attempt.outcome is Outcome.FAILED
        asked = self._pods.decode(raw).spec.copy()  # a view would keep all of a list's page in memory
        return SeenSpec(attempt=attempt, failed=failed, read=partial(self._read, asked, attempt))

    def _read(self, asked: msgspec.Raw, attempt: Attempt) -> WorkloadSpec | None:
        try:
            return _spec(self._specs.decode(asked), attempt)
        except _UNREADABLE:
            return None


def _spec(spec: _Spec, attempt: Attempt) -> WorkloadSpec:
    containers = spec.containers or []
    main = next((each for each in containers if each.name == attempt.container), None) or next(
        iter(containers), _Container()
    )
    asked = _limits(main)
    return WorkloadSpec(
        memory=asked.get("memory"),
        cpu=asked.get("cpu"),
        gpu_count=attempt.gpu_count or None,
        gpu_type=attempt.gpu_type,
        shm=_shm(main, spec.volumes or []),
        image=_kept(main.image) if main.image else None,
        command=_command(main),
        env=shown_env({each.name: each.value for each in main.env or () if each.name}),
        pull_secrets=_sorted(each.name for each in spec.image_pull_secrets or ()),
        volumes=_sorted(_mounted(main, spec.volumes or [])),
        node=attempt.node,
        node_selector=tuple(sorted((_kept(key), _kept(value)) for key, value in _pairs(spec.node_selector))),
        tolerations=_sorted(_toleration(each) for each in spec.tolerations or ()),
    )


def _command(container: _Container) -> tuple[str, ...]:
    """Command and arguments as words. They are masked together and before they are cut: a secret may stand in the word
    after its option."""
    words = [word[:_LONGEST_WORD] for word in [*(container.command or ()), *(container.args or ())][:MOST]]
    return tuple(word[:LONGEST] for word in mask(" ".join(words)).split())[:MOST]


def _limits(container: _Container) -> dict[str, str]:
    """Limits, and requests where there is no limit: the limit is what a container is killed for."""
    if container.resources is None:
        return {}
    asked = {**(container.resources.requests or {}), **(container.resources.limits or {})}
    return {name: _kept(str(quantity)) for name, quantity in asked.items()}


def _shm(container: _Container, volumes: list[dict[str, Any]]) -> str | None:
    mounted = {each.name for each in container.volume_mounts or () if (each.mount_path or "").rstrip("/") == _SHM}
    for volume in volumes:
        empty = volume.get("emptyDir")
        if volume.get("name") in mounted and isinstance(empty, Mapping):
            return _kept(str(empty.get("sizeLimit") or _UNSIZED))
    return None


def _mounted(container: _Container, volumes: list[dict[str, Any]]) -> Iterator[str]:
    """Each volume by where it is mounted and what it is; the generated ones of service accounts say nothing."""
    of = {volume.get("name"): volume for volume in volumes}
    for mount in container.volume_mounts or ():
        path = (mount.mount_path or "").rstrip("/")
        if path == _SHM or path.startswith("/var/run/secrets/"):
            continue
        yield f"{path} {_source(of.get(mount.name) or {})}".strip()


def _source(volume: Mapping[str, Any]) -> str:
    kind = next((key for key in volume if key != "name"), "")
    detail = volume.get(kind)
    named = ("claimName", "secretName", "name", "path")
    name = next((str(detail[key]) for key in named if detail.get(key)), "") if isinstance(detail, Mapping) else ""
    return f"{kind}/{name}".rstrip("/")


def _toleration(of: _Toleration) -> str:
    return f"{of.key or '*'}{f'={of.value}' if of.value else ''}{f':{of.effect}' if of.effect else ''}"


def _pairs(labels: Labels) -> Iterator[tuple[str, str]]:
    yield from list((labels or {}).items())[:MOST]


def _sorted(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({_kept(name) for name in names if name}))[:MOST]


def _kept(text: str) -> str:
    return mask(text).first(LONGEST)
