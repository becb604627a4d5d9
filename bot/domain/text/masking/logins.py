"""Logins in commands, in files of logins, in SQL, and hashes of passwords."""

from __future__ import annotations

import re

from bot.domain.text.masking.place import BARE, HIDDEN_WORD, Places, has_digit, hide, place
from bot.domain.text.masking.values import is_said

_THEN = r"(?:[^\n]{0,300}?[ \t])?"
"""Other words of the command."""
_USER = r"[\"']?[\w.@\\-]{1,128}:"
_PASSWORD = r"(?![\"']?(?:-|/|\d{1,5}(?::\d{1,5})?(?:/\w{1,4})?(?:[ \t\n]|$)))" + HIDDEN_WORD
"""A word that is no option, path or port."""
_WITH_P = (
    "mysql|mariadb|mongo|sshpass|sqlcmd|bcp |unzip|7z |clickhouse-client|cqlsh|influx |rabbitmqadmin|snowsql|ipmitool"
)
"""Commands whose -p or -P is a password."""
_QUOTED = r"(?P<quote>[\"'])(?P<hidden>(?!\[masked )[^\n\"']{1,256})(?P=quote)"
_CRYPT = (
    r"2[abxy]\$\d\d\$[./A-Za-z0-9]{20,60}|(?:1|5|6|y|7|apr1|sha1|md5)\$[^\s:'\"]{8,200}"
    r"|(?:argon2(?:id|i|d)|scrypt)\$[^\s:'\"]{16,300}"
)
_OTHER_HASHES = (
    r"pbkdf2[_:-]sha(?:1|256|512)[$:]\d{1,9}[$:][^\s'\"]{8,300}|\{s?sha(?:256|384|512)?\}[a-z0-9+/=]{16,200}"
    r"|bcrypt_sha256\$[^\s'\"]{8,200}"
)
_AND_WORD = r"[ \t]{1,8}\S{1,128}\s{1,16}"
_FIGURES = re.compile(r"[\d.,:/TZ+-]+$")


def _is_chosen(value: str) -> bool:
    """Whether a person may have made it up as a password: it has a digit, and is no number, time or address."""
    return has_digit(value) and not _FIGURES.match(value) and not ("@" in value and "." in value)


def _is_no_state(value: str) -> bool:
    return not is_said(value, "")


PLACES: Places = {
    " -": (
        place("option of a command", _WITH_P, rf"(?i:{_WITH_P})\w{{0,12}}{_THEN}-[pP] ?{_PASSWORD}"),
        place("option of a command", " login ", rf"(?i: login ){_THEN}-p ?{_PASSWORD}"),
        place("option of a command", "redis-cli|ldap", rf"(?:redis-cli|ldap\w{{1,12}}) {_THEN}(?:-[aw]|--pass) ?",
              HIDDEN_WORD),
        place("option of a command", "--from-literal", r"--from-literal[= ][\"']?[\w.-]{1,253}=", hide(BARE, 1, 4096)),
        place("option of a command", "echo ", f"echo (?:-n )?{HIDDEN_WORD}",
              r"[\"']?[ \t]{0,4}\|[^\n]{0,200}--password-stdin"),
        place("option of a command", "pass:", f"pass:{HIDDEN_WORD}"),
        place("login of a command", "curl", rf"curl {_THEN}(?:-u|-U|--user|--proxy-user)[ =]?{_USER}",
              hide(BARE, 1, 256)),
        place("login of a command", "--user ", f"--user {_USER}", hide(BARE, 4, 256)),
        place("login of a command", "http |https |xh ", rf"(?:https?|xh) {_THEN}(?:-a|--auth)[ =]{_USER}",
              hide(BARE, 1, 256)),
        place("cookie", "curl", rf"curl {_THEN}-b[ =]?\\?[\"']?",
              r"(?P<hidden>(?!\[masked )[\w.-]{1,64}=[^\n\"']{1,4096})"),
    ),
    "passw": (
        place("netrc", "login |user ", rf"(?i)(?:login|user){_AND_WORD}(?:account{_AND_WORD})?",
              r"passw(?:or)?d[ \t]{1,8}", hide(r"\S", 1, 256), is_secret=_is_no_state),
        place("password", "password |passwd ", r"(?i)passw(?:or)?d(?: [\w-]{1,30}){0,4}?",
              r" (?:is|was|(?:set|changed|reset) to) [\"']?(?P<hidden>[^\s\"']{4,128})", is_secret=_is_chosen),
        place("password", "password ", rf"(?i)password[ \t]{{1,4}}e?{_QUOTED}",
              r"(?![ \t]{0,2}(?:not|is|was|does|must|field))"),
        place("password", "key=", r"(?i)key=\\?\"(?:cleartext)?password\\?\"\s{0,4}value=\\?\"",
              hide(r"[^\"\n]", 1, 512)),
    ),
    "identified": (place("password", "identified ", rf"(?i)identified (?:with \w{{1,40}} )?by {_QUOTED}"),),
    "$": (place("password hash", "$", rf"(?P<hidden>\$(?:{_CRYPT}))"),),
    "sha": (place("password hash", "pbkdf2|{ssha|{sha|bcrypt_sha", f"(?i)(?P<hidden>{_OTHER_HASHES})"),),
    "wandb": (place("W&B key", "wandb", r"(?i)wandb[^\n]{0,60}?(?:login|key|token|password)[^\n]{0,30}?(?<![\w/-])",
                    r"(?P<hidden>[0-9a-f]{40})(?![\w-])"),),
    "kty": (place("private key", '"d|"p|"q|"k', r"\"[dpqk][piq]?\\?\"\s{0,4}:\s{0,4}\\?\"",
                  hide(r"[\w+/=-]", 16, 4096)),),
}  # fmt: skip
