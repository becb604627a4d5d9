"""How bad a finding is: the failures it has times the jobs it hits, as the marks 🔴, ⚠️ and ℹ️ by stated bounds."""

from __future__ import annotations

from bot.domain.analysis.report import Severity

CRITICAL = 50
"""12 failures in 8 jobs are critical, so are 8 in 8; 6 failures in 4 jobs are a warning."""
WARNING = 9
"""Three failures in three jobs."""


def weight(failures: int, jobs: int) -> int:
    """What findings are ordered by."""
    return failures * jobs


def severity(failures: int, jobs: int) -> Severity:
    """The mark."""
    score = weight(failures, jobs)
    if score >= CRITICAL:
        return Severity.CRITICAL
    return Severity.WARNING if score >= WARNING else Severity.INFO
