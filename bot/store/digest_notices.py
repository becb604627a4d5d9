"""The digests that were sent."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine, select

from bot.services.incidents.notices import DigestNotice, DigestNotices
from bot.store.engine import reading, writing
from bot.store.storable import clean
from bot.store.tables import DIGEST_NOTICES
from bot.store.upsert import upsert


class SqlDigestNotices(DigestNotices):
    """Digests, by place, project and week."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def notice(self, place: str, project: str | None, week: str) -> DigestNotice | None:
        of = DIGEST_NOTICES.c
        this = select(DIGEST_NOTICES).where(of.place == place, of.project == clean(project or ""), of.week == week)
        with reading(self._engine) as connection:
            row = connection.execute(this).mappings().one_or_none()
        return None if row is None else DigestNotice(**{**row, "project": row["project"] or None})

    def note(self, notice: DigestNotice) -> None:
        with writing(self._engine) as connection:
            upsert(connection, DIGEST_NOTICES, asdict(notice) | {"project": clean(notice.project or "")})
