"""Secrets that stand beside their names, in any notation: `KEY=value`, `"key": "value"`, `--key value`,
`<key>value</key>`, `("key", "value")`, `name: KEY` above `value: ...`. The name says how sure it is (see `names`), the
value decides (see `values`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.text.masking.names import Surety, surety
from bot.domain.text.masking.values import is_secret

STEMS = (
    "pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "sess", "sig", "_pat", "sas", "jwt", "otp",
    "dsn", "webhook", "connstr", "connectionstring", "dockerc", "mnemonic", "hmac", "pin", "datadog", "twilio",
    "algolia", "heroku", "mailgun", "splunk", "pagerduty", "opsgenie",
)  # fmt: skip
"""Parts of which every name of a secret has one."""
Found = tuple[int, int, str]
"""Where a secret begins and ends, and its kind."""
_OF_NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
_OBJECTS = frozenset({"secret", "secrets", "credential", "credentials"})
"""What Kubernetes calls things by, and people: after these and a colon comes a name as often as a value."""
_LONG = 512
_QUOTE = r"(?:\\{0,3}[\"'`]|&quot;|&\#34;|&\#39;|%22)"
_BLANKS = r"[ \t]{0,8}"
_BLOCK = r"(?:[|>][+-]?\d?[ \t\\]{0,4}\n[ \t]{1,40})?"
"""How YAML begins a text of several lines."""
_ASSIGNED = rf"{_QUOTE}?\]?\)?{_BLANKS}(?:=>|:=|={{1,3}}|!=|::?|%3[dDaA]){_BLANKS}{_BLOCK}"
_BETWEEN = re.compile(
    r"(?P<tail>[\w-]{0,40}(?:\.[\w-]{1,40}){0,3})"
    rf"(?:(?P<assigned>{_ASSIGNED})|(?P<listed>{_QUOTE}{_BLANKS},{_BLANKS}(?=[bru]?{_QUOTE}))"
    rf"|(?P<spaced>[ \t]{{1,4}}|[\"'],{_BLANKS}(?=[\"']))|(?P<tagged>>))"
)
"""The rest of a name from its stem on, and what stands between name and value."""
_NAME = re.compile(r"[A-Za-z_ .-]*$")
_WORD_BEFORE = re.compile(r"([A-Za-z]{2,20})[ _-]$")
_QUOTED = re.compile(
    rf"(?:[A-Za-z_][\w.]{{0,24}}\()?[bBrRuUfF]{{0,2}}(?P<quote>{_QUOTE})"
    r"(?P<value>(?:(?!(?P=quote))(?:\\.|[^\n\\])){0,4096}?)(?P=quote)"
)
_ENDS_A_BARE_ONE = (
    r"[\"'`](?![A-Za-z0-9])|\\[nrt\n\"']|&quot;|</|[,;&](?:\s|$|[\w.-]{1,40}[\"']?[=:])|[)\]}>]{1,4}(?:[\s,;.]|$)"
)
_BARE = re.compile(rf"(?:[bBrRuU]{{0,2}}{_QUOTE})?(?P<value>(?:(?!{_ENDS_A_BARE_ONE})\S){{1,512}})")
_MORE = re.compile(r"[^\s\"'`<>;,&|]{1,16384}")
_TEXT = re.compile(r"(?P<value>[^<\n]{1,4096})(?=</)")
_IS = rf"{_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}"
_ENV = re.compile(
    rf"(?i)\bname{_IS}{_QUOTE}?(?P<name>[A-Za-z_][\w.-]{{1,100}}){_QUOTE}?[\s,\\]{{1,40}}{_QUOTE}?value{_IS}"
)
_SECRET_MANIFEST = re.compile(rf"(?i)\bkind{_QUOTE}?\s{{0,4}}:\s{{0,4}}{_QUOTE}?secret\b(?!\w)")
_DATA = re.compile(rf"(?i)\b(?:string)?data{_QUOTE}?[ \t]{{0,4}}:[ \t]{{0,4}}(?P<brace>\{{?)")
_ENTRY = re.compile(
    rf"{_QUOTE}?[\w.-]{{1,253}}{_QUOTE}?[ \t]{{0,4}}:[ \t]{{0,4}}{_QUOTE}?(?P<value>[^\s\"',}}{{\\]{{4,65536}})"
)
_MANIFEST_REACH = 8192


def spans(text: str, folded: str) -> Iterator[Found]:
    """Each such secret. `folded` is the text in lower case, of the same length."""
    for stem in STEMS:
        if stem not in folded:
            continue
        at = folded.find(stem)
        while at >= 0:
            after = at + len(stem)
            found = _beside(text, at, after)
            if found is not None:
                yield found
                after = max(after, found[1])
            at = folded.find(stem, after)
    if "value" in folded and "name" in folded:
        yield from _env(text)
    if "data" in folded and "secret" in folded:
        yield from _manifest(text)


def _beside(text: str, at: int, after: int) -> Found | None:
    """The secret beside the name that has its stem here."""
    between = _BETWEEN.match(text, after)
    if between is None:
        return None
    before = text[max(0, at - 64) : at]
    head = len(before) - len(before.rstrip(_OF_NAMES))
    begin = at - head
    name = text[begin : between.end("tail")]
    sure = surety(_with_word_before(text, begin, name))
    if sure is Surety.NONE:
        return None
    kind = between.lastgroup
    if kind == "spaced":
        return _option(text, name, between.end(), sure)
    if kind == "tagged":
        return _judged(_TEXT.match(text, between.end()), sure, name) if text[begin - 1 : begin] == "<" else None
    if kind == "listed":
        quoted = _QUOTED.match(text, between.end())
        return _judged(quoted, sure, name) if quoted and not _NAME.match(quoted["value"]) else None
    said = between["assigned"]
    in_prose = said[-1:] == " " and said.strip() == ":"
    if in_prose and name.lower() in _OBJECTS:
        sure = Surety.IF_RANDOM_OR_UUID
    return _value(text, between.end(), sure, name, in_prose=in_prose)


def _with_word_before(text: str, begin: int, name: str) -> str:
    """The name, with the word before it where that is part of it: "API key: ..."."""
    if name[:1] == "-" or not (word := _WORD_BEFORE.search(text, max(0, begin - 24), begin)):
        return name
    return f"{word[1]}_{name}" if name.lower() in {"key", "token", "pass", "id"} else name


def _option(text: str, name: str, at: int, sure: Surety) -> Found | None:
    """The word after an option of a command."""
    if name[:1] != "-" or text[at : at + 1] in {"-", ""}:
        return None
    return _value(text, at, max(sure, Surety.IF_NO_WORD), name)


def _value(text: str, at: int, sure: Surety, name: str, *, in_prose: bool = False) -> Found | None:
    return _judged(_QUOTED.match(text, at) or _BARE.match(text, at), sure, name, in_prose=in_prose)


def _judged(value: re.Match[str] | None, sure: Surety, name: str, *, in_prose: bool = False) -> Found | None:
    if value is None:
        return None
    begin, end = value.span("value")
    quoted = "quote" in value.re.groupindex
    after = value.string[end : end + 80].partition("\n")[0]
    if not is_secret(value["value"], after, sure, quoted=quoted, in_prose=in_prose):
        return None
    if not quoted and end - begin >= _LONG and (more := _MORE.match(value.string, end)):
        end = more.end()
    return begin, end, _kind(name, sure)


def _kind(name: str, sure: Surety) -> str:
    if sure is Surety.PASSWORD:
        return "password"
    folded = name.lower()
    return next((kind for kind in ("token", "key", "cookie", "signature") if kind in folded), "secret")


def _env(text: str) -> Iterator[Found]:
    """Values of environment variables as manifests and Go print them, name and value apart."""
    for pair in _ENV.finditer(text):
        if (found := _value(text, pair.end(), surety(pair["name"]), pair["name"])) is not None:
            yield found


def _manifest(text: str) -> Iterator[Found]:
    """What stands under `data` and `stringData` of a Kubernetes Secret."""
    done = 0
    for secret in _SECRET_MANIFEST.finditer(text):
        begin = max(done, secret.start() - _MANIFEST_REACH)
        begin = max(begin, text.rfind("\n---", begin, secret.start()))
        end = min(len(text), secret.end() + _MANIFEST_REACH)
        stop = text.find("\n---", secret.end(), end)
        done = max(done, end if stop < 0 else stop)
        for data in _DATA.finditer(text, begin, done):
            yield from _entries(text, data, done)


def _entries(text: str, data: re.Match[str], end: int) -> Iterator[Found]:
    """The entries after `data:`, up to its closing brace or the next line that is indented less."""
    at = data.end()
    if data["brace"]:
        close = text.find("}", at, end)
        yield from (
            (*entry.span("value"), "secret") for entry in _ENTRY.finditer(text, at, close if close >= 0 else end)
        )
        return
    indent = at - (text.rfind("\n", 0, data.start()) + 1) - (data.end() - data.start())
    at = text.find("\n", at, end)
    while at >= 0:
        stop = text.find("\n", at + 1, end)
        line = text[at + 1 : stop if stop >= 0 else end]
        if not line.strip(" \t\\") or len(line) - len(line.lstrip()) <= indent:
            return
        if entry := _ENTRY.match(line, len(line) - len(line.lstrip())):
            yield at + 1 + entry.start("value"), at + 1 + entry.end("value"), "secret"
        at = stop
