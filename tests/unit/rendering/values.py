"""Values to render: one example of each that has a template, as a person would meet it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.analysis.report import (
    Change,
    Count,
    Hours,
    ImageFinding,
    NodeFinding,
    ProjectFinding,
    Recommendation,
    Report,
    Severity,
    Spike,
    Stats,
    Summary,
    Trend,
    TypeCount,
)
from bot.domain.answers import causes
from bot.domain.answers.checkup import Check, CheckResult, Checkup
from bot.domain.answers.digest import Digest, DigestDetail, NodeStory
from bot.domain.answers.home import ClusterHealth, Health, Home, MyProject, SetupStep, Todo
from bot.domain.answers.inspection import Counted, HardEvidence, InspectedNode, Inspection
from bot.domain.answers.ledger import Spent, ledger
from bot.domain.answers.node_or_image import (
    AboutImage,
    AboutNode,
    CauseCount,
    Comparison,
    Conduct,
    Fault,
    LatestFailure,
    OnNode,
    Share,
)
from bot.domain.answers.unknown_failures import (
    CauseNamed,
    CauseRetired,
    FieldProblem,
    NamedCause,
    NamingForm,
    RenamingForm,
    UnknownFailures,
    UnknownGroup,
    Wrong,
)
from bot.domain.commands.command import Help, Subscribe
from bot.domain.commands.mistake import Mistake, MistakeKind
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.foresight.backtest import Backtest
from bot.domain.foresight.outlook import Likely, Outlook
from bot.domain.foresight.retrying import RetryAdvice, RetryCount, RetryVerdict
from bot.domain.incidents.card import DismissForm, IncidentCard, IncidentLine, OpenIncidents, Unreachable, WhyTold
from bot.domain.incidents.incident import Because, Did, Dismissal, Finding, Incident, IncidentKind, IncidentState, Step
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.notify import Act, Decision, Kept, Reason
from bot.domain.incidents.outage import BlindNow, Outage, SlackAway
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.incidents.usefulness import Judged
from bot.domain.knowledge.fixes import Fixes, Helped, JobStory, Related
from bot.domain.knowledge.observed_fix import FixSeen
from bot.domain.knowledge.ranking import rank, weighed
from bot.domain.knowledge.revision import (
    ProposedRevision,
    Revised,
    Revision,
    RevisionAsked,
    RevisionDeclined,
    RevisionKind,
    Taught,
)
from bot.domain.knowledge.solution import Record, Solution, SolutionKind
from bot.domain.knowledge.suggestion import (
    About,
    EditForm,
    NearDuplicates,
    Solutions,
    SuggestForm,
    Thanks,
)
from bot.domain.period import Period
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure, Resolution
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Match
from bot.domain.workload.version import Version
from bot.services.answers.explain_log import Explanation
from bot.services.replies import (
    Done,
    Refusal,
    Several,
    Subscribed,
    Subscribers,
    SubscriptionsEnded,
    SubscriptionTrial,
    Threshold,
    Trouble,
    TroubleKind,
    UnderMaintenance,
    Unknown,
    Why,
    Working,
)

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
WEEK = Period.last(timedelta(days=7), until=NOW)

NODE = NodeFinding(
    node="gpu-node-03",
    cluster="prod-eu",
    failures=14,
    jobs_failed=12,
    jobs=16,
    rate=0.75,
    rate_low=0.51,
    rate_high=0.9,
    expected_rate=0.08,
    q_value=0.0001,
    severity=Severity.CRITICAL,
    projects=3,
    since=NOW - timedelta(hours=4),
    evidence=("Xid 79 (GPU fell off the bus) at 09:38 and 11:02", "jobs of 3 projects"),
)

REPORT = Report(
    period=WEEK,
    summary=Summary(
        attempts=640,
        failed_attempts=31,
        failures=23,
        jobs=310,
        jobs_failed=21,
        projects_affected=4,
        failure_types=5,
        failures_per_100_jobs=7.4,
        gpu_hours_lost=61.25,
        gpu_hours_killed=120.0,
        cost_lost=153.1,
        mttr_median_minutes=42.0,
        mttr_p90_minutes=190.0,
    ),
    types=(
        TypeCount(type="OOMKilled", failures=9, jobs=4, signatures={"container-memory-limit": 9}),
        TypeCount(type="Error", failures=8, jobs=8, signatures={"gpu-xid-79": 6, "nccl-timeout": 2}),
        TypeCount(type="ImagePullBackOff", failures=3, jobs=3),
        TypeCount(type="Pending", failures=2, jobs=2),
    ),
    projects=(
        ProjectFinding(
            project="ml-team",
            failures=8,
            jobs_failed=8,
            jobs=31,
            types={"OOMKilled": 5, "ImagePullBackOff": 3},
            severity=Severity.CRITICAL,
            rate_low=0.16,
            rate_high=0.43,
            others_rate=0.1,
            previous_rate=0.11,
        ),
    ),
    nodes=(NODE,),
    images=(
        ImageFinding(
            image="pytorch/pytorch:2.0-cuda11.8",
            failures=5,
            jobs_failed=5,
            jobs=6,
            rate=0.83,
            expected_rate=0.07,
            q_value=0.001,
            severity=Severity.WARNING,
            common_errors=(("missing-libcudnn", 3), ("cuda-version", 2)),
        ),
    ),
    hours=Hours(peaks=(14, 15, 16), p_value=0.001, time_zone="Europe/Berlin"),
    spikes=(
        Spike(period=Period(NOW - timedelta(hours=2), NOW), failures=40, expected=1.2, retry_storm_jobs=("sweep-7",)),
        Spike(period=Period(NOW - timedelta(hours=9), NOW), failures=12, expected=0.9),
    ),
    trend=Trend(
        previous_failures=12,
        change_ratio=1.9,
        ratio_low=1.1,
        ratio_high=3.2,
        previous_jobs=290,
        previous_jobs_failed=12,
    ),
    new_types=("Evicted",),
    daily_failures=(1, 2, 9, 3, 4, 2, 2),
    previous_daily_failures=(2, 2, 2, 2, 2, 1, 1),
    returning_types=("NodeLost",),
    changes=(
        Change(
            what="driver",
            name="570.12",
            replaced="550.90",
            also=("kernel 6.8.0-87",),
            at=NOW - timedelta(days=3),
            failures=31,
            cluster="prod-eu",
            nodes=tuple(f"gpu-node-{number:02}" for number in range(20)),
            of_nodes=64,
            jobs=120,
            jobs_failed=31,
            jobs_before=400,
            jobs_failed_before=32,
            others_rate=0.07,
            others_rate_before=0.07,
            expected_rate=0.08,
            q_value=0.0001,
            severity=Severity.CRITICAL,
        ),
        Change(
            what="rollout",
            name="serve",
            project="ml-team",
            at=NOW - timedelta(days=2),
            failures=6,
            jobs=6,
            jobs_failed=6,
            jobs_before=12,
        ),
        Change(what="image", name="bert:2.1", at=NOW - timedelta(days=3), failures=5),
    ),
    recommendations=(
        Recommendation(
            severity=Severity.CRITICAL,
            subject="node/gpu-node-03",
            text="Node 'gpu-node-03' failed 12 of the 16 jobs it got. Consider cordoning this node for maintenance.",
        ),
    ),
    notes=("GPU hours are unknown for 12 attempts.",),
)

MISTAKES = tuple(
    Mistake(
        text="anlyze",
        problem=problem,
        word="anlyze",
        verb="fix",
        slot="failure_type",
        most=253,
        length=300,
        suggestion="/failures analyze",
        examples=("/failures help",),
    )
    for problem in MistakeKind
)

STATS = Stats(
    period=Period.last(timedelta(days=30), until=NOW),
    types=(
        Count(name="OOMKilled", failures=45, jobs_failed=12, attempts=0),
        Count(name="Pending", failures=8, jobs_failed=8, attempts=0),
    ),
    projects=(Count(name="ml-team", failures=38, jobs_failed=20, attempts=410),),
    nodes=(Count(name="gpu-node-03", failures=25, jobs_failed=18, attempts=31),),
    images=(Count(name="bert:2.1", failures=5, jobs_failed=5, attempts=6),),
)

LEDGER = ledger(
    [
        Spent(outcome=Outcome.FAILED, gpu_hours=12.5, cause="cuda-out-of-memory", project="ml-team", owner="ana"),
        Spent(outcome=Outcome.FAILED, gpu_hours=4.0, cause="OOMKilled", first_fault=False, node="gpu-<03>"),
        Spent(outcome=Outcome.FAILED, gpu_hours=None, image="bert:2.1"),
        Spent(outcome=Outcome.SUCCEEDED, gpu_hours=90.0),
        Spent(outcome=Outcome.KILLED, gpu_hours=2.0),
    ],
    Period.last(timedelta(days=30), until=NOW),
    "ml-team",
    {"default": 2.5},
)
ADVICE = RetryAdvice(
    job="train-<bert>",
    project="ml-team",
    verdict=RetryVerdict.STOP,
    cause="cuda-out-of-memory",
    record=RetryCount(3, 21),
    others=RetryCount(8, 40),
    chance=0.15,
    low=0.05,
    high=0.35,
    alike=3,
    step=1200,
    attempts=4,
)
OUTLOOK = Outlook(
    name="ml-team",
    period=Period.last(timedelta(days=90), until=NOW),
    threshold=0.8,
    looked_at=14,
    likely=(
        Likely(project="ml-team", job="train-bert", chance=0.93, failed=9, of=10),
        Likely(project=None, job="eval-<7>", chance=0.81, failed=0, of=0),
    ),
    score=Backtest(
        period=Period.last(timedelta(days=90), until=NOW),
        attempts=4100,
        told=41,
        told_right=34,
        brier=0.11,
        brier_base_rate=0.2,
        brier_last_time=0.17,
        brier_record=0.13,
        calibration_error=0.02,
        speaks=True,
    ),
)

_RULE = Solution(
    id=1,
    failure_type="OOMKilled",
    description="Increase memory request/limit by 2x",
    kind=SolutionKind.RULE,
    parameters={"multiplier": 2.0},
    automatic=True,
)
_BY_HAND = Solution(
    id=2, failure_type="OOMKilled", description="Optimize application memory usage (manual)", kind=SolutionKind.RULE
)
_TRIED = (
    (
        Solution(
            id=7,
            failure_type="OOMKilled",
            description="Increase memory limit from 8Gi to 16Gi",
            kind=SolutionKind.PERSON,
        ),
        Record(worked=6, failed=1, observed_worked=4, observed_failed=1, people=3, last_used=NOW),
    ),
    (
        Solution(id=8, failure_type="OOMKilled", description="Add memory profiling", kind=SolutionKind.PERSON),
        Record(worked=3, failed=1, people=1),
    ),
)

FACTS: dict[str, str | int] = {
    "expected": "set it",
    "mode": "socket",
    "error": "no route to host",
    "at": "0007",
    "head": "0008",
    "user": "failures",
    "team": "Acme",
    "scopes": 12,
    "missing": "chat:write",
    "code": "invalid_auth",
    "name": "ml-team",
    "group": "S00000001",
    "members": 3,
    "said": "the mail server answers",
    "version": "v1.34",
    "host": "https://10.0.0.1",
    "right": "pods: list, watch",
}
CHECKS = tuple(Check(found.value, found.value.endswith(("well", "complete")), found, FACTS) for found in CheckResult)
RELATED = (
    Related(job="train-bert-large", project="ml-team", resolution=Resolution.FIXED, doing="increasing memory ×2"),
    *(Related(job="eval-7", project=None, resolution=how) for how in (None, *Resolution)),
)
FIXES = Fixes(
    failure_type="OOMKilled",
    signature=None,
    description="The container went over its memory limit and was killed.",
    rules=(weighed(_RULE, Record()), weighed(_BY_HAND, Record())),
    history=rank(_TRIED),
    similar_failures=45,
    similar_jobs=12,
    related=RELATED,
    failure_id=12,
    job="train-bert",
    verdicts={7: True},
    helped=Helped(3, "increasing memory request/limit by 2x"),
)

DIAGNOSIS = Diagnosis(
    failure_type="Error",
    signature="cuda-out-of-memory",
    title="CUDA out of memory on rank 3",
    explanation="The GPU's memory was full. Set `PYTORCH_ALLOC_CONF` if it is fragmented.",
    owner=CauseOwner.USER,
    evidence_line="RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
    others=(Match("nccl-timeout", "Watchdog caught collective operation timeout"),),
)

JOB = JobStory(
    job="train-bert",
    project="ml-team",
    cluster="prod-eu",
    attempts=(
        Attempt(
            cluster="prod-eu",
            job="train-bert",
            pod_uid="u1",
            outcome=Outcome.FAILED,
            finished_at=NOW - timedelta(hours=3),
        ),
        Attempt(cluster="prod-eu", job="train-bert", pod_uid="u2", outcome=Outcome.SUCCEEDED, finished_at=NOW),
    ),
    failures=(
        Failure(
            cluster="prod-eu",
            job="train-bert",
            pod_uid="u1",
            failure_type="Error",
            timestamp=NOW - timedelta(hours=3),
            node="gpu-node-03",
            image="bert:2.1",
            memory_request="8Gi",
            exit_code=1,
            occurrences=3,
            id=12,
        ),
    ),
    diagnosis=DIAGNOSIS,
    fixes=FIXES,
    first_failed_at=NOW - timedelta(hours=3),
    last_outcome="succeeded",
    earlier_cause="Connection refused",
)

INSPECTION = Inspection(
    attempts=JOB.attempts,
    failures=(Counted(failure=JOB.failures[0], title="CUDA out of memory", owner=CauseOwner.USER),) * 9,
    pods=JOB.attempts,
    nodes=(
        InspectedNode("gpu-node-03", (HardEvidence(Match("gpu-xid-79", "GPU has fallen off the bus"), "GPU-1"),)),
        InspectedNode("gpu-node-04"),
    ),
    notes=("the file ends in the middle of an object, which was left out",),
)

LICENCE = OrganisationSignature(
    id="licence-server-away",
    name="Licence server away",
    template="RuntimeError: licence server <address> did not answer within <n> s",
    failure_type="Error",
    explanation="The licence server restarts at night.",
    owner=CauseOwner.PLATFORM,
    created_by="U0ANA1234",
    created_at=NOW,
)

UNKNOWN = UnknownFailures(
    period=WEEK,
    project="ml-team",
    total=61,
    unknown=17,
    looked_at=16,
    groups=(
        UnknownGroup(
            number=1,
            template="OSError: cannot reach <url> after <n> tries",
            sample="OSError: cannot reach https://data.example/a after 3 tries",
            failures=14,
            jobs=5,
            projects=("ml-team", "research"),
            failure_id=12,
        ),
        UnknownGroup(
            number=2,
            template="exit code <n>",
            sample="exit code 3",
            failures=3,
            jobs=3,
            projects=("ml-team",),
            failure_id=None,
        ),
    ),
    more_groups=2,
    named=(NamedCause(signature=LICENCE, failures=14, jobs=5),),
)

EXPLANATION = Explanation(diagnosis=DIAGNOSIS, fixes=FIXES, lines=41, unread_files=1, cut=True, ts="1795420773.000100")


def finding(kind: IncidentKind) -> Finding:
    return Finding(
        kind=kind,
        subject="gpu-node-03",
        cluster="prod-eu",
        project="ml-team" if kind is IncidentKind.FAILURES else None,
        severity=Severity.CRITICAL,
        failures=14,
        jobs=12,
        of_jobs=16,
        rate_low=0.51,
        rate_high=0.9,
        expected=0.08,
        since=NOW - timedelta(hours=4),
        last_at=NOW,
        lines=("gpu-xid-79 2×", "12 failed jobs of 3 projects: 9 Error, 3 OOMKilled"),
        job_names=("train-bert", "train-gpt"),
    )


def incident(kind: IncidentKind, state: IncidentState) -> Incident:
    return Incident(
        id=12,
        finding=finding(kind),
        state=state,
        opened_at=NOW - timedelta(hours=3),
        seen_at=NOW,
        loud_at=NOW,
        loud_failures=14,
        episode=2,
        acknowledged_at=NOW,
        acknowledged_by="U0DANA123",
        snoozed_until=NOW,
        snoozed_by="U0DANA123",
        resolved_at=NOW if state is IncidentState.RESOLVED else None,
        resolved_by="U0DANA123" if state is IncidentState.RESOLVED else None,
    )


def card(kind: IncidentKind, state: IncidentState) -> IncidentCard:
    return IncidentCard(incident=incident(kind, state), time_zone="Europe/Berlin", on_call="S0ONCALL1")


SUBSCRIPTIONS = tuple(
    Subscription(
        channel="C0TEAM", wants=wants, project=project, threshold=5, created_by=by, time_zone="Europe/Berlin", id=3
    )
    for wants in Wants
    for project, by in ((None, "U0ANA1234"), ("ml-team", "settings"))
)
WINDOW = Maintenance(
    part=MaintenanceKind.NODE, name="gpu-node-03", since=NOW, until=NOW + timedelta(hours=4), by="U0DANA123", id=2
)

DIGEST = Digest(
    week="2026-W47",
    report=REPORT,
    time_zone="Europe/Berlin",
    before=Summary(gpu_hours_lost=60.0, mttr_median_minutes=70.0),
    causes=(
        causes.Cause(
            cause="cuda-out-of-memory", jobs=5, failures=9, previous_jobs=2, owners=("ana",), person="U0ANA1234"
        ),
        causes.Cause(
            cause="OOMKilled", jobs=4, failures=4, previous_jobs=9, owners=("ana", "lee"), projects=("ml-team",)
        ),
        causes.Cause(cause="image-not-found", jobs=2, failures=2, previous_jobs=2, projects=("ml-team", "research")),
        causes.Cause(cause="Error", jobs=1, failures=1, owners=("lee",)),
    ),
    nodes=(
        NodeStory(
            node=REPORT.nodes[0],
            incident=incident(IncidentKind.HOT_NODE, IncidentState.ACKNOWLEDGED),
            done=Step(did=Did.ACKNOWLEDGED, at=NOW, by="U0DANA123"),
        ),
        NodeStory(node=REPORT.nodes[0], incident=incident(IncidentKind.HOT_NODE, IncidentState.RESOLVED)),
        NodeStory(node=REPORT.nodes[0]),
    ),
    best_fixes=FIXES.history,
    new_fixes=frozenset({7}),
    subscription=SUBSCRIPTIONS[0],
    judged=Judged(opened=3, wrong=1, other=1),
    away=(SlackAway(since=NOW - timedelta(minutes=63), until=NOW, late=31),),
    blind=(Outage(cluster="prod-eu", since=NOW - timedelta(minutes=7), until=NOW, recovered=31),),
)

CONDUCT = Conduct(
    share=Share(attempts=21, jobs=16, failed=12, low=0.51, high=0.9),
    causes=(
        CauseCount(failure_type="Error", signature="gpu-xid-79", jobs=9, failures=11),
        CauseCount(failure_type="OOMKilled", signature=None, jobs=3, failures=3),
    ),
    failed_jobs=tuple(
        LatestFailure(
            job=f"train-{number}",
            project="ml-team" if number else None,
            cluster="prod-eu",
            cause="gpu-xid-79",
            at=NOW - timedelta(minutes=7 * number + 5),
            failures=number + 1,
            node="gpu-node-03",
            image="bert:2.1",
        )
        for number in range(3)
    ),
    first_failed_at=NOW - timedelta(hours=4),
    last_failed_at=NOW - timedelta(minutes=5),
    successes_since_failure=2,
    last_seen=NOW,
)
DRIVER_OF_NODE = Version(
    cluster="prod-eu",
    what="driver",
    subject="gpu-node-03",
    value="570.12",
    first_seen=NOW - timedelta(hours=5),
    last_seen=NOW,
    replaced="550.90",
    replaced_seen=NOW - timedelta(hours=6),
)
ABOUT_NODE = AboutNode(
    node="gpu-node-03",
    cluster="prod-eu",
    period=WEEK,
    standing=Comparison.BAD,
    conduct=CONDUCT,
    finding=NODE,
    all_nodes=0.06,
    faults=(Fault(signature="gpu-xid-79", title="The GPU fell off the bus", times=(NOW, NOW)),),
    versions=(DRIVER_OF_NODE,),
    changed=(DRIVER_OF_NODE,),
    incident=incident(IncidentKind.HOT_NODE, IncidentState.OPEN),
)
ABOUT_IMAGE = AboutImage(
    image="pytorch/pytorch:2.0-cuda11.8",
    cluster="prod-eu",
    period=WEEK,
    standing=Comparison.BAD,
    conduct=CONDUCT,
    finding=REPORT.images[0],
    others=Share(attempts=300, jobs=240, failed=17, low=0.04, high=0.11),
    first_seen=NOW - timedelta(days=2),
    is_new=True,
    nodes=6,
    carrier=OnNode(node="gpu-node-03", cluster="prod-eu", jobs=9, failed=8),
    best_fix=FIXES.history[0],
    incident=incident(IncidentKind.BAD_IMAGE, IncidentState.ACKNOWLEDGED),
)
ALIKE = Conduct(
    share=Share(attempts=44, jobs=40, failed=2, low=0.01, high=0.17), successes_since_failure=3, last_seen=NOW
)
NOTHING = Conduct(share=Share(), last_seen=NOW - timedelta(days=12))

TAUGHT = Taught(author="U0ANA1234", text="Increase memory limit from 8Gi to 16Gi")
REVISIONS = tuple(Revision(kind=kind, key="7", text="Double the memory") for kind in RevisionKind)
EXAMPLES: tuple[object, ...] = (
    *(Revised(revision=one, taught=TAUGHT, by="U0BEN1234", proposed_by="U0LEE1234") for one in REVISIONS),
    Revised(revision=REVISIONS[0], taught=TAUGHT, by="U0BEN1234"),
    *(ProposedRevision(revision=one, taught=TAUGHT, by="U0BEN1234") for one in REVISIONS),
    *(RevisionDeclined(revision=one, taught=TAUGHT, by="U0ANA1234") for one in REVISIONS),
    RevisionAsked(author="U0ANA1234"),
    SubscriptionsEnded(ended=SUBSCRIPTIONS, by="U0ANA1234"),
    REPORT,
    STATS,
    FIXES,
    JOB,
    DIAGNOSIS,
    Help(),
    *MISTAKES,
    ABOUT_NODE,
    replace(
        ABOUT_NODE,
        finding=replace(NODE, hard=True, rate_low=0.01),
        blamed=REPORT.changes[0] if REPORT.changes else None,
    ),
    *(
        replace(ABOUT_NODE, standing=standing, finding=None, conduct=conduct, incident=None)
        for standing, conduct in zip(
            (Comparison.HIGHER, Comparison.ALIKE, Comparison.FEW, Comparison.IDLE),
            (CONDUCT, ALIKE, CONDUCT, NOTHING),
            strict=True,
        )
    ),
    ABOUT_IMAGE,
    *(
        replace(ABOUT_IMAGE, standing=standing, finding=None, conduct=conduct, carrier=None, others=others)
        for standing, conduct, others in (
            (Comparison.HIGHER, CONDUCT, ABOUT_IMAGE.others),
            (Comparison.ALIKE, ALIKE, ABOUT_IMAGE.others),
            (Comparison.FEW, CONDUCT, None),
            (Comparison.IDLE, NOTHING, None),
        )
    ),
    Several(what="image", name="bert", choices=("bert:2.1", "bert:2.2"), tries=("image bert:2.1", "image bert:2.2")),
    Unknown(what="project", name="ml-tem", nearest=("ml-team",), tries=("analyze ml-team",)),
    UNKNOWN,
    EXPLANATION,
    Explanation(
        diagnosis=replace(DIAGNOSIS, signature=None, others=(), owner=CauseOwner.UNKNOWN), fixes=None, lines=0, ts=None
    ),
    CauseRetired(signature=LICENCE),
    Working("analyze ml-team"),
    *(Trouble(cause, "a1b2") for cause in TroubleKind),
    *(Refusal(why, "it cannot be read") for why in Why),
    *(card(kind, state) for kind in IncidentKind for state in IncidentState),
    IncidentCard(incident=incident(IncidentKind.HOT_NODE, IncidentState.OPEN), time_zone="UTC", maintenance=True),
    *(
        IncidentLine(
            incident=incident(IncidentKind.HOT_NODE, IncidentState.OPEN),
            step=Step(did=did, at=NOW, by="U0ANA1234", said="9 of 9 jobs went well", id=3),
            time_zone="UTC",
            on_call="S0ONCALL1",
        )
        for did in Did
    ),
    WhyTold(
        incident=incident(IncidentKind.SPIKE, IncidentState.SNOOZED),
        decisions=tuple(
            Kept(channel="C1", decision=Decision(act, reason), first_at=NOW, last_at=NOW, times=7)
            for act, reason in zip((*Act, *Act, *Act, *Act), Reason, strict=False)
        ),
        steps=(Step(did=Did.OPENED, at=NOW),),
        here="C1",
        dismissal=Dismissal(because=Because.WRONG, by="U0DANA123", at=NOW, jobs=12),
    ),
    WhyTold(incident=incident(IncidentKind.SPIKE, IncidentState.OPEN), decisions=(), steps=(), here="C1"),
    OpenIncidents(
        incidents=(
            incident(IncidentKind.HOT_NODE, IncidentState.OPEN),
            incident(IncidentKind.FAILURES, IncidentState.OPEN),
        ),
        at=NOW,
    ),
    OpenIncidents(incidents=(), at=NOW),
    SubscriptionTrial(
        wanted=Subscribe(project="ml-team", threshold=5), times=4, days=30, others=(Threshold(3, 9), Threshold(10, 1))
    ),
    Subscribed(subscription=SUBSCRIPTIONS[0]),
    Subscribers(subscriptions=SUBSCRIPTIONS, ended=SUBSCRIPTIONS[:1]),
    Subscribers(subscriptions=()),
    UnderMaintenance(windows=(WINDOW,), began=WINDOW),
    UnderMaintenance(windows=(), ended=WINDOW),
    UnderMaintenance(windows=(), unknown="gpu-node-03"),
    Unreachable(channel="C0TEAM", why="posting to C0TEAM: Slack says is_archived"),
    Outage(cluster="prod-eu", since=NOW - timedelta(minutes=7), until=NOW, recovered=31),
    BlindNow(cluster="prod-eu", since=NOW - timedelta(minutes=7), why="the API server refuses connections"),
    SlackAway(since=NOW - timedelta(minutes=63), until=NOW, late=31),
    INSPECTION,
    Inspection(attempts=(), failures=(), pods=(), nodes=()),
    Checkup((*CHECKS,)),
    FixSeen(
        job="train-bert",
        project="ml-team",
        cluster="prod-eu",
        failure_id=12,
        failure_type="OOMKilled",
        solution_id=7,
        changed="memory limit 8Gi → 16Gi",
        failed_at=NOW - timedelta(hours=3),
        finished_at=NOW,
    ),
    Solutions(failure_type="OOMKilled", ranked=FIXES.history, without_verdict=2),
    DIGEST,
    replace(DIGEST, subscription=None, report=replace(REPORT, daily_failures=(), previous_daily_failures=())),
    DigestDetail(DIGEST),
    Home(
        at=NOW,
        health=Health(
            clusters=(
                ClusterHealth(name="prod-eu", alive_at=NOW, event_at=NOW, told_at=NOW),
                ClusterHealth(name="prod-us", alive_at=NOW, trouble="the API server does not answer"),
            ),
            delivered_at=NOW,
        ),
        report=REPORT,
        incidents=(
            incident(IncidentKind.HOT_NODE, IncidentState.OPEN),
            incident(IncidentKind.SPIKE, IncidentState.ACKNOWLEDGED),
        ),
        projects=(
            MyProject(project="ml-team", numbers=REPORT.projects[0], worst=DIGEST.causes[0]),
            MyProject(project="research"),
        ),
        chosen=("ml-team",),
        choices=("ml-team", "research"),
        subscriptions=SUBSCRIPTIONS,
        blind=DIGEST.blind,
        away=DIGEST.away,
        judged=DIGEST.judged,
        setup=tuple(Todo(done=step is SetupStep.WATCH, step=step) for step in SetupStep),
    ),
    Home(at=NOW, health=Health(undelivered_since=NOW), report=Report(period=WEEK)),
    LEDGER,
    ledger([], LEDGER.period, None, {}),
    ADVICE,
    replace(ADVICE, record=RetryCount(), verdict=RetryVerdict.UNSURE, alike=1, step=None),
    replace(ADVICE, cause=None, verdict=RetryVerdict.UNSURE),
    OUTLOOK,
    OUTLOOK.score,
    replace(OUTLOOK, likely=(), score=replace(OUTLOOK.score, speaks=False, told=0)),
)

CAUSE = NamedCause(signature=LICENCE, failures=14, jobs=5)
PROBLEMS = tuple(FieldProblem(wrong=wrong, least=3, most=60, length=72, name="oomkilled") for wrong in Wrong)
MODALS: tuple[object, ...] = (
    DismissForm(
        incident=incident(IncidentKind.HOT_NODE, IncidentState.OPEN), told_from=24, quiet_for=timedelta(days=28)
    ),
    SuggestForm(
        about=About(failure_type="OOMKilled", failure_id=12), job="train-bert", conditions=("registry=ghcr.io",)
    ),
    NearDuplicates(text="double the memory", condition="project=ml-team", known=FIXES.history),
    EditForm(solution=_TRIED[0][0]),
    Thanks("Increase memory limit from 8Gi to 16Gi"),
    NamingForm(
        failure_id=12, sample="flexlm: checkout failed for seat 7", template="flexlm: checkout failed for seat <n>"
    ),
    RenamingForm(signature=LICENCE),
    CauseNamed(cause=CAUSE),
    CauseNamed(cause=CAUSE, already=True),
    RevisionAsked(author="U0ANA1234"),
    Working(),
    Done(),
    *PROBLEMS,
    *(Refusal(why) for why in Why),
    *(Trouble(kind, "ab12cd") for kind in TroubleKind),
)
SENTENCES: tuple[object, ...] = (
    *CHECKS,
    *(check.remedy for check in CHECKS if check.remedy is not None),
    *RELATED,
    *(
        replace(DIGEST.finding, total=total, rose=rose, fell=not rose, peaks=peaks)
        for total, rose, peaks in ((0, False, False), (23, True, True), (23, False, False))
    ),
    replace(DIGEST.finding, rose=False, fell=False, peaks=True),
    replace(DIGEST.finding, rose=False, fell=False, peaks=False),
    replace(DIGEST.finding, rose=False, fell=False, peaks=False, previous=None),
    *MISTAKES,
    *PROBLEMS,
    *(Refusal(why) for why in Why),
    *(Trouble(kind, "ab12cd") for kind in TroubleKind),
)
