from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands.command import (
    Analyze,
    AskAbout,
    AskRetry,
    AskWhy,
    Command,
    Fix,
    Help,
    Maintain,
    Predict,
    ShowCost,
    ShowDigest,
    ShowImage,
    ShowIncidents,
    ShowJob,
    ShowNode,
    ShowSolutions,
    ShowStats,
    ShowSubscriptions,
    ShowUnknown,
    Subscribe,
    Unsubscribe,
)
from bot.domain.commands.grammar import parse, read, words
from bot.domain.commands.mistake import Mistake
from bot.domain.incidents.maintenance import MaintenanceKind
from bot.domain.incidents.subscription import Wants
from bot.rendering import Renderer

RENDERER = Renderer()
WEEK, MONTH = timedelta(days=7), timedelta(days=30)

ASKED: list[tuple[str, Command]] = [
    ("", Analyze()),
    ("subscribe", Subscribe()),
    ("subscribe ml-team", Subscribe(project="ml-team")),
    ("subscribe me to failures of project ml-team", Subscribe(wants=Wants.FAILURES, project="ml-team")),
    (
        "subscribe ml-team digest at 9:00 in Europe/Berlin daily even if empty",
        Subscribe(
            wants=Wants.DIGEST, project="ml-team", hour=9, time_zone="Europe/Berlin", daily=True, even_empty=True
        ),
    ),
    ("try alerts from 5 jobs", Subscribe(threshold=5, only_try=True)),
    ("unsubscribe from ml-team alerts", Unsubscribe(wants=Wants.ALERTS, project="ml-team")),
    ("subscriptions", ShowSubscriptions()),
    ("incidents", ShowIncidents()),
    ("digest", ShowDigest()),
    ("digest ml-team", ShowDigest(project="ml-team")),
    ("show me the weekly digest of project ml-team", ShowDigest(project="ml-team")),
    ("why 12", AskWhy(incident=12)),
    ("why was I told of incident #12?", AskWhy(incident=12)),
    ("maintenance", Maintain()),
    (
        "maintenance node gpu-node-03 for 2h",
        Maintain(part=MaintenanceKind.NODE, name="gpu-node-03", length=timedelta(hours=2)),
    ),
    ("maintenance end node gpu-node-03", Maintain(part=MaintenanceKind.NODE, name="gpu-node-03", over=True)),
    ("analyze", Analyze()),
    ("analyze ml-team 7d", Analyze(project="ml-team", length=WEEK)),
    ("analyze 7d ml-team", Analyze(project="ml-team", length=WEEK)),
    ("analyze ml-team last 30 days in prod-eu", Analyze(project="ml-team", length=MONTH, cluster="prod-eu")),
    ("ANALYSE last week", Analyze(length=WEEK)),
    ("stats", ShowStats()),
    ("predict", Predict()),
    ("retry train-bert in ml-team", AskRetry(job="train-bert", project="ml-team")),
    ("rerun train-bert", AskRetry(job="train-bert")),
    ("cost ml-team 30d", ShowCost(project="ml-team", length=MONTH)),
    ("cost", ShowCost()),
    ("What do failures cost?", ShowCost()),
    ("predict ml-team", Predict(name="ml-team")),
    ("predict train-bert", Predict(name="train-bert")),
    ("predict project ml-team", Predict(name="ml-team")),
    ("What will fail next?", Predict()),
    ("stats ml-team 30d", ShowStats(project="ml-team", length=MONTH)),
    ("fix OOMKilled", Fix(failure_type="OOMKilled")),
    ("remediate OOMKilled", Fix(failure_type="OOMKilled")),
    ("fix OOMKilled for train-bert in ml-team", Fix(failure_type="OOMKilled", job="train-bert", project="ml-team")),
    ("fix CUDA out of memory", Fix(failure_type="CUDA out of memory")),
    ("fix Error", Fix(failure_type="Error")),
    ("fix image pull", Fix(failure_type="image pull")),
    ("How do I fix node not ready in project ml-team?", Fix(failure_type="node not ready", project="ml-team")),
    ("solutions bad image", ShowSolutions(failure_type="bad image")),
    ("job train-bert", ShowJob(job="train-bert")),
    ("job train-bert in ml-team", ShowJob(job="train-bert", project="ml-team")),
    ("node gpu-node-03", ShowNode(node="gpu-node-03")),
    ("node gpu-node-03 30d in prod-eu", ShowNode(node="gpu-node-03", length=MONTH, cluster="prod-eu")),
    ("how is node gpu-node-03 doing?", ShowNode(node="gpu-node-03")),
    ("image bert:2.1", ShowImage(image="bert:2.1")),
    (
        "show me the image registry.example/ml/bert@sha256:0a1b last week",
        ShowImage(image="registry.example/ml/bert@sha256:0a1b", length=WEEK),
    ),
    ("what is wrong with gpu-node-03?", AskAbout(name="gpu-node-03")),
    ("What’s wrong with gpu-node-03 in cluster prod-eu?", AskAbout(name="gpu-node-03", cluster="prod-eu")),
    ("what was wrong with train-bert over the last 30 days", AskAbout(name="train-bert", length=MONTH)),
    ("what's the matter with node gpu-node-03", ShowNode(node="gpu-node-03")),
    ("What is wrong with the image bert:2.1?", ShowImage(image="bert:2.1")),
    ("what is wrong with job train-bert", ShowJob(job="train-bert")),
    ("what is wrong with project ml-team last week", Analyze(project="ml-team", length=WEEK)),
    ("what is wrong?", Analyze()),
    ("unknown", ShowUnknown()),
    ("unknown ml-team 7d", ShowUnknown(project="ml-team", length=WEEK)),
    ("Show me the unknown failures in project ml-team", ShowUnknown(project="ml-team")),
    ("unknown failures last 30 days in prod-eu", ShowUnknown(length=MONTH, cluster="prod-eu")),
    ("help", Help()),
    ("hello", Help()),
    ("Analyze failures from the last 7 days", Analyze(length=WEEK)),
    ("Show me failure statistics for the last 30 days", ShowStats(length=MONTH)),
    ("How do I fix OOMKilled failures?", Fix(failure_type="OOMKilled")),
    ("Analyze failures in project ml-team", Analyze(project="ml-team")),
    ("Show me failure patterns from the last 30 days", Analyze(length=MONTH)),
    ("Please analyze failures for ml-team over the last 2 weeks.", Analyze(project="ml-team", length=2 * WEEK)),
    ("how do I fix the OOMKilled in the train-bert job?", Fix(failure_type="OOMKilled", job="train-bert")),
    ("Why did train-bert fail?", ShowJob(job="train-bert")),
    ("explain job train-bert", ShowJob(job="train-bert")),
    ("analyze in cluster prod-eu last week", Analyze(length=WEEK, cluster="prod-eu")),
]
AS_SLACK_WRITES: list[tuple[str, Command]] = [
    ("<@U0B07> analyze <#C0123|ml-team> 7d", Analyze(project="ml-team", length=WEEK)),
    ("analyze <http://ml.team|ml.team>", Analyze(project="ml.team")),
    ("fix OOMKilled\u00a0for\u00a0train-bert", Fix(failure_type="OOMKilled", job="train-bert")),
    ("job “train bert”", ShowJob(job="train bert")),
    ("job `train-bert`", ShowJob(job="train-bert")),
    ("job &lt;b&gt;", ShowJob(job="<b>")),
    ("analyze \u202eml-team\u2069", Analyze(project="ml-team")),
    ("analyze проект-1", Analyze(project="проект-1")),
    ("job 訓練", ShowJob(job="訓練")),
    ("<!channel> analyze", Analyze()),
]


@pytest.mark.parametrize(("text", "command"), [*ASKED, *AS_SLACK_WRITES])
def test_what_a_person_writes_is_understood(text: str, command: Command) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("anlyze ml-team", "/failures analyze"),
        ("statz", "/failures stats"),
        ("remedate OOMKilled", "/failures remediate"),
        ("xyzzy", None),
        ("x" * 3000, None),
    ],
)
def test_an_unknown_verb_gets_the_nearest_one_and_two_examples(text: str, suggestion: str | None) -> None:
    mistake = parse(text)
    assert isinstance(mistake, Mistake)
    assert mistake.suggestion == suggestion
    assert len(mistake.examples) == 2
    assert len(RENDERER.plain(mistake)) < 200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fix", "failure type"),
        ("job", "name of a job"),
        ("node", "name of a node"),
        ("image 7d", "name of an image"),
        ("image " + "y" * 501, "1 to 500 characters"),
        ("analyze node gpu-node-03", "takes no node"),
        ("analyze 999999d", "between 1 hour and 366 days"),
        ("analyze 7x", "don't understand the period"),
        ("analyze last blue moon", "don't understand the period"),
        ("analyze ml-team research", "one project at a time"),
        ("analyze 7d 30d", "one period at a time"),
        ("analyze in", "What comes after “in”"),
        ("fix OOMKilled in cluster prod", "takes no cluster"),
        ("job " + "y" * 3000, "1 to 253 characters"),
        ('job ""', "1 to 253 characters"),
    ],
)
def test_a_mistake_is_explained_with_examples_that_work(text: str, says: str) -> None:
    mistake = parse(text)
    assert isinstance(mistake, Mistake)
    assert says in RENDERER.plain(mistake)
    assert not any(isinstance(parse(example.removeprefix("/failures ")), Mistake) for example in mistake.examples)


def test_a_node_after_another_verb_is_pointed_to_its_own_command() -> None:
    mistake = parse("analyze node gpu-node-03")
    assert isinstance(mistake, Mistake)
    assert mistake.suggestion == "/failures node gpu-node-03"


pieces = st.sampled_from(
    ["analyze", "fix", "in", "for", "last", "7", "days", "job", "project", "9d", '"', "'", "<@U1>", "x"]
)


@given(st.text(max_size=400) | st.lists(pieces).map(" ".join))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert parse(text) is not None


names = st.text(min_size=1, max_size=60) | st.sampled_from(
    ["in", "7d", "last", "project", "help", "node", "with", "wrong", 'a"b', "a\\", "the", "-"]
)
lengths = st.none() | st.integers(1, 366 * 24).map(lambda hours: timedelta(hours=hours))
commands = st.one_of(
    st.builds(Analyze, project=st.none() | names, length=lengths, cluster=st.none() | names),
    st.builds(ShowStats, project=st.none() | names, length=lengths, cluster=st.none() | names),
    st.builds(Fix, failure_type=names, job=st.none() | names, project=st.none() | names),
    st.builds(ShowJob, job=names, project=st.none() | names),
    st.builds(ShowNode, node=names, length=lengths, cluster=st.none() | names),
    st.builds(ShowImage, image=names, length=lengths, cluster=st.none() | names),
    st.builds(AskAbout, name=names, length=lengths, cluster=st.none() | names),
    st.builds(
        Subscribe,
        wants=st.sampled_from((Wants.ALERTS, Wants.FAILURES)),
        project=st.none() | names,
        only_try=st.booleans(),
    ),
    st.builds(Subscribe, project=st.none() | names, threshold=st.none() | st.integers(1, 1000), only_try=st.booleans()),
    st.builds(
        Subscribe,
        wants=st.just(Wants.DIGEST),
        project=st.none() | names,
        hour=st.none() | st.integers(0, 23),
        time_zone=st.sampled_from((None, "Europe/Berlin")),
        daily=st.booleans(),
        even_empty=st.booleans(),
    ),
    st.builds(Unsubscribe, wants=st.none() | st.sampled_from(Wants), project=st.none() | names),
    st.builds(Maintain, part=st.sampled_from(MaintenanceKind), name=names, length=lengths.filter(bool)),
    st.builds(Maintain, part=st.sampled_from(MaintenanceKind), name=names, over=st.just(True)),
    st.builds(AskWhy, incident=st.integers(1, 10**9 - 1)),
    st.sampled_from((Maintain(), ShowIncidents(), ShowSubscriptions(), Help())),
)


@given(commands)
def test_the_text_of_a_command_reads_back_to_it(command: Command) -> None:
    assert read(words(command)) == command
