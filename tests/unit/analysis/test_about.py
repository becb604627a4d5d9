from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import catalogue
from bot.domain.answers import part_counts
from bot.domain.answers.node_or_image import AboutImage, AboutNode, Comparison, Share, standing
from bot.domain.commands.command import ShowImage, ShowNode
from bot.domain.knowledge.solution import OutcomeSource, Solution, SolutionKind, SolutionOutcome
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.version import DRIVER, VersionSeen
from bot.services.answers import node_or_image
from bot.services.answers.lookup import LookupContext
from bot.services.knowledge.fixes import Sources
from bot.services.replies import Several, Unknown
from bot.store.store import Store
from tests.unit.analysis.history import NOON, WEEK, evidence, failure_of, ran, record, report
from tests.unit.analysis.test_nodes import traffic

CATALOGUE = catalogue.load()
HOUR = timedelta(hours=1)


def shelf(store: Store, scope: Scope = Scope(), period: Period = WEEK) -> LookupContext:  # noqa: B008 frozen
    return LookupContext(
        evidence=store.evidence,
        sources=Sources(history=store.history, knowledge=store.knowledge, catalogue=CATALOGUE),
        incidents=None,
        scope=scope,
        period=period,
        pattern_threshold=3,
        gpu_prices={},
        time_zone="UTC",
    )


def node(store: Store, name: str, **reach: Any) -> AboutNode:
    told = node_or_image.node(ShowNode(node=name), shelf(store, **reach))
    assert isinstance(told, AboutNode)
    return told


def image(store: Store, reference: str, **reach: Any) -> AboutImage:
    told = node_or_image.image(ShowImage(image=reference), shelf(store, **reach))
    assert isinstance(told, AboutImage)
    return told


def test_a_bad_node_has_the_finding_of_the_report_and_what_failed_on_it(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, n3=0.8))
    (finding,) = report(sqlite_store).nodes
    told = node(sqlite_store, "n3")
    assert (told.standing, told.finding) == (Comparison.BAD, finding)
    share = told.conduct.share
    assert (share.failed, share.jobs) == (finding.jobs_failed, finding.jobs)
    assert told.conduct.causes[0].name == "Error"
    assert told.conduct.causes[0].jobs == share.failed
    newest = told.conduct.failed_jobs
    assert len(newest) == 8
    assert [one.at for one in newest] == sorted((one.at for one in newest), reverse=True)
    last = told.conduct.last_failed_at
    assert last is not None
    assert newest[0].at - last < timedelta(milliseconds=1)
    assert all(sqlite_store.history.job_failures(Scope(), one.job)[-1].node == "n3" for one in newest)
    assert {one.project for one in newest} <= {"project-0", "project-1", "project-2"}


def test_another_node_is_no_worse_than_others_with_its_denominator(sqlite_store: Store) -> None:
    record(sqlite_store, traffic(1, n3=0.8))
    told = node(sqlite_store, "n5")
    ours = [one for one in traffic(1, n3=0.8) if one.node == "n5"]
    assert (told.standing, told.finding) == (Comparison.ALIKE, None)
    assert told.conduct.share.jobs == told.conduct.share.attempts == len(ours)
    assert told.conduct.share.failed == sum(one.outcome == "failed" for one in ours)
    assert told.all_nodes is not None
    assert told.conduct.share.low < told.all_nodes


@pytest.mark.parametrize(
    ("share", "others", "found", "stands"),
    [
        (Share(jobs=16, failed=12, low=0.5), 0.08, True, Comparison.BAD),
        (Share(jobs=16, failed=12, low=0.5), 0.08, False, Comparison.HIGHER),
        (Share(jobs=40, failed=2, low=0.01), 0.06, False, Comparison.ALIKE),
        (Share(jobs=3, failed=3, low=0.4), 0.06, False, Comparison.FEW),
        (Share(jobs=30, failed=3, low=0.02), None, False, Comparison.FEW),
        (Share(), 0.06, False, Comparison.IDLE),
    ],
)
def test_without_a_finding_nothing_is_called_bad(
    share: Share,
    others: float | None,
    found: bool,  # noqa: FBT001 a parameter of the test
    stands: Comparison,
) -> None:
    assert standing(share, others, found=found) is stands


def test_a_job_that_is_retried_is_one_job_and_ran_well_since_counts_jobs(sqlite_store: Store) -> None:
    storm = [ran("loop", "n1", "failed", at=NOON - timedelta(minutes=60 + each)) for each in range(20)]
    fine = [ran(f"fine-{each}", "n1", at=NOON - timedelta(minutes=30 + each % 2)) for each in range(6)]
    record(sqlite_store, [*storm, *fine, ran("killed", "n1", "killed"), ran("fine-0", "n1", at=NOON - HOUR / 4)])
    conduct = node(sqlite_store, "n1").conduct
    assert (conduct.share.attempts, conduct.share.jobs, conduct.share.failed) == (28, 7, 1)
    assert (conduct.failed_jobs[0].job, conduct.failed_jobs[0].failures, conduct.successes_since_failure) == (
        "loop",
        20,
        6,
    )
    assert conduct.worst == conduct.failed_jobs[0]


def test_a_gang_counts_for_each_of_its_nodes_and_its_victims_for_none(sqlite_store: Store) -> None:
    gang = ran("gang", None, "failed", nodes=("n1", "n2"))
    victim = ran("pods", "n1", "failed", gang="g")
    sqlite_store.recorder.record([gang, victim], [failure_of(gang), failure_of(victim, gang="g", first_fault=False)])
    assert [one.job for one in node(sqlite_store, "n2").conduct.failed_jobs] == ["gang"]
    assert [one.job for one in node(sqlite_store, "n1").conduct.failed_jobs] == ["gang"]


def test_hardware_faults_are_told_with_title_and_times(sqlite_store: Store) -> None:
    times = [NOON - 3 * HOUR, NOON - HOUR]
    failed = [ran(f"job-{number}", "n1", "failed", at=at) for number, at in enumerate(times)]
    record(sqlite_store, failed, [failure_of(one, signature="gpu-xid-79", container="x") for one in failed])
    (fault,) = node(sqlite_store, "n1").faults
    assert fault.signature == "gpu-xid-79"
    assert "Xid 79" in fault.title
    assert fault.times == tuple(times)


def test_versions_in_use_are_told_and_what_was_new_before_it_failed(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "n1", "failed", at=NOON - 10 * HOUR)])
    for value, at in (("535", -400.0), ("550", -12.0), ("570", -2.0)):
        seen = VersionSeen(cluster="prod", what=DRIVER, subject="n1", value=value, at=NOON + at * HOUR)
        sqlite_store.recorder.record_versions([seen])
    told = node(sqlite_store, "n1")
    assert [one.value for one in told.versions] == ["570"]
    assert [(one.replaced, one.value) for one in told.changed] == [("535", "550")]


def test_a_node_that_did_nothing_lately_says_when_it_did(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("old", "n9", at=NOON - timedelta(days=12)), ran("new", "n1")])
    sqlite_store.recorder.record_versions([VersionSeen(cluster="prod", what=DRIVER, subject="n9", value="1", at=NOON)])
    told = node(sqlite_store, "n9")
    assert told.standing is Comparison.IDLE
    assert told.conduct.last_seen == NOON - timedelta(days=12)


def test_a_node_that_is_only_looked_at_is_known(sqlite_store: Store) -> None:
    sqlite_store.recorder.record_versions(
        [VersionSeen(cluster="prod", what=DRIVER, subject="spare", value="1", at=NOON)]
    )
    told = node(sqlite_store, "spare")
    assert (told.standing, told.conduct.last_seen, told.versions[0].value) == (Comparison.IDLE, None, "1")


def test_a_name_that_nothing_has_gets_the_nearest_ones_as_commands(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "gpu-node-03", image="bert:2.1")])
    told = node_or_image.node(ShowNode(node="gpu-node-04", length=timedelta(days=7)), shelf(sqlite_store))
    assert told == Unknown(what="node", name="gpu-node-04", nearest=("gpu-node-03",), tries=("node gpu-node-03 7d",))
    assert node_or_image.image(ShowImage(image="x"), shelf(sqlite_store)) == Unknown(what="image", name="x")


def test_two_nodes_of_one_name_are_told_apart_by_their_clusters(sqlite_store: Store) -> None:
    record(sqlite_store, [ran("a", "n1"), ran("b", "n1", cluster="staging")])
    told = node_or_image.node(ShowNode(node="n1"), shelf(sqlite_store))
    assert isinstance(told, Several)
    assert told.choices == ("n1 in prod", "n1 in staging")
    assert told.tries == ("node n1 in prod", "node n1 in staging")
    assert node(sqlite_store, "n1", scope=Scope(None, None, "staging")).cluster == "staging"


def test_what_may_not_be_seen_is_in_no_story(new_store: Callable[[], Store]) -> None:
    seen, both = new_store(), new_store()
    open_jobs = [ran(f"open-{each}", "n1", ("failed", "succeeded")[each % 2], project="ml") for each in range(9)]
    secret = [ran(f"secret-{each}", "n1", "failed", project="secret", image="secret:1") for each in range(9)]
    record(seen, open_jobs)
    record(both, [*open_jobs, *secret, ran("x", "n2", project="secret")])
    both.recorder.record_versions([VersionSeen(cluster="prod", what=DRIVER, subject="n3", value="1", at=NOON)])
    ml = Scope(frozenset({"ml"}))
    assert node(both, "n1", scope=ml) == node(seen, "n1", scope=ml)
    for name in ("n2", "n3"):
        assert node_or_image.node(ShowNode(node=name), shelf(both, ml)) == node_or_image.node(
            ShowNode(node=name), shelf(seen, ml)
        )
    assert isinstance(node_or_image.image(ShowImage(image="secret:1"), shelf(both, ml)), Unknown)


def test_an_image_stands_beside_the_other_images_of_its_projects(sqlite_store: Store) -> None:
    ours = [ran(f"a-{each}", f"n{each % 4}", image="bert:2.1", project="ml") for each in range(10)]
    others = [
        ran(f"b-{each}", "n1", ("failed", "succeeded")[each % 2], image="bert:2.0", project="ml") for each in range(8)
    ]
    elsewhere = [ran(f"c-{each}", "n1", "failed", image="gpt:1", project="other") for each in range(30)]
    record(sqlite_store, [*ours, *others, *elsewhere, ran("d", "n1", image=None, project="ml")])
    told = image(sqlite_store, "bert:2.1")
    assert told.standing is Comparison.ALIKE
    assert (told.conduct.share.jobs, told.conduct.share.failed, told.nodes) == (10, 0, 4)
    assert told.others is not None
    assert (told.others.jobs, told.others.failed) == (8, 4)


def test_several_images_that_begin_so_are_a_choice(sqlite_store: Store) -> None:
    record(sqlite_store, [ran(f"{each}", "n1", image=f"registry.example/bert:2.{each}") for each in range(7)])
    told = node_or_image.image(ShowImage(image="bert"), shelf(sqlite_store))
    assert isinstance(told, Several)
    assert told.choices[0] == "registry.example/bert:2.0"
    assert (len(told.choices), told.more) == (5, 2)


def test_an_image_whose_failures_one_node_carries_names_the_node(sqlite_store: Store) -> None:
    failed = [ran(f"bad-{each}", "n7", "failed", image="bert:2.1") for each in range(4)]
    fine = [ran(f"fine-{each}", f"n{each}", image="bert:2.1") for each in range(5)]
    record(
        sqlite_store,
        [*failed, *fine, ran("odd", "n1", "failed", image="bert:2.1"), ran("well", "n7", image="bert:2.1")],
    )
    carrier = image(sqlite_store, "bert:2.1").carrier
    assert carrier is not None
    assert (carrier.node, carrier.failed, carrier.jobs) == ("n7", 4, 5)


def test_an_image_tells_its_causes_and_the_fix_with_the_best_record(sqlite_store: Store) -> None:
    sqlite_store.knowledge.sync_rules(CATALOGUE.rules())
    failed = [ran(f"job-{each}", "n1", "failed", image="bert:2.1", project="ml") for each in range(3)]
    events = [failure_of(one, "OOMKilled", container="x") for one in failed]
    sqlite_store.recorder.record(failed, events)
    number = sqlite_store.knowledge.add_solution(
        Solution(failure_type="OOMKilled", description="Use a smaller batch", kind=SolutionKind.PERSON)
    )
    for by in ("ana", "ben", "eve"):
        sqlite_store.knowledge.vote(
            SolutionOutcome(
                solution_id=number, failure_id=None, worked=True, source=OutcomeSource.PERSON, by=by, at=NOON - HOUR
            )
        )
    told = image(sqlite_store, "bert:2.1")
    assert [(one.name, one.jobs) for one in told.conduct.causes] == [("OOMKilled", 3)]
    assert told.best_fix is not None
    assert (told.best_fix.solution.description, told.best_fix.record.worked) == ("Use a smaller batch", 3)


def test_an_image_is_new_only_where_others_were_seen_before_it(sqlite_store: Store) -> None:
    attempts = [ran("a", "n1", image="bert:2.1"), ran("b", "n1", image="bert:2.0")]
    record(sqlite_store, [*attempts, ran("old", "n1", image="bert:2.0", at=NOON - timedelta(days=10))])
    assert image(sqlite_store, "bert:2.1").is_new
    old = image(sqlite_store, "bert:2.0")
    assert (old.is_new, old.first_seen) == (False, NOON - timedelta(days=10))
    month = replace(WEEK, since=WEEK.since - timedelta(days=23))
    assert not image(sqlite_store, "bert:2.1", period=month).is_new


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("a", "b", "c", "d")),
            st.sampled_from((("n1",), ("n2",), ("n1", "n2"), ("n3",), ())),
            st.sampled_from(("succeeded", "failed", "killed")),
        ),
        max_size=25,
    )
)
def test_shares_are_those_that_one_counts_by_hand(
    new_store: Callable[[], Store], history: list[tuple[str, tuple[str, ...], str]]
) -> None:
    store = new_store()
    record(store, [ran(job, None, outcome, nodes=nodes) for job, nodes, outcome in history])
    seen = evidence(store)
    share = part_counts.share(part_counts.of_node(seen, "prod", "n1"))
    here = [(job, outcome) for job, nodes, outcome in history if "n1" in nodes]
    failed = {job for job, outcome in here if outcome == "failed"}
    assert share.attempts == len(here)
    assert share.failed == len(failed)
    assert share.jobs == len(failed | {job for job, outcome in here if outcome == "succeeded"})
    pairs = [((job, nodes), outcome) for job, nodes, outcome in history if nodes]
    everywhere = part_counts.on_any_node(seen)
    assert everywhere.failed == len({pair for pair, outcome in pairs if outcome == "failed"})
    assert everywhere.jobs == len({pair for pair, outcome in pairs if outcome != "killed"})


def test_where_hostile_jobs_all_failed_at_one_moment_the_story_still_holds(sqlite_store: Store) -> None:
    names = [f"<!channel>{each}\x1b[31m\u202e" for each in range(600)]
    record(sqlite_store, [ran(name, "n\x1b1", "failed", image="`x`:1") for name in names])
    told = node(sqlite_store, "n\x1b1")
    assert told.conduct.share.failed == 600
    assert 0 < len(told.conduct.failed_jobs) <= 8
