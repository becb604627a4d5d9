"""Texts that a cluster or a person said, as columns: no way into them but through the mask."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import AutoString

from bot.domain.text.masking import Masked, mask


class SaidText(TypeDecorator[str]):
    """Text without secrets and without characters that deceive, whoever hands it in."""

    impl = AutoString
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], Masked | None]:  # noqa: ARG002 the signature is SQLAlchemy's
        """To the database."""
        return _masked


def _masked(text: str | None) -> Masked | None:
    return None if text is None else mask(text)
