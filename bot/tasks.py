"""The table of timed tasks: what runs, how often, and on what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from bot.clock import utc_now
from bot.domain.analysis.report import Report
from bot.domain.answers.digest import Digest, Due
from bot.domain.incidents.detect import LONG_WINDOW
from bot.domain.incidents.outage import BlindNow
from bot.domain.incidents.subscription import Subscription, Wants, effective
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.schedule import Task
from bot.services.answers.analyze import stats
from bot.services.answers.answer import AnswerContext, digest, report
from bot.services.errors import Unavailable, Undelivered
from bot.services.incidents import detect_incidents, notify, outages, page, weekly_digest
from bot.services.incidents.ports import Mailer, Messenger, Pager
from bot.services.incidents.posted_count import CountingMessenger
from bot.services.knowledge import ask_owner, learn
from bot.services.knowledge.ask_owner import Directory
from bot.settings import Settings
from bot.store.store import Store

log = logging.getLogger(__name__)
LEARN_EVERY = timedelta(seconds=15)
"""Nearly always there is nothing new, which is one look at an index."""
LONG_REPORT_EVERY = timedelta(hours=1)


class Tasks:
    """What the bot does unasked, over one store and one Slack."""

    def __init__(
        self,
        settings: Settings,
        context: AnswerContext,
        store: Store,
        messenger: Messenger,
        *,
        directory: Directory | None = None,
        mailer: Mailer | None = None,
        pager: Pager | None = None,
        pool: Executor | None = None,
        unwatched: Callable[[], Collection[str]] = lambda: (),
        blind: Callable[[], Collection[BlindNow]] = lambda: (),
        unread_since: Callable[[], datetime | None] = lambda: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Without a `directory` nobody is asked about fixes that were seen; without a `mailer` no digest is mailed;
        without a `pager` nobody is paged; a `pool` tells several channels at once. `unwatched` names the clusters that
        cannot be watched just now, `blind` says why those that refuse it do; `unread_since` is when the oldest failure
        happened whose evidence is still being read."""
        self._directory = directory
        self._mailer = mailer
        self._pager = pager
        self._pool = pool
        self._settings = settings
        self._desk = context
        self._store = store
        self._messenger = CountingMessenger(messenger)
        self._unwatched = unwatched
        self._blind = blind
        self._unread_since = unread_since
        self._clock = clock
        self._long: dict[str | None, Report] = {}
        self._telling = Lock()

    def table(self) -> list[Task]:
        """All of them."""
        return [
            Task("prune", timedelta(days=1), self._prune),
            Task("learn", LEARN_EVERY, self.learn),
            Task("incidents", timedelta(seconds=self._settings.sweep_seconds), self.sweep),
            Task("gaps", timedelta(seconds=self._settings.sweep_seconds), self.gaps),
            Task("pager", timedelta(seconds=self._settings.sweep_seconds), self.page),
            Task("digests", timedelta(minutes=1), self.digests),
        ]

    def sweep(self, now: datetime) -> object:
        """Record what is wrong now, then tell who has not been told. Raises Unavailable."""
        detect_incidents.observe(
            detect_incidents.detect(
                self._subscriptions(),
                partial(self._analyzed, now=now),
                self._store.incidents,
                self._scope,
                counts=lambda project, period: stats(self._desk.evidence, self._scope(project), period),
                long_report=partial(self._long_report, now=now),
                seen_since=partial(outages.blind_since, self._store.outages),
                unread_since=self._unread_since(),
                now=now,
            ),
            self._store.incidents,
            self._scope(None),
            repeat_after=timedelta(hours=self._settings.repeat_after_hours),
            unwatched=self._unwatched(),
            now=now,
        )
        return self.tell(now)

    def learn(self, now: datetime) -> object:
        """Study what was tried, then ask the owners: what Slack refuses is asked again, what was learnt stays."""
        learnt = learn.study(self._store.trials, self._store.knowledge, now=now)
        if self._directory is not None and self._settings.ask_owners:
            store = self._store
            asker = ask_owner.Asker(
                knowledge=store.knowledge,
                history=store.history,
                questions=store.fix_questions,
                outbox=store.outbox,
                messenger=self._messenger,
                directory=self._directory,
            )
            ask_owner.ask_owners(asker, scope=self._scope(None), now=now)
        return learnt

    def tell(self, now: datetime) -> object:
        """Tell who has not been told. One thread at a time: two would both find a thread without its next line."""
        settings = self._settings
        speaker = notify.Speaker(
            scope=self._scope(None),
            incidents=self._store.incidents,
            notices=self._store.incident_notices,
            outbox=self._store.outbox,
            unreachable=self._store.unreachable_channels,
            messenger=self._messenger,
            time_zone=settings.time_zone,
            on_call=settings.on_call_group,
            owner=self._owner,
            pool=self._pool,
        )
        with self._telling:
            self._messenger.reset()
            try:
                said = notify.tell(
                    speaker, self._subscriptions(), self._store.subscriptions.windows(self._scope(None), now), now=now
                )
            except Undelivered:
                outages.follow_slack(self._store.outages, away=True, posted=self._messenger.posted, now=now)
                raise
            outages.follow_slack(self._store.outages, away=False, posted=self._messenger.posted, now=now)
            return said

    def tell_now(self) -> None:
        """Tell at once what a person did to an incident. Where that cannot be, the next sweep does it."""
        try:
            self.tell(self._clock())
        except Unavailable as error:
            log.info("the next sweep tells it: %s", error)

    def gaps(self, now: datetime) -> object:
        """Tell the owner when a cluster could not be watched, or Slack took no messages. Raises Unavailable."""
        if self._owner is None:
            return "nobody is to be told"
        owner = outages.BotOwner(self._owner, self._store.outages, self._store.outbox, self._messenger)
        return outages.tell(self._blind(), owner, now=now)

    def page(self, now: datetime) -> object:
        """Bring the pager up to date, where there is one. Raises Undelivered."""
        if self._pager is None:
            return "no pager is set"
        store, scope, zone = self._store, self._scope(None), self._settings.time_zone
        return page.page(
            store.incidents, store.pages, store.subscriptions, self._pager, scope=scope, time_zone=zone, now=now
        )

    def digests(self, now: datetime) -> object:
        """Post the digests that are due. Raises Unavailable, after all others were posted."""
        away: Unavailable | None = None
        done = []
        for post in [*self._posts(), *self._mails()]:
            try:
                done.append(post(now))
            except Unavailable as error:
                away = error
        if away is not None:
            raise away
        return done

    def _posts(self) -> Iterator[Callable[[datetime], weekly_digest.Digested]]:
        return (partial(self._digest, one) for one in self._subscriptions() if one.wants is Wants.DIGEST)

    def _mails(self) -> Iterator[Callable[[datetime], weekly_digest.Digested]]:
        settings, mailer = self._settings, self._mailer
        if mailer is None:
            return
        for address in settings.digest_mail:
            wanted = Subscription(
                channel=address,
                wants=Wants.DIGEST,
                project=settings.digest_project,
                weekday=settings.digest_weekday,
                hour=settings.digest_hour,
                time_zone=settings.time_zone,
            )
            yield partial(self._mail, mailer, wanted)

    def _mail(self, mailer: Mailer, wanted: Subscription, now: datetime) -> weekly_digest.Digested:
        notices = self._store.digest_notices
        return weekly_digest.mail(lambda week: self._made(wanted, week, now), notices, mailer, wanted=wanted, now=now)

    def _digest(self, wanted: Subscription, now: datetime) -> weekly_digest.Digested:
        return weekly_digest.digest(
            lambda week: self._made(wanted, week, now),
            self._store.digest_notices,
            self._store.outbox,
            self._messenger,
            wanted=wanted,
            now=now,
        )

    def _made(self, wanted: Subscription, week: Due, now: datetime) -> Digest:
        """A digest with everything that is in it, and why the channel reads it."""
        made = digest(self._desk, wanted.project, week, time_zone=wanted.time_zone, now=now)
        return replace(made, subscription=wanted)

    def _prune(self, now: datetime) -> object:
        return self._store.prune(now - timedelta(days=self._settings.retention_days))

    def _subscriptions(self) -> list[Subscription]:
        known = self._desk.incidents
        made = self._store.subscriptions.subscriptions(self._scope(None))
        return effective(made, known.from_settings if known else ())

    def _analyzed(self, project: str | None, period: Period, *, now: datetime) -> Report:
        return report(self._desk, project, period, time_zone=self._settings.time_zone, now=now)

    @property
    def _owner(self) -> str | None:
        return self._settings.owner or self._settings.on_call_channel

    def _long_report(self, project: str | None, *, now: datetime) -> Report:
        """What a month says changes slowly and takes a while to compute."""
        known = self._long.get(project)
        if known is None or now - known.period.until >= LONG_REPORT_EVERY:
            known = self._analyzed(project, Period.last(LONG_WINDOW, until=now), now=now)
            self._long[project] = known
        return known

    def _scope(self, project: str | None) -> Scope:
        return Scope.of(self._settings.allowed_projects, project=project)
