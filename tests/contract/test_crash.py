"""A process that is killed while it records has recorded whole batches, and all that it said it had."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Semaphore

from bot.domain.scope import Scope
from bot.store.store import Store, open_store
from tests.contract.seen import attempt, failure

BATCH = 10


def record(store: Store, number: int) -> None:
    pods = [f"pod-{number}-{place}" for place in range(BATCH)]
    store.recorder.record([attempt(pod) for pod in pods], [failure(pod) for pod in pods])


def record_for_ever(url: str, done: Semaphore) -> None:
    store = open_store(url)
    for number in range(100_000):
        record(store, number)
        done.release()


def test_a_kill_loses_nothing_that_was_recorded_and_tears_no_batch(store_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    done = spawn.Semaphore(0)
    writer = spawn.Process(target=record_for_ever, args=(store_url, done))
    writer.start()
    promised = 0
    while promised < 20:
        assert done.acquire(timeout=30)
        promised += 1
    writer.kill()
    writer.join()
    store = open_store(store_url)
    store.recorder.record([], [])  # waits for the writer's last transaction, if the server is still at it
    kept = len(store.history.job_attempts(Scope(), "train-bert", 10**6))
    assert kept >= promised * BATCH
    assert kept % BATCH == 0
    assert len(store.history.job_failures(Scope(), "train-bert", 10**6)) == kept
    for number in range(kept // BATCH + 1):
        record(store, number)
    assert len(store.history.job_attempts(Scope(), "train-bert", 10**6)) == kept + BATCH
    store.close()
