"""The command line as scripts rely on it: exit status, one line on stderr, one JSON object on stdout."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

LINES = [
    {"attempt": f"{number}", "job": f"job-{number}", "project": "ml-team", "node": f"n{number % 3}", "outcome": outcome}
    | {"finished_at": f"2026-11-2{number % 3}T1{number % 10}:00:00Z", "gpu_count": 2, "image": f"bert:2.{number % 2}"}
    for number, outcome in enumerate(["succeeded"] * 20 + ["failed"] * 6 + ["killed"] * 2)
]
UNTIL = ("--until", "2026-11-23")


def failures(*words: str, where: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=where, input=stdin, capture_output=True, check=False
    )


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("imported")
    (tmp_path / "attempts.ndjson.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, LINES)).encode()))
    done = failures("import", "attempts.ndjson.gz", where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert b"28 attempts and 6 failures are new" in done.stdout
    return tmp_path


def test_what_was_imported_is_analysed_and_counted(imported: Path) -> None:
    report = json.loads(failures("analyze", "--json", *UNTIL, where=imported).stdout)
    assert {
        key: report["summary"][key] for key in ("attempts", "failed_attempts", "failures", "jobs", "jobs_failed")
    } == {
        "attempts": 28,
        "failed_attempts": 6,
        "failures": 6,
        "jobs": 28,
        "jobs_failed": 6,
    }
    assert len(report["hours"]["job_failure_share"]) == 24
    stats = json.loads(failures("stats", "ml-team", "--json", *UNTIL, where=imported).stdout)
    assert stats["projects"] == [{"name": "ml-team", "failures": 6, "jobs_failed": 6, "attempts": 28}]
    assert sum(node["attempts"] for node in stats["nodes"]) == 28
    assert "6 of 28 jobs failed" in failures("analyze", *UNTIL, where=imported).stdout.decode()


def test_a_node_and_an_image_have_their_stories(imported: Path) -> None:
    told = json.loads(failures("node", "n0", "--json", *UNTIL, where=imported).stdout)
    assert (told["standing"], told["attempts"], told["jobs"], told["jobs_failed"]) == ("alike", 10, 9, 2)
    assert [one["job"] for one in told["failed_jobs"]] == ["job-24", "job-21"]
    said = failures("node", "N0", "--period", "30d", "--cluster", told["cluster"], *UNTIL, where=imported)
    assert "n0 is no worse than others: 2 of 9 jobs failed in the last 30 days" in " ".join(
        said.stdout.decode().split()
    )
    told = json.loads(failures("image", "bert:2.1", "--json", *UNTIL, where=imported).stdout)
    assert (told["image"], told["jobs"], told["other_images"]["jobs"]) == ("bert:2.1", 13, 13)
    unclear = failures("image", "bert", *UNTIL, where=imported)
    assert (unclear.returncode, unclear.stdout) == (1, b"")
    assert b"several images fit 'bert': bert:2.0, bert:2.1" in unclear.stderr


def test_failures_without_a_cause_are_listed_in_groups(tmp_path: Path) -> None:
    lines = [
        {"attempt": f"{number}", "job": f"job-{number}", "outcome": "failed", "finished_at": "2026-11-22T10:00:00Z"}
        | {"error_message": f"flexlm: checkout failed for seat {number}", "failure_type": "Error"}
        for number in range(3)
    ]
    failures("import", "-", where=tmp_path, stdin="\n".join(map(json.dumps, lines)).encode())
    told = json.loads(failures("unknown", "--json", *UNTIL, where=tmp_path).stdout)
    assert (told["failures"], told["unknown"], told["named"]) == (3, 3, [])
    assert [(group["template"], group["jobs"]) for group in told["groups"]] == [
        ("flexlm: checkout failed for seat <n>", 3)
    ]
    said = failures("unknown", *UNTIL, where=tmp_path).stdout.decode()
    assert "unknown #1: 3 failures in 3 jobs" in said


def test_an_import_can_be_repeated_without_harm_and_says_which_lines_are_bad(imported: Path) -> None:
    lines = "\n".join([json.dumps(LINES[0]), "{", json.dumps({"job": "x", "outcome": "exploded"})])
    again = failures("import", "-", where=imported, stdin=lines.encode())
    assert again.returncode == 1
    assert b"line 2:" in again.stderr
    assert b"line 3:" in again.stderr
    assert b"0 attempts and 0 failures are new, of 3 lines" in again.stdout
    report = json.loads(failures("analyze", "--json", *UNTIL, where=imported).stdout)
    assert report["summary"]["attempts"] == 28


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("analyze", "--period", "3 fortnights"), 2, "last 30 days"),
        (("analyze", "--until", "soon"), 2, "2026-11-23T12:00:00Z"),
        (("analyze", "--period", "999999d"), 2, "between 1 hour and 366 days"),
        (("analyse",), 2, "No such command"),
        (("analyze", "ml-teem"), 1, "did you mean ml-team"),
        (("node", "n00", "--until", "2026-11-23"), 1, "there is no node 'n00' here; did you mean n0"),
        (("image",), 2, "Missing argument"),
        (("fix", "OOMKiled-ish-thing"), 1, "there is no failure type"),
        (("import", "absent.ndjson"), 1, "absent.ndjson: No such file or directory"),
        (("analyze", "--config", "absent.yaml"), 1, "absent.yaml: it cannot be read"),
        (("run",), 1, "SLACK_BOT_TOKEN: not set"),
    ],
)
def test_a_mistake_is_told_in_words(imported: Path, words: tuple[str, ...], status: int, said: str) -> None:
    done = failures(*words, where=imported)
    shown = done.stderr.decode()
    assert done.returncode == status
    assert said in " ".join(shown.replace("│", " ").split())
    assert "Traceback" not in shown
    assert done.stdout == b""
    if status == 1:
        assert all(line.startswith("failures: ") for line in shown.splitlines())


def test_a_damaged_archive_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 5000)[:30])
    done = failures("import", "a.gz", where=tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"Traceback" not in done.stderr


def test_a_database_that_cannot_be_opened_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "failures.yaml").write_text("db_path: /proc/nowhere/failures.db", encoding="utf-8")
    done = failures("analyze", where=tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"failures: " in done.stderr


def test_a_diagnosis_needs_no_database(tmp_path: Path) -> None:
    log = b"step 1\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\n"
    found = json.loads(failures("diagnose", "-", "--exit-code", "1", "--json", where=tmp_path, stdin=log).stdout)
    assert (found["failure_type"], found["signature"], found["owner"]) == ("Error", "cuda-out-of-memory", "user")
    assert "CUDA out of memory" in found["evidence_line"]
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_brought_to_the_newest_tables(tmp_path: Path) -> None:
    assert failures("db", "upgrade", where=tmp_path).returncode == 0
    assert (tmp_path / "failures.db").exists()
    assert b"0 rows older than 90 days" in failures("db", "prune", where=tmp_path).stdout
