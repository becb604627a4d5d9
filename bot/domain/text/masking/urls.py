"""Secrets in URLs: logins, keys, signatures, and the paths of webhooks, which are their only key."""

from __future__ import annotations

from bot.domain.text.masking.place import Places, has_digit, hide, place
from bot.domain.text.masking.values import is_uuid, looks_random

_SIGNATURES = (
    r"x-(?:amz|goog|oss|cos|obs)-(?:signature|credential|security-token)|sig|signature|hmac|awsaccesskeyid|ossaccesskeyid"
    r"|googleaccessid|q-signature|security-token"
)
_KEYS = r"key|code|token|auth|api_?key|access_?key|jwt|ticket|sid|policy"
_MARKS = r"?|&|;|~|%26|%3f|\u0026"
_PARAMETER = r"(?i)(?:[?&;~]|%26|%3f|\\u0026)(?:amp;)?"
_IS = "(?:=|%3d)"
_OF_A_QUERY = r"[^\s&;#'\"<>\\]"
_USER = r"(?!\[masked )[^\s/@:'\"<>\[?#]{0,256}"
_AT_HOST = r"@(?=[\w\[.-])(?!sha\d)"
_NO_PORT = r"(?!\d{1,5}(?:[/\s?#]|$))"


def _is_signature(value: str) -> bool:
    return "%" in value or looks_random(value)


def _is_key(value: str) -> bool:
    return is_uuid(value) or looks_random(value)


PLACES: Places = {
    "://": (
        place("password in a URL", "://", f"://{_USER}:{_NO_PORT}", hide(r"[^\s'\"<>]", 1, 512), _AT_HOST),
        place("Sentry DSN", "://", "://", hide("[0-9a-f]", 32, 32), "@"),
        place("token in a URL", "://", "://", hide(r"[\w.~%+-]", 16, 512), "@", is_secret=has_digit),
        place("signature in a URL", _MARKS, f"{_PARAMETER}(?:{_SIGNATURES}){_IS}", hide(_OF_A_QUERY, 8, 8192),
              is_secret=_is_signature),
        place("key in a URL", _MARKS, f"{_PARAMETER}(?:{_KEYS}){_IS}", hide(_OF_A_QUERY, 8, 4096),
              is_secret=_is_key),
        place("webhook", "hooks.slack", r"(?i)hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
              hide(r"[\w/-]", 8, 256)),
        place("webhook", "/webhooks/", r"/webhooks/(?P<hidden>\d{5,25}/[\w-]{20,128})"),
        place("webhook", "/webhookb2/", "/webhookb2/", hide(r"[\w@/-]", 36, 512)),
        place("webhook", "/bot", r"/bot(?P<hidden>\d{6,12}:[\w-]{30,50})"),
        place("webhook", "/hooks/catch/", "/hooks/catch/", hide(r"[\w/-]", 8, 128)),
        place("webhook", "/bot/v2/hook/|hc-ping.com/|/hooks/", r"(?:/bot/v2/hook/|hc-ping\.com/|/hooks/)",
              hide(r"[\w-]", 20, 128)),
    ),
    "sig=": (place("signature in a URL", "sig=", "sig=", hide(r"[\w%+/=-]", 24, 512)),),
}  # fmt: skip
