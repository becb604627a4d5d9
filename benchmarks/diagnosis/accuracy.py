"""How often diagnosis is right, over labelled excerpts in the shape of real reports (benchmarks/excerpts/*.yaml), and
how long it takes on 10 MB"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.diagnosis import Catalogue
from bot.domain.workload.pod_evidence import Confidence, Diagnosis
from bot.services.answers.diagnose import diagnosed

FOLDER = Path(__file__).parent.parent / "excerpts"


@dataclass(frozen=True)
class Tally:
    """How many excerpts, and how many answers of each kind."""

    excerpts: int = 0
    types: int = 0
    signatures: int = 0
    wrong: int = 0
    """A signature was named, and it is not the right one."""
    certain: int = 0
    certain_wrong: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.excerpts + other.excerpts,
            self.types + other.types,
            self.signatures + other.signatures,
            self.wrong + other.wrong,
            self.certain + other.certain,
            self.certain_wrong + other.certain_wrong,
        )


def excerpts() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for excerpt in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield path.stem, excerpt


def answer(excerpt: dict[str, Any], catalogue: Catalogue) -> Diagnosis:
    return diagnosed(
        excerpt["log"].encode(),
        catalogue=catalogue,
        reason=excerpt.get("reason"),
        exit_code=excerpt.get("exit_code"),
        events=excerpt.get("events", "").encode(),
    )


def judge(excerpt: dict[str, Any], diagnosis: Diagnosis) -> Tally:
    right_type = diagnosis.failure_type in {excerpt["type"], *excerpt.get("also_type", ())}
    right = diagnosis.signature in {excerpt["signature"], *excerpt.get("also", ())}
    wrong = not right and diagnosis.signature is not None
    certain = diagnosis.confidence is Confidence.CERTAIN
    return Tally(1, int(right_type), int(right), int(wrong), int(certain), int(wrong and certain))


def measure_accuracy(catalogue: Catalogue) -> None:
    families: dict[str, Tally] = {}
    for family, excerpt in excerpts():
        diagnosis = answer(excerpt, catalogue)
        tally = judge(excerpt, diagnosis)
        families[family] = families.get(family, Tally()) + tally
        if tally.types + tally.signatures < 2:
            print(f"  {family}: said {diagnosis.failure_type}/{diagnosis.signature}, is", end=" ")
            print(f"{excerpt['type']}/{excerpt['signature']}: {excerpt['log'].strip()[:90]!r}")
    families["all"] = sum(families.values(), Tally())
    print(f"{'family':16}{'excerpts':>9}{'type':>8}{'signature':>11}{'wrong':>8}")
    for family, tally in families.items():
        shares = (part / tally.excerpts for part in (tally.types, tally.signatures, tally.wrong))
        right_type, right, wrong = shares
        print(f"{family:16}{tally.excerpts:9}{right_type:8.1%}{right:11.1%}{wrong:8.1%}")
    print(f"certain: {families['all'].certain}, of these wrong: {families['all'].certain_wrong}")


def measure_speed(catalogue: Catalogue) -> None:
    logs = [excerpt["log"] for _, excerpt in excerpts()]
    healthy = "".join(
        f"2026-03-01 step {step} loss {2 + step % 7 / 10} lr 0.0001 tokens/s 10312\n" for step in range(150_000)
    )
    for name, text in (
        ("healthy log, the error last", healthy + logs[0]),
        ("all excerpts, repeated", "\n".join(logs) * 400),
        ("one line", "cuda error nccl warn " * 500_000),
    ):
        raw = text.encode()[-10_000_000:]
        started = time.perf_counter()
        diagnosed(raw, catalogue=catalogue)
        print(f"{name:32}{len(raw) / 1e6:6.1f} MB{time.perf_counter() - started:8.2f} s")
