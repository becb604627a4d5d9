"""What owners were asked about fixes."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine, select

from bot.services.knowledge.ports import FixQuestion, FixQuestions
from bot.store.engine import reading, writing
from bot.store.tables import FIX_QUESTIONS
from bot.store.upsert import upsert


class SqlFixQuestions(FixQuestions):
    """Questions to owners, by failure and channel."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def asked(self, failure_id: int, channel: str) -> bool:
        of = FIX_QUESTIONS.c
        this = select(of.at).where(of.failure_id == failure_id, of.channel == channel)
        with reading(self._engine) as connection:
            return connection.execute(this).first() is not None

    def note(self, question: FixQuestion) -> None:
        with writing(self._engine) as connection:
            upsert(connection, FIX_QUESTIONS, asdict(question))
