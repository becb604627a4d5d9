from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import catalogue
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner
from bot.services.answers.job import explained, job_story, root
from bot.services.knowledge.fixes import Sources, cause_of
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CATALOGUE = catalogue.load()
FAILURE = Failure(cluster="c", job="train-bert", pod_uid="u1", failure_type="Error", timestamp=NOW, project="ml-team")
PERIOD = Period.last(timedelta(days=30), until=NOW + timedelta(minutes=1))


@pytest.fixture
def sources(sqlite_store: Store) -> Sources:
    sqlite_store.knowledge.sync_rules(CATALOGUE.rules())
    return Sources(history=sqlite_store.history, knowledge=sqlite_store.knowledge, catalogue=CATALOGUE)


def test_the_root_is_the_newest_failure_that_is_nobodys_victim() -> None:
    old = replace(FAILURE, timestamp=NOW - timedelta(hours=2), id=1)
    fault = replace(FAILURE, timestamp=NOW - timedelta(minutes=1), id=2)
    victim = replace(FAILURE, timestamp=NOW, first_fault=False, id=3)
    assert root([old, fault, victim]) == fault
    assert root([victim]) == victim
    assert root([]) is None


def test_a_recorded_verdict_stands_even_where_its_evidence_is_gone() -> None:
    told = explained(replace(FAILURE, signature="cuda-out-of-memory"), CATALOGUE)
    assert told.signature == "cuda-out-of-memory"
    assert told.owner is CauseOwner.USER
    assert told.explanation


def test_a_failure_without_a_verdict_is_read_again() -> None:
    log = "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 3; 79.15 GiB total capacity)"
    told = explained(replace(FAILURE, logs_snippet=log, exit_code=1), CATALOGUE)
    assert told.signature == "cuda-out-of-memory"
    assert "CUDA out of memory" in told.evidence_line


def test_a_signature_that_left_the_catalogue_is_told_by_its_type() -> None:
    told = explained(replace(FAILURE, failure_type="OOMKilled", signature="long-gone"), CATALOGUE)
    assert (told.failure_type, told.signature) == ("OOMKilled", "long-gone")
    assert told.title


def test_a_name_that_several_jobs_have_is_the_newest_one(sqlite_store: Store, sources: Sources) -> None:
    other = replace(FAILURE, project="research", pod_uid="u2", timestamp=NOW - timedelta(days=2))
    sqlite_store.recorder.record([], [FAILURE, other])
    story = job_story("train-bert", sources, scope=Scope(), period=PERIOD)
    assert story is not None
    assert (story.project, len(story.failures)) == ("ml-team", 1)


def test_a_job_that_never_failed_has_a_story_without_a_diagnosis(sqlite_store: Store, sources: Sources) -> None:
    run = Attempt(cluster="c", job="fine", pod_uid="u3", outcome=Outcome.SUCCEEDED, finished_at=NOW)
    sqlite_store.recorder.record([run], [])
    story = job_story("fine", sources, scope=Scope(), period=PERIOD)
    assert story is not None
    assert (story.diagnosis, story.fixes, story.last_outcome) == (None, None, "succeeded")


def test_nobody_knows_a_job_that_never_ran(sources: Sources) -> None:
    assert job_story("ghost", sources, scope=Scope(), period=PERIOD) is None


@pytest.mark.parametrize("words", ["OOMKilled", "oomkilled", "oom", "OOM killed"])
def test_a_failure_type_may_be_spelt_loosely(sources: Sources, words: str) -> None:
    known = cause_of(words, sources, Scope())
    assert known is not None
    assert known.failure_type == "OOMKilled"


def test_a_type_that_only_the_records_know_is_found(sqlite_store: Store, sources: Sources) -> None:
    sqlite_store.recorder.record([], [replace(FAILURE, failure_type="FluxCapacitorLow")])
    known = cause_of("fluxcapacitorlow", sources, Scope())
    assert known is not None
    assert known.name == "FluxCapacitorLow"
