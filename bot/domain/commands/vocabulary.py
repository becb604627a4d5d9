"""The words that `grammar` knows: those of the commands, put together, and those of English, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import get_args

from bot.domain.commands.command import AskAbout, Inquiry


def _set(*words: str) -> frozenset[str]:
    return frozenset(word for text in words for word in text.split())


BEFORE = _set(
    "a an the please hey hi hello can could would you i we me us my our show give get tell run do does did to how",
    "what what's whats",
    "are is was were all most common recent weekly about of on for happened failure failures /failures",
)
"""Words that may stand before the verb of a sentence: "How do I …", "Show me failure …"."""
ARTICLES = _set("a an the this that my our please")
"""Words that may stand before a name."""
INQUIRIES: tuple[type[Inquiry], ...] = get_args(Inquiry)
_STANDING: dict[str, str] = {
    "subscribe": "subscribe", "try": "try", "unsubscribe": "unsubscribe", "subscriptions": "subscriptions",
    "incidents": "incidents", "alerts": "incidents", "maintenance": "maintenance",
}  # fmt: skip
VERBS: Mapping[str, str] = _STANDING | {
    word: each.WORDS.verb for each in INQUIRIES for word in (each.WORDS.verb, *each.WORDS.synonyms.split())
}
"""What a verb means: the command of that name."""
NEAREST = (
    *(word for each in INQUIRIES if each is not AskAbout for word in (each.WORDS.verb, *each.WORDS.suggested.split())),
    *("subscribe", "unsubscribe", "subscriptions", "incidents", "maintenance"),
)
"""Verbs that are suggested for a misspelt one."""
NOISE: Mapping[str, frozenset[str]] = {each.WORDS.verb: ARTICLES | _set(each.WORDS.noise) for each in INQUIRIES}
"""Words after the verb that say nothing."""
SLOTS: Mapping[str, Mapping[str, str]] = {each.WORDS.verb: each.WORDS.names for each in INQUIRIES}
"""What a name is, by the verb and the word before it."""
TIMED = frozenset(each.WORDS.verb for each in INQUIRIES if "length" in {one.name for one in fields(each)})
"""Verbs that take a period."""
NEEDED: Mapping[str, str] = {
    each.WORDS.verb: one.name
    for each in INQUIRIES
    for one in fields(each)
    if one.default is MISSING and each is not AskAbout
}
"""The name that a verb cannot do without. "What is wrong?" asks of everything."""
BEFORE_PERIOD = _set("from for over during within in since")
KINDS: Mapping[str, str] = {"project": "project", "namespace": "project", "cluster": "cluster", "job": "job"}
"""Words that say what kind of name comes next, or came just before."""
THINGS: Mapping[str, str] = {"node": "node", "host": "node", "image": "image"}
"""More of them, where no cause is asked for: "image pull" and "node not ready" are names of causes."""
UNITS = _set("hour day week month")
"""Units that stand for the last one of them."""
STANDING = frozenset(_STANDING.values())
"""Verbs that `standing` reads, each with its own words."""
WORDS_OF_STANDING = _set("alerts alert digest digests failures daily weekly even empty at from jobs node end")
"""Words that mean something after those verbs."""
NOT_NAMES = frozenset({"on", "with", "the", "last", "past", "today", "yesterday"}).union(
    BEFORE_PERIOD, WORDS_OF_STANDING, UNITS, KINDS, THINGS, VERBS, *NOISE.values()
)
"""Words that `words` quotes where they are names."""
EXAMPLES: Mapping[str, tuple[str, str]] = {
    verb: (f"/failures {one}", f"/failures {other}")
    for verb, (one, other) in {
        **{each.WORDS.verb: each.WORDS.examples for each in INQUIRIES},
        "subscribe": ("subscribe ml-team alerts", "subscribe ml-team digest at 9:00"),
        "try": ("try alerts from 5 jobs", "try ml-team failures"),
        "unsubscribe": ("unsubscribe ml-team alerts", "subscriptions"),
        "maintenance": ("maintenance node gpu-node-03 for 4h", "maintenance end node gpu-node-03"),
    }.items()
}
"""Two commands that work, by the verb a person tried."""
GENERAL = EXAMPLES["help"]
