"""The words of the commands: verbs and their synonyms, what a name means after which word, what says nothing.

Everything that `grammar` knows about English stands here, as tables.
"""

from __future__ import annotations

from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "analyze": "analyze", "analyse": "analyze", "analysis": "analyze", "patterns": "analyze", "report": "analyze",
    "stats": "stats", "statistics": "stats", "counts": "stats",
    "fix": "fix", "remediate": "fix", "solve": "fix",
    "job": "job", "explain": "job", "why": "job",
    "node": "node", "host": "node", "image": "image", "wrong": "wrong", "matter": "wrong",
    "unknown": "unknown", "unknowns": "unknown", "unexplained": "unknown",
    "solutions": "solutions", "fixes": "solutions", "knowledge": "solutions",
    "subscribe": "subscribe", "try": "try", "unsubscribe": "unsubscribe", "subscriptions": "subscriptions",
    "digest": "digest", "review": "digest",
    "cost": "cost", "costs": "cost", "waste": "cost", "wasted": "cost", "spend": "cost", "expensive": "cost",
    "retry": "retry", "rerun": "retry", "resubmit": "retry",
    "predict": "predict", "prediction": "predict", "predictions": "predict", "forecast": "predict", "will": "predict",
    "incidents": "incidents", "alerts": "incidents", "maintenance": "maintenance",
    "help": "help", "commands": "help", "?": "help",
}  # fmt: skip
"""What a verb means: the command of that name."""
NEAREST = (
    "analyze", "stats", "fix", "remediate", "job", "node", "image", "unknown", "solutions", "digest", "cost", "predict",
    "retry", "subscribe", "unsubscribe", "subscriptions", "incidents", "maintenance", "help",
)  # fmt: skip
"""Verbs that are suggested for a misspelt one."""


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
NOISE: Mapping[str, frozenset[str]] = {
    "analyze": ARTICLES | _set("failures failure patterns analysis jobs all projects of"),
    "stats": ARTICLES | _set("failures failure statistics jobs all projects of"),
    "unknown": ARTICLES | _set("failures failure errors causes cause jobs all projects of"),
    "fix": ARTICLES | _set("failures failure errors problems problem"),
    "job": ARTICLES | _set("did does is job fail fails failed failing keep keeps"),
    "node": ARTICLES | _set("node host doing ok okay fine healthy broken bad fail fails failed failing jobs happened"),
    "image": ARTICLES | _set("image doing ok okay fine healthy broken bad fail fails failed failing jobs happened"),
    "wrong": ARTICLES,
    "solutions": ARTICLES | _set("known all failures failure errors problems problem"),
    "digest": ARTICLES | _set("week weekly daily failures failure jobs all projects of last"),
    "cost": ARTICLES | _set("failures failure jobs all projects gpu gpus hours money much did do lost"),
    "retry": ARTICLES | _set("job will help does a of"),
    "predict": ARTICLES | _set("failures failure jobs job all projects will next fail"),
    "help": frozenset(),
}
"""Words after the verb that say nothing."""
SLOTS: Mapping[str, Mapping[str, str]] = {
    "analyze": {"": "project", "in": "cluster", "on": "cluster", "for": "project", "from": "project"},
    "stats": {"": "project", "in": "cluster", "on": "cluster", "for": "project", "from": "project"},
    "unknown": {"": "project", "in": "cluster", "on": "cluster", "for": "project", "from": "project"},
    "retry": {"": "job", "in": "project", "for": "job", "of": "job"},
    "cost": {"": "project", "in": "cluster", "on": "cluster", "for": "project", "from": "project", "of": "project"},
    "fix": {"": "failure_type", "for": "job", "in": "project"},
    "job": {"": "job", "in": "project", "for": "project"},
    "node": {"": "node", "in": "cluster", "on": "cluster", "of": "cluster"},
    "image": {"": "image", "in": "cluster", "on": "cluster", "of": "cluster"},
    "wrong": {"": "name", "with": "name", "in": "cluster", "on": "name"}
    | {kind: kind for kind in ("job", "project", "node", "image")},
    "solutions": {"": "failure_type", "for": "failure_type"},
    "digest": {"": "project", "for": "project", "of": "project"},
    "predict": {"": "name", "in": "name", "for": "name", "of": "name"} | dict.fromkeys(("job", "project"), "name"),
    "help": {},
}
"""What a name is, by the verb and the word before it."""
TIMED = frozenset({"analyze", "cost", "stats", "unknown", "node", "image", "wrong"})
"""Verbs that take a period."""
NEEDED: Mapping[str, str] = {"fix": "failure_type", "job": "job", "retry": "job", "node": "node", "image": "image"}
"""The name that a verb cannot do without."""
BEFORE_PERIOD = _set("from for over during within in since")
KINDS: Mapping[str, str] = {"project": "project", "namespace": "project", "cluster": "cluster", "job": "job"}
"""Words that say what kind of name comes next, or came just before."""
THINGS: Mapping[str, str] = {"node": "node", "host": "node", "image": "image"}
"""More of them, where no cause is asked for: "image pull" and "node not ready" are names of causes."""
UNITS = _set("hour day week month")
"""Units that stand for the last one of them."""
STANDING = frozenset({"subscribe", "try", "unsubscribe", "subscriptions", "incidents", "maintenance"})
"""Verbs that `standing` reads, each with its own words."""
WORDS_OF_STANDING = _set("alerts alert digest digests failures daily weekly even empty at from jobs node end")
"""Words that mean something after those verbs."""
NOT_NAMES = frozenset({"on", "with", "the", "last", "past", "today", "yesterday"}).union(
    BEFORE_PERIOD, WORDS_OF_STANDING, UNITS, KINDS, THINGS, VERBS, *NOISE.values()
)
"""Words that `words` quotes where they are names."""
EXAMPLES: Mapping[str, tuple[str, str]] = {
    "analyze": ("/failures analyze ml-team 7d", "/failures analyze last 30 days"),
    "stats": ("/failures stats 30d", "/failures stats ml-team 7d"),
    "unknown": ("/failures unknown ml-team 7d", "/failures unknown last 30 days"),
    "fix": ("/failures fix OOMKilled", "/failures fix OOMKilled for train-bert in ml-team"),
    "job": ("/failures job train-bert", "/failures job train-bert in ml-team"),
    "node": ("/failures node gpu-node-03", "/failures node gpu-node-03 30d in prod-eu"),
    "image": ("/failures image pytorch/pytorch:2.0-cuda11.8", "/failures image pytorch/pytorch 30d"),
    "wrong": ("/failures node gpu-node-03", "/failures job train-bert"),
    "solutions": ("/failures solutions OOMKilled", "/failures solutions"),
    "digest": ("/failures digest ml-team", "/failures subscribe ml-team digest at 9:00"),
    "cost": ("/failures cost ml-team 30d", "/failures cost"),
    "retry": ("/failures retry train-bert", "/failures retry train-bert in ml-team"),
    "predict": ("/failures predict ml-team", "/failures predict"),
    "subscribe": ("/failures subscribe ml-team alerts", "/failures subscribe ml-team digest at 9:00"),
    "try": ("/failures try alerts from 5 jobs", "/failures try ml-team failures"),
    "unsubscribe": ("/failures unsubscribe ml-team alerts", "/failures subscriptions"),
    "maintenance": ("/failures maintenance node gpu-node-03 for 4h", "/failures maintenance end node gpu-node-03"),
}
"""Two commands that work, by the verb a person tried."""
GENERAL = ("/failures analyze ml-team 7d", "/failures help")
