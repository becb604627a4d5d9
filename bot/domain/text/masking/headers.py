"""Secrets in headers of HTTP, as logs, code and commands write them down."""

from __future__ import annotations

from bot.domain.text.masking.place import Places, has_digit, hide, place
from bot.domain.text.masking.values import looks_random

_SAYS = r"\\{0,3}[\"'\]]{0,2}[ \t]{0,4}(?:=>|[:=,])[ \t]{0,4}b?\\{0,3}[\"']?"
"""Between a header's name and its value."""
_SCHEMES = r"bearer|basic|token|digest|negotiate|aws4-hmac-sha256|apikey|splunk|genie[_-]?key|bot|key|ssws|pat"
_WITH_FIELDS = "digest|aws4-hmac-sha256"
_BASE64 = r"[A-Za-z0-9+/]"
_ENDED = r"(?P<hidden>(?:[A-Za-z0-9+/]{4}){2,16384}(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?)(?![\w+/=-])"
_COOKIE = r"(?P<hidden>(?!\[masked )[\w.!#$%&*+^`|~-]{1,128}=[^\n\"']{1,8192})"


def _is_base64_login(value: str) -> bool:
    return value.endswith("=") or looks_random(value)


def _is_credential(value: str) -> bool:
    return has_digit(value) or looks_random(value)


PLACES: Places = {
    "auth": (
        place("authorization", "authorization", rf"(?i)authorization{_SAYS}(?:{_SCHEMES})[ \t]{{1,4}}",
              hide(r"[^\s\"'\\]", 4, 8192), is_secret=_is_credential),
        place("authorization", "authorization", rf"(?i)authorization{_SAYS}(?:{_WITH_FIELDS})[ \t]{{1,4}}",
              r"(?P<hidden>\w{2,20}=[^\n]{4,4096})"),
        place("authorization", "authorization", rf"(?i)authorization{_SAYS}", hide(r"[^\s\"',;\\]", 8, 8192),
              is_secret=looks_random),
        place("registry login", "auth", rf"auth{_SAYS}{_ENDED}", is_secret=_is_base64_login),
    ),
    "bearer": (place("bearer token", "bearer", r"(?i)bearer(?<!\wbearer)[ \t:=]{1,4}[\"']?",
                     r"(?P<hidden>(?=\D{0,200}\d)[\w.~+/=-]{12,8192})"),),
    "basic ": (place("basic login", "basic ", rf"(?i:basic)[ \t]{{1,4}}{_ENDED}", is_secret=_is_base64_login),),
    "cookie": (
        place("cookie", "cookie", f"(?i)cookie{_SAYS}{_COOKIE}"),
        place("cookie", "--cookie ", rf"--cookie \\?[\"']?{_COOKIE}"),
    ),
}  # fmt: skip
