"""The knowledge graph: one database, and each port over it by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from bot.services.errors import Unavailable
from bot.store import retention
from bot.store.digest_notices import SqlDigestNotices
from bot.store.engine import connect, reading
from bot.store.evidence import SqlEvidence
from bot.store.fix_questions import SqlFixQuestions
from bot.store.history import SqlHistory
from bot.store.homes import SqlHomes
from bot.store.incident_notices import SqlIncidentNotices
from bot.store.incidents import SqlIncidents
from bot.store.knowledge import SqlKnowledge
from bot.store.ledger import SqlLedger
from bot.store.named_causes import SqlNamedCauses
from bot.store.outages import SqlOutages
from bot.store.outbox import SqlOutbox
from bot.store.pages import SqlPages
from bot.store.recorder import SqlRecorder
from bot.store.retries import SqlRetries
from bot.store.subscriptions import SqlSubscriptions
from bot.store.trials import SqlTrials
from bot.store.unreachable_channels import SqlUnreachableChannels


@dataclass(frozen=True, slots=True)
class Store:
    """The ports over one migrated database (see `migrate.upgrade`). Each method of theirs is one transaction, may be
    called from any thread, and may raise Unavailable."""

    engine: Engine
    recorder: SqlRecorder
    history: SqlHistory
    evidence: SqlEvidence
    ledger: SqlLedger
    retries: SqlRetries
    knowledge: SqlKnowledge
    named_causes: SqlNamedCauses
    trials: SqlTrials
    incidents: SqlIncidents
    incident_notices: SqlIncidentNotices
    digest_notices: SqlDigestNotices
    outages: SqlOutages
    pages: SqlPages
    fix_questions: SqlFixQuestions
    unreachable_channels: SqlUnreachableChannels
    outbox: SqlOutbox
    subscriptions: SqlSubscriptions
    homes: SqlHomes

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.engine.dispose()

    def trouble(self) -> str | None:
        """Why the database cannot be used just now, in words; None where it answers."""
        try:
            self.ping()
        except Unavailable as error:
            return str(error)
        return None

    def ping(self) -> None:
        """Raise Unavailable if the database does not answer."""
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))

    def prune(self, before: datetime) -> int:
        """Forget attempts, failures and notices of the days (UTC) that ended before this time; how many they were."""
        return retention.prune(self.engine, before)


def open_store(url: str) -> Store:
    """The store at this URL (see `engine.connect`); it is reached for at the first question."""
    return over(connect(url))


def over(engine: Engine) -> Store:
    """The store over these connections."""
    return Store(
        engine=engine,
        recorder=SqlRecorder(engine),
        history=SqlHistory(engine),
        evidence=SqlEvidence(engine),
        ledger=SqlLedger(engine),
        retries=SqlRetries(engine),
        knowledge=SqlKnowledge(engine),
        named_causes=SqlNamedCauses(engine),
        trials=SqlTrials(engine),
        incidents=SqlIncidents(engine),
        incident_notices=SqlIncidentNotices(engine),
        digest_notices=SqlDigestNotices(engine),
        outages=SqlOutages(engine),
        pages=SqlPages(engine),
        fix_questions=SqlFixQuestions(engine),
        unreachable_channels=SqlUnreachableChannels(engine),
        outbox=SqlOutbox(engine),
        subscriptions=SqlSubscriptions(engine),
        homes=SqlHomes(engine),
    )
