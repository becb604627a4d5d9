"""The sweep for hot nodes: what is untold? Decide, speak, note. A crash may repeat an edit, never lose an alert."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alert import KEY, RESOLVED, Decision, HotNode, NodeRecovered, decide
from bot.domain.analysis.report import NodeFinding
from bot.domain.period import Period
from bot.services.ports import Messenger, Notice, Notices


def sweep(
    findings: Sequence[NodeFinding],
    notices: Notices,
    messenger: Messenger,
    *,
    channel: str,
    period: Period,
    time_zone: str,
    repeat_after: timedelta,
    now: datetime,
) -> Counter[Decision]:
    """Tell the channel of hot nodes, each in one message that is edited as its numbers change and when it recovers.

    Returns how often each decision was taken. Raises Undelivered; what was not said is said by the next sweep.
    """
    hot = [HotNode(finding=finding, period=period, time_zone=time_zone) for finding in findings]
    known = {notice.key: notice for notice in notices.told(KEY, channel)}
    taken = Counter(
        _tell(node, known.get(node.key), notices, messenger, channel=channel, repeat_after=repeat_after, now=now)
        for node in hot
    )
    still_hot = {node.key for node in hot}
    for key, notice in known.items():
        if key not in still_hot and notice.said != RESOLVED:
            recovered = NodeRecovered.of(key, told_at=notice.at, now=now, time_zone=time_zone)
            messenger.update(channel, notice.ts, recovered)
            notices.note(replace(notice, said=RESOLVED))
            taken[Decision.RESOLVE] += 1
    return taken


def _tell(
    node: HotNode,
    known: Notice | None,
    notices: Notices,
    messenger: Messenger,
    *,
    channel: str,
    repeat_after: timedelta,
    now: datetime,
) -> Decision:
    """Take the decision on one node and carry it out."""
    said, told_at = (known.said, known.at) if known else (None, None)
    decision = decide(said, told_at, node.said, now=now, repeat_after=repeat_after)
    if decision is Decision.EDIT and known:
        messenger.update(channel, known.ts, node)
        notices.note(replace(known, said=node.said))
    elif decision in {Decision.TELL, Decision.REPEAT}:
        ts = messenger.find(channel, node.key, since=told_at or now - repeat_after) if known is None else None
        if ts is not None:  # a crash came between speaking and noting
            messenger.update(channel, ts, node)
        else:
            ts = messenger.post(channel, node, key=node.key)
        notices.note(Notice(node.key, channel, ts, node.said, now))
    return decision
