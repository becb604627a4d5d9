"""Several empty stores in one test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.store.store import Store, open_store


@pytest.fixture
def new_store(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[], Store]]:
    """Each call gives a new empty store."""
    opened: list[Store] = []
    numbers = count()

    def create() -> Store:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, path)
        opened.append(open_store(f"sqlite:///{path}"))
        return opened[-1]

    yield create
    for store in opened:
        store.close()
