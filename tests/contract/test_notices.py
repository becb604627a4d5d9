"""What people were told is remembered the same by both databases and by the memory that other tests use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.incidents.lifecycle import opened
from bot.domain.incidents.notify import Told
from bot.domain.incidents.outage import Outage, SlackAway
from bot.domain.scope import Scope
from bot.services.incidents.notices import (
    DigestNotice,
    DigestNotices,
    IncidentNotice,
    IncidentNotices,
    OutageNotice,
    Outages,
    Outbox,
    UnreachableChannel,
    UnreachableChannels,
)
from bot.services.incidents.ports import PagerEvent
from bot.services.knowledge.ports import FixQuestion
from bot.store.store import Store
from tests.adapters.fake_notices import (
    FakeDigestNotices,
    FakeIncidentNotices,
    FakeOutages,
    FakeOutbox,
    FakeUnreachableChannels,
)
from tests.contract.seen import at
from tests.unit.incidents.made import NOW, hot

KINDS = ["sqlite", "postgres", "memory"]
STORES = {"sqlite": "sqlite_store", "postgres": "postgres_store"}


@pytest.fixture(params=KINDS)
def stored(request: pytest.FixtureRequest) -> Store | None:
    """Each database, and None for memory."""
    name = STORES.get(request.param)
    return None if name is None else request.getfixturevalue(name)


@pytest.fixture
def outbox(stored: Store | None) -> Outbox:
    return FakeOutbox() if stored is None else stored.outbox


@pytest.fixture
def incident_notices(stored: Store | None) -> IncidentNotices:
    return FakeIncidentNotices() if stored is None else stored.incident_notices


@pytest.fixture
def incidents(stored: Store | None) -> list[int]:
    """The numbers of two incidents."""
    return [1, 2] if stored is None else two_incidents(stored)


def two_incidents(store: Store) -> list[int]:
    findings = [hot(subject="n1"), hot(subject="n2")]
    store.incidents.observe(Scope(), [], lambda _: [opened(each, now=NOW) for each in findings], now=NOW)
    return [one.id or 0 for one in store.incidents.live(Scope(), ended_since=NOW)]


@pytest.fixture
def unreachable(stored: Store | None) -> UnreachableChannels:
    return FakeUnreachableChannels() if stored is None else stored.unreachable_channels


@pytest.fixture
def outages(stored: Store | None) -> Outages:
    return FakeOutages() if stored is None else stored.outages


@pytest.fixture
def digests(stored: Store | None) -> DigestNotices:
    return FakeDigestNotices() if stored is None else stored.digest_notices


def test_what_is_begun_again_may_have_been_said(outbox: Outbox) -> None:
    assert outbox.begin("incident/1/1", "C1", at(0))
    assert not outbox.begin("incident/1/1", "C1", at(1))
    assert outbox.begin("incident/1/1", "C2", at(1))
    outbox.done("incident/1/1", "C1")
    outbox.done("incident/1/1", "C3")
    assert outbox.begin("incident/1/1", "C1", at(2))


def test_the_message_of_an_incident_is_known_by_incident_and_channel(
    incident_notices: IncidentNotices, incidents: list[int]
) -> None:
    one, two = incidents
    first = IncidentNotice(one, "C1", "1700000000.000100", Told(face="open|critical", step=3, episode=2), at(0))
    assert incident_notices.notice(one, "C1") is None
    for each in (first, replace(first, incident_id=two), replace(first, channel="C2", ts="2")):
        incident_notices.note(each)
    later = replace(first, told=replace(first.told, step=4), at=at(5))
    incident_notices.note(later)
    assert incident_notices.notice(one, "C1") == later
    assert incident_notices.notice(one, "C3") is None
    assert incident_notices.here("C1") == [later, replace(first, incident_id=two)]


def test_the_last_refusal_of_a_channel_is_known(unreachable: UnreachableChannels) -> None:
    assert unreachable.refusal("C1") is None
    refusal = UnreachableChannel("C1", "is_archived", at(0))
    for each in (refusal, replace(refusal, at=at(1), told_in="C9", told_at=at(1)), replace(refusal, channel="C2")):
        unreachable.note(each)
    assert unreachable.refusal("C1") == UnreachableChannel("C1", "is_archived", at(1), "C9", at(1))


def test_outages_of_clusters_are_kept_by_cluster_and_beginning(outages: Outages) -> None:
    old, new, other = (
        Outage("prod", at(0), at(5), 3),
        Outage("prod", at(10), at(20)),
        Outage("edge/1", at(0), at(10), 31),
    )
    for each in (new, old, other, replace(old, recovered=4)):
        outages.remember(each)
    assert outages.outages(at(0)) == [other, replace(old, recovered=4), new]
    assert outages.outages(at(6)) == [other, new]


def test_an_outage_of_slack_is_current_until_it_is_over_or_was_none(outages: Outages) -> None:
    assert outages.slack_away() is None
    outages.note_slack_away(SlackAway(at(0), at(0)))
    outages.note_slack_away(SlackAway(at(0), at(3), 2))
    assert outages.slack_away() == SlackAway(at(0), at(3), 2)
    assert outages.slack_outages(at(0)) == []
    outages.remember_slack(SlackAway(at(0), at(4), 5))
    assert outages.slack_away() is None
    outages.note_slack_away(SlackAway(at(7), at(7)))
    outages.note_slack_away(None)
    assert outages.slack_away() is None
    assert outages.slack_outages(at(4)) == [SlackAway(at(0), at(4), 5)]
    assert outages.slack_outages(at(5)) == []


def test_what_was_told_of_outages_is_known_by_channel(outages: Outages) -> None:
    lasts = OutageNotice("edge/1", at(0), "C1", "1.1", over=False, at=at(1))
    of_slack = OutageNotice(None, at(2), "C1", None, over=True, at=at(3))
    for each in (of_slack, lasts, replace(lasts, channel="C2"), replace(lasts, over=True)):
        outages.note(each)
    assert outages.told("C1") == [replace(lasts, over=True), of_slack]
    assert outages.told("C3") == []


def test_a_digest_is_known_by_place_project_and_week(digests: DigestNotices) -> None:
    every = DigestNotice("C1", None, "2026-W47", "1.1", at(0))
    team = DigestNotice("lead@example.com", "ml-team", "2026-W47", None, at(0))
    for each in (every, team, replace(every, detail_ts="1.2")):
        digests.note(each)
    assert digests.notice("C1", None, "2026-W47") == replace(every, detail_ts="1.2")
    assert digests.notice("lead@example.com", "ml-team", "2026-W47") == team
    assert digests.notice("C1", "ml-team", "2026-W47") is None
    assert digests.notice("C1", None, "2026-W48") is None


def test_the_last_page_of_an_incident_is_known(store: Store) -> None:
    one, two = two_incidents(store)
    store.pages.note(one, PagerEvent.TRIGGER, at(0))
    store.pages.note(one, PagerEvent.RESOLVE, at(1))
    assert store.pages.paged(one) is PagerEvent.RESOLVE
    assert store.pages.paged(two) is None


def test_a_question_is_asked_once_for_a_failure_and_a_person(store: Store) -> None:
    store.fix_questions.note(FixQuestion(7, "D1", None, at(0)))
    assert store.fix_questions.asked(7, "D1")
    assert not store.fix_questions.asked(7, "D2")
    assert not store.fix_questions.asked(8, "D1")
