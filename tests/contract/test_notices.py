from __future__ import annotations

from dataclasses import replace

from bot.services.incidents.ports import Notice
from bot.store.store import Store
from tests.contract.seen import at

HOT = Notice(key="node/gpu-node-03", channel="C1", ts="1700000000.000100", said="12 of 16", at=at(0))


def test_what_was_never_said_is_not_known(store: Store) -> None:
    assert store.notices.notice(HOT.key, HOT.channel) is None


def test_what_was_said_is_known_by_key_and_channel(store: Store) -> None:
    store.notices.note(HOT)
    store.notices.note(replace(HOT, channel="C2", ts="2"))
    assert store.notices.notice(HOT.key, "C1") == HOT
    assert store.notices.notice(HOT.key, "C3") is None


def test_what_is_said_later_replaces_it(store: Store) -> None:
    store.notices.note(HOT)
    later = replace(HOT, said="13 of 17", at=at(5))
    store.notices.note(later)
    assert store.notices.notice(HOT.key, HOT.channel) == later


def test_what_is_forgotten_was_never_said(store: Store) -> None:
    store.notices.note(HOT)
    store.notices.note(replace(HOT, channel="C2"))
    store.notices.forget(HOT.key, HOT.channel)
    store.notices.forget(HOT.key, "C3")
    assert store.notices.notice(HOT.key, HOT.channel) is None
    assert store.notices.notice(HOT.key, "C2") is not None
