"""Asked what will fail next, the bot says it where its own history shows that it may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.cli import app

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIELDS = {
    "period", "attempts", "told", "told_right", "brier", "brier_base_rate", "brier_last_time", "brier_record",
    "calibration_error", "speaks",
}  # fmt: skip


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty days: each job fails nearly always for ten days, and hardly ever else; eight of forty at the end."""
    rng = np.random.default_rng(4)
    lines = []
    for number in range(4000):
        job = int(rng.integers(0, 40))
        day = float(rng.uniform(0, 59.9))
        began = NOW + timedelta(days=day - 60)
        broken = day >= 50 if job < 8 else 10 * (job % 5) <= day < 10 * (job % 5) + 10
        failed = rng.random() < (0.95 if broken else 0.03)
        lines.append(
            {
                "attempt": str(number),
                "job": f"train-{job:02}",
                "project": "ml-team" if job % 2 else "vision",
                "outcome": "failed" if failed else "succeeded",
                "started_at": began.isoformat(),
                "finished_at": (began + timedelta(minutes=20)).isoformat(),
            }
        )
    file = tmp_path / "history.ndjson"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    monkeypatch.setenv("FAILURES_DB_PATH", str(tmp_path / "failures.db"))
    assert CliRunner().invoke(app, ["import", str(file)]).exit_code == 0
    return file


@pytest.mark.usefixtures("history")
def test_the_jobs_that_will_fail_again_are_named_with_their_record() -> None:
    done = CliRunner().invoke(app, ["predict", "--until", NOW.isoformat(), "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["backtest"].keys() == FIELDS
    assert said["backtest"]["speaks"]
    named = {one["job"] for one in said["jobs"]}
    assert named <= {f"train-{job:02}" for job in range(8)}
    assert len(named) >= 5
    assert all(one["failed"] <= one["of"] == 10 and one["chance"] >= 0.8 for one in said["jobs"])
    text = CliRunner().invoke(app, ["predict", "ml-team", "--until", NOW.isoformat()])
    assert text.exit_code == 0, text.output
    assert "will most likely fail again: ml-team" in text.output
    assert "train-05" in text.output
    assert "train-02" not in text.output  # of another project


@pytest.mark.usefixtures("history")
def test_the_backtest_prints_its_score() -> None:
    done = CliRunner().invoke(app, ["predict", "--backtest", "--until", NOW.isoformat(), "--json"])
    said = json.loads(done.stdout)
    assert said.keys() == FIELDS
    assert said["attempts"] == 4000
    assert said["brier"] < min(said["brier_base_rate"], said["brier_last_time"], said["brier_record"])
    assert "Predictions beat" in CliRunner().invoke(app, ["predict", "--backtest", "--until", NOW.isoformat()]).output


@pytest.mark.usefixtures("history")
def test_a_name_that_nobody_knows_is_said_to_be_unknown() -> None:
    done = CliRunner().invoke(app, ["predict", "train-0", "--until", NOW.isoformat()])
    assert done.exit_code == 1
    assert "did you mean" in done.output


def test_where_nothing_is_recorded_nothing_is_predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES_DB_PATH", str(tmp_path / "failures.db"))
    done = CliRunner().invoke(app, ["predict"])
    assert done.exit_code == 0, done.output
    assert "I make no predictions" in done.output
