"""Incidents, decisions, subscriptions and maintenance are stored and read back the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incidents.incident import Did, Incident, IncidentState
from bot.domain.incidents.lifecycle import Transition, acknowledge, opened, resolve
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.notify import Act, Decision, Reason
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.store.store import Store
from tests.contract.seen import at, failure
from tests.unit.incidents.made import HOT, HOUR, NOW, hot

TEAM = Subscription(channel="C1", wants=Wants.ALERTS, project="ml-team", created_by="U1", created_at=NOW)


def stored(store: Store) -> Incident:
    store.incidents.observe(Scope(), [HOT.key], lambda _: [opened(HOT, now=NOW)], now=NOW)
    (incident,) = store.incidents.live(Scope(), ended_since=NOW)
    return incident


def test_an_incident_is_read_back_as_it_was(store: Store) -> None:
    incident = stored(store)
    assert incident == replace(opened(HOT, now=NOW).incident, id=incident.id)
    assert incident.id is not None
    assert [step.did for step in store.incidents.steps(Scope(), [incident.id])[incident.id]] == [Did.OPENED]


def test_a_change_is_made_on_what_is_stored_now(store: Store) -> None:
    incident = stored(store)
    assert incident.id is not None
    change = store.incidents.change(Scope(), incident.id, lambda one: acknowledge(one, by="U1", now=NOW), now=NOW)
    assert change is not None
    assert store.incidents.incident(Scope(), incident.id) == change.incident
    again = store.incidents.change(Scope(), incident.id, lambda one: acknowledge(one, by="U2", now=NOW), now=NOW)
    assert again is not None
    assert again.step is None
    assert store.incidents.change(Scope(), 99, Transition, now=NOW) is None


def test_what_ended_is_live_no_more_but_known_by_its_key(store: Store) -> None:
    incident = stored(store)
    assert incident.id is not None
    store.incidents.change(Scope(), incident.id, lambda one: resolve(one, by="U1", now=NOW), now=NOW)
    assert store.incidents.live(Scope(), ended_since=NOW + HOUR) == []
    assert [one.state for one in store.incidents.live(Scope(), ended_since=NOW - HOUR)] == [IncidentState.RESOLVED]
    seen: list[Incident] = []
    store.incidents.observe(Scope(), [HOT.key], lambda known: seen.extend(known) or [], now=NOW + HOUR)  # type: ignore[func-returns-value] # extend gives None, so `or` goes on
    assert [one.id for one in seen] == [incident.id]


def test_what_ended_long_ago_is_forgotten_and_what_is_open_is_not(store: Store) -> None:
    incident = stored(store)
    assert store.prune(NOW + timedelta(days=90)) == 0
    store.incidents.change(Scope(), incident.id or 0, lambda one: resolve(one, by="U1", now=NOW), now=NOW)
    assert store.prune(NOW + timedelta(days=90)) == 1
    assert store.incidents.incident(Scope(), incident.id or 0) is None


def test_long_keys_that_begin_alike_are_two_incidents(store: Store) -> None:
    long = [hot(subject="é" * 800 + end) for end in "ab"]
    store.incidents.observe(
        Scope(), [one.key for one in long], lambda _: [opened(one, now=NOW) for one in long], now=NOW
    )
    assert {one.finding.subject[-1] for one in store.incidents.live(Scope(), ended_since=NOW)} == {"a", "b"}


def test_the_same_decision_again_is_counted(store: Store) -> None:
    incident = stored(store)
    number = incident.id or 0
    told, known = Decision(Act.POST, Reason.NEW), Decision(Act.NOTHING, Reason.KNOWN)
    for minute, decision in enumerate((told, known, known)):
        store.incidents.keep([(number, "C1", decision)], now=NOW + timedelta(minutes=minute))
    assert [(kept.decision, kept.times) for kept in store.incidents.kept(Scope(), number)] == [(told, 1), (known, 2)]


def test_a_subscription_of_the_same_kind_replaces_the_one_before(store: Store) -> None:
    store.subscriptions.subscribe(TEAM)
    store.subscriptions.subscribe(replace(TEAM, threshold=5))
    store.subscriptions.subscribe(
        replace(TEAM, project=None, wants=Wants.DIGEST, hour=8, time_zone="Europe/Berlin", daily=True)
    )
    first, second = store.subscriptions.subscriptions(Scope())
    assert first == replace(TEAM, threshold=5, id=first.id)
    assert (second.project, second.hour, second.daily) == (None, 8, True)
    assert store.subscriptions.unsubscribe(Scope(), first.id or 0)
    assert not store.subscriptions.unsubscribe(Scope(), first.id or 0)
    store.subscriptions.take_back(second)
    assert store.subscriptions.subscriptions(Scope()) == []


def test_maintenance_begins_is_replaced_and_ends(store: Store) -> None:
    window = Maintenance(part=MaintenanceKind.NODE, name="gpu-1", since=NOW, until=NOW + HOUR, by="U1")
    store.subscriptions.begin(window)
    store.subscriptions.begin(replace(window, until=NOW + 2 * HOUR))
    (kept,) = store.subscriptions.windows(Scope(), NOW)
    assert kept == replace(window, until=NOW + 2 * HOUR, id=kept.id)
    assert store.subscriptions.end(Scope(), MaintenanceKind.NODE, "gpu-1", NOW + HOUR)
    assert not store.subscriptions.end(Scope(), MaintenanceKind.NODE, "gpu-1", NOW + HOUR)
    assert store.subscriptions.windows(Scope(), NOW + HOUR) == []


def test_failures_are_grouped_by_cause_without_victims_and_resolved_ones(store: Store) -> None:
    store.recorder.record(
        [],
        [
            failure("a", 10, job="one", signature="cuda-out-of-memory"),
            failure("b", 20, job="two", signature="cuda-out-of-memory"),
            failure("c", 20, job="two", signature="cuda-out-of-memory", first_fault=False),
            failure("d", 30, job="three"),
            failure("e", 59, job="four", signature="nccl-timeout"),
            failure("f", 59, job="five"),
        ],
    )
    groups = store.incidents.failure_groups(Scope(project="ml-team"), at(0), at(40))
    assert sorted((one.cause, one.failures, one.jobs) for one in groups) == [
        ("OOMKilled", 1, 1),
        ("cuda-out-of-memory", 2, 2),
        ("nccl-timeout", 1, 1),
    ]
    assert groups[-1].first_at == at(10)
    assert store.incidents.failure_groups(Scope(project="research"), at(0), at(60)) == []
