"""Whether a value that stands where a secret may stand is one: placeholders, words, paths, counts and what a program
says of a password are none."""

from __future__ import annotations

import re

from bot.domain.text.masking.names import Surety, surety


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLACEHOLDER = re.compile(
    r"(?i)-{5}BEGIN|\[(?:masked|redacted|hidden|filtered|secret|removed)\b|[*xX.•#_-]{3,}$|<[^<>]{0,80}>?|\$\{|\$\(|\$[A-Za-z_]\w*$|"
    r"\{\{|%\([a-z_]+\)|%[A-Z_]+%$|%s$|\{[\w.]*\}$|(?:REDACTED|CHANGE_?ME|EXAMPLE|PLACEHOLDER|YOUR[_-]|INSERT[_-]|TODO)|"
    r"(?:none|null|nil|true|false|yes|no|undefined|unset|empty|string|str|int|bool|bytes|object|optional)$"
)
_STATE = _words("""
    not is was were are be been has have had and or but for from the a an of in on at to by with without as if
    required missing invalid expired incorrect wrong bad failed failure failing error errors denied rejected
    accepted unknown unsupported unexpected unauthorized forbidden found set changed updated created deleted
    rotated ok okay valid verified provided supplied given specified needed must should will can cannot could
    does did do no none authentication authorization authorized server message client request response header
    headers type basic bearer digest negotiate apply applied applying mount mounted volume named name file path
    key keys token tokens value values field enter prompt retry retrying read reading loaded loading sync synced
    syncing default only too short long length characters chars use using used see check please try again when
    while before after mismatch match matched reset refresh refreshed renew renewed expires expire rate limit
    limited exceeded per count
""")
"""Words of which a sentence about a secret is made."""
_JOINING = _words("""
    and or but for from the a an of in on at to by with without as after before when while again per
""")
"""Those that may as well follow a value."""
_WORDS = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?[,.;:!?]?$")
_PATH = re.compile(
    r"(?:file://|\./|\.\./|~/|[A-Za-z]:\\|/(?:var|etc|home|tmp|usr|opt|mnt|data|root|run|workspace|app|srv|proc|dev|secrets?"
    r"|vault|keys|certs?)(?:/|$))"
)
_REFERENCE = re.compile(
    r"(?:os\.environ|env|process\.env|self|cls|settings|config|secrets?|vars?|args|getpass|input)[.\[(]"
)
_QUANTITY = re.compile(r"[\d.,]{1,15}(?:e[+-]?\d+)?(?:[KMGTP]i?B?|ms|s|m|h|d|%|x)?$", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9]{8,}")
_TURN = re.compile(r"[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])")
_READABLE = re.compile(r"[A-Z][a-z]{2,}|[a-z]{3,}|[A-Z]{2,}(?![a-z])")
_IDENTIFIER = re.compile(r"[A-Za-z]\w*$")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_SHORTEST = {Surety.IF_RANDOM: 8, Surety.IF_RANDOM_OR_UUID: 8, Surety.IF_NO_WORD: 4, Surety.PASSWORD: 3}


def is_secret(value: str, after: str, sure: Surety, *, quoted: bool, in_prose: bool) -> bool:
    """Whether the value of a name this sure is a secret. `after` is the beginning of what follows in its line;
    `in_prose` says that a colon and a blank came before, as they do in sentences."""
    if sure is Surety.NONE or len(value) < _SHORTEST[sure] or _PLACEHOLDER.match(value) or _is_a_name(value):
        return False
    if _PATH.match(value) or (not quoted and _REFERENCE.match(value)):
        return False
    if sure <= Surety.IF_RANDOM_OR_UUID:
        return looks_random(value) or (sure is Surety.IF_RANDOM_OR_UUID and is_uuid(value))
    if not quoted and is_said(value, after):
        return False
    if sure is Surety.PASSWORD:
        return True
    is_word = in_prose and not quoted and _WORDS.match(value)
    return value[0] not in "[{(" and not _QUANTITY.match(value) and (not is_word or looks_random(value))


def looks_random(value: str) -> bool:
    """Whether nobody would have chosen or could read it."""
    if len(value) < 8 or _QUANTITY.match(value) or _UUID.match(value):
        return False
    return any(_is_random(run) for run in _RUN.findall(value))


def _is_random(run: str) -> bool:
    """Of random characters a third or more differ in kind from the one before: hexadecimal digits 0.47, letters and
    digits 0.4, with both cases 0.62 (one minus the sum of the kinds' squared shares). So do CamelCase words, but nearly
    all of them is words, and of random letters of both cases less than half is."""
    turns = len(_TURN.findall(run))
    words = sum(map(len, _READABLE.findall(run)))
    return turns >= 3 and turns >= 0.3 * len(run) and (run.islower() or words < 0.7 * len(run))


def _is_a_name(value: str) -> bool:
    """Whether it is the name of a secret rather than one: the variable that holds it. One word with a digit in it,
    "hunter2secret", is what people choose for a password."""
    if _IDENTIFIER.match(value) is None or surety(value) is Surety.NONE or looks_random(value):
        return False
    return not any(each.isdigit() for each in value) or "_" in value or not value.islower()


def is_uuid(value: str) -> bool:
    """Whether it is a UUID in its usual form."""
    return _UUID.match(value) is not None


def is_said(value: str, after: str) -> bool:
    """Whether it is a state, or the beginning of a sentence that `after` goes on with, rather than a value."""
    if not _WORDS.match(value):
        return False
    if _plain(value) in _STATE:
        return True
    return any(_plain(word) in _STATE - _JOINING for word in after.split()[:6] if _WORDS.match(word))


def _plain(word: str) -> str:
    return word.rstrip(",.;:!?").lower()
