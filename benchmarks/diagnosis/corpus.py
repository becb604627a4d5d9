"""The corpus of real failures, and how right diagnosis is on it. `python -m benchmarks.diagnosis` counts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.domain.diagnosis import Catalogue
from bot.domain.workload.pod_evidence import Confidence, Diagnosis
from bot.services.answers.diagnose import diagnosed

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One program that failed: what it said, and what is right to say of it."""

    name: str
    program: str
    log: bytes
    exit_code: int
    right: frozenset[str | None]
    """None: nothing may be named."""
    never: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a failure."""

    failure: Failure
    said: Diagnosis

    @property
    def right(self) -> bool:
        """What was said is one of the right answers."""
        return self.said.signature in self.failure.right

    @property
    def wrong(self) -> bool:
        """Something else was named, or something was said that must not be."""
        told = {self.said.signature, *(other.signature for other in self.said.others)}
        return bool(told & self.failure.never) or (not self.right and self.said.signature is not None)

    @property
    def certain(self) -> bool:
        """It was said as certain."""
        return self.said.confidence is Confidence.CERTAIN


def failures() -> Iterator[Failure]:
    """The failures whose logs were kept."""
    codes = yaml.safe_load((HERE / "logs" / "exit_codes.yaml").read_text(encoding="utf-8"))
    for scenario in yaml.safe_load((HERE / "scenarios.yaml").read_text(encoding="utf-8")):
        log = HERE / "logs" / f"{scenario['name']}.log"
        if log.exists():
            yield Failure(
                name=scenario["name"],
                program=scenario["program"],
                log=log.read_bytes(),
                exit_code=codes[scenario["name"]],
                right=frozenset(scenario["right"]),
                never=frozenset(scenario.get("never", ())),
            )


def judged(catalogue: Catalogue) -> list[Judged]:
    """What is said of each failure."""
    return [
        Judged(each, diagnosed(each.log, catalogue=catalogue, reason="Error", exit_code=each.exit_code))
        for each in failures()
    ]


def measure_corpus(catalogue: Catalogue) -> None:
    """Prints how many answers are right, by how sure they are."""
    answers = judged(catalogue)
    for each in answers:
        if not each.right or each.wrong:
            print(f"  {each.failure.name}: said {each.said.signature}, is {sorted(map(str, each.failure.right))}")
    print(f"{'real failures':16}{'answers':>9}{'right':>8}{'wrong':>8}")
    for confidence in (*Confidence, None):
        some = [each for each in answers if confidence in {each.said.confidence, None}]
        right, wrong = (sum(values) for values in ([e.right for e in some], [e.wrong for e in some]))
        print(f"{confidence or 'all':16}{len(some):9}{right:8}{wrong:8}")
