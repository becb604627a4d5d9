"""From a finding to the story of its node, and from there to the job, in Slack as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.workload.attempt import Outcome
from bot.domain.workload.version import DRIVER, VersionSeen
from bot.store.store import Store
from tests.promises.telling import HOUR, NODE, Telling, run, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, connected=True) as bot:
        bot.a_hot_node()
        for value, at in (("550.90", 24), ("570.12", 2)):
            seen = VersionSeen(cluster="prod-eu", what=DRIVER, subject=NODE, value=value, at=bot.now - at * HOUR)
            sqlite_store.recorder.record_versions([seen])
        bot.sweep()
        yield bot


def test_an_incident_leads_to_the_story_of_its_node_and_that_to_the_job(bot: Telling) -> None:
    root = bot.root()
    story = bot.dana.press(root, "Open node").answer(saying="fails the jobs it gets")
    assert story.seen_by == bot.dana.id
    assert "`gpu-node-03` fails the jobs it gets: 10 of 10" in story.text
    for said in ("the same jobs elsewhere", "`Error` in 10 jobs", "`550.90` → `570.12`", "Failed last", "2 other jobs"):
        assert said in story.words
    assert "is open, opened" in story.words
    assert "fails the jobs it gets" in bot.dana.press(story, "30 days").answer(saying="last 30 days").words
    assert "job-" in bot.dana.press(story, "Show job").answer(saying="failed *1 time*").words
    assert (
        "Incident 1" in bot.dana.press(story, "Show incident").answer(saying="fails the jobs it gets: 10 of 10").words
    )
    assert bot.root() == root


def test_a_report_leads_to_the_story_of_its_node_which_can_be_shared(bot: Telling) -> None:
    report = bot.dana.slash("/failures", "analyze", channel="on-call").answer(saying="Problematic nodes")
    story = bot.dana.press(report, "Open node").answer(saying="fails the jobs it gets")
    bot.dana.press(story, "Share to channel").acknowledged()
    bot.workspace.wait_for(lambda: any("shared by" in said.words for said in bot.roots()), what="the shared story")


def test_a_node_that_several_clusters_have_is_chosen_by_a_button(bot: Telling) -> None:
    elsewhere = run("job-s", bot.now - HOUR, NODE, Outcome.SUCCEEDED, pod="s")
    bot.store.recorder.record([replace(elsewhere, cluster="staging")], [])
    choice = bot.dana.slash("/failures", f"node {NODE}", channel="on-call").answer(saying="Which one?")
    story = bot.dana.press(choice, f"{NODE} in staging").answer(saying="too few jobs to tell")
    assert "0 of 1 job failed" in story.words
