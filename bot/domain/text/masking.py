"""Secrets masked in logs, events and messages before anything is stored, shown or sent: a table of kinds. What is
masked cannot be recovered; the words around it stay, so that the log can still be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret. `near` are lower-case parts, one of which a text must have for the pattern to be tried. The
    pattern's group `hidden` is replaced, or all of the match where there is no such group."""

    name: str
    near: tuple[str, ...]
    pattern: re.Pattern[str]


def _kind(name: str, near: str, *pattern: str) -> Kind:
    """A kind of the table; `near` is written with bars, the pattern in parts."""
    return Kind(name, tuple(near.split("|")), re.compile("".join(pattern)))


# What stands after a secret's name and is none: masked already, a placeholder, a variable, a word of a sentence.
_NONE = (
    r"(?!\[masked|\*{3}|<|\$[({A-Za-z]|(?:none|null|nil|true|false|redacted|str|string|int|bool|undefined|required"
    r"|missing|invalid|expired|not|is|was|and|or|for|from|the|has|with)\b)"
)
_SEPARATOR = r"[\"']?[ \t]{0,4}(?:=>|[:=])[ \t]{0,4}"
_VALUE = r"[^\s'\"`,;&\\)\]}]{3,4096}"
_SCHEME = r"bearer|basic|token|digest|negotiate|aws4-hmac-sha256"
# How the names of secrets end. Anything may stand before: DB_PASSWORD, spring.datasource.password.
_KEYS = "api|access|account|private|secret|auth|signing|encryption|storage|shared|license|service|deploy|subscription"
_ENDS = (
    rf"(?:passw(?:or)?d|passphrase|pwd|secret|credentials?|(?:{_KEYS})[_-]?key|[a-z]_pat)(?:[_-]?(?:id|value|base64))?"
)
_NEAR_NAMES = "|".join(
    ["passw", "passphrase", "pwd", "secret", "credential", "_pat"]
    + [f"{word}{dash}key" for word in _KEYS.split("|") for dash in ("", "_", "-")]
)
# Of language models: pad_token, max_token. A token of these is no secret.
_MODEL_WORDS = ("pad", "eos", "bos", "unk", "sep", "cls", "mask", "max", "min", "num", "new", "next", "stop", "start")
_COUNT_WORDS = ("end", "per", "image", "first", "last", "special", "prompt")
_TOKEN = (
    "".join(rf"(?<!{word}[_-])" for word in _MODEL_WORDS + _COUNT_WORDS) + r"(?<![a-z])token(?:[_-]?(?:value|base64))?"
)

KINDS: tuple[Kind, ...] = (
    _kind("JWT", "eyj", r"(?<![\w-])eyJ[\w-]{8,8192}\.[\w-]{8,16384}(?:\.[\w-]{0,8192})?"),
    _kind("AWS key id", "akia|asia", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _kind("Google API key", "aiza", r"\bAIza[\w-]{35}"),
    _kind("Google OAuth token", "ya29.|gocspx-", r"\b(?:ya29\.[\w.-]{20,2048}|GOCSPX-[\w-]{20,64})"),
    _kind("Azure signature", "sig=", r"(?i)[?&;]sig=(?P<hidden>[\w%+/=-]{16,256})"),
    _kind("Slack token", "xox|xapp-", r"\b(?:xox[a-z](?:\.xox[a-z])?-[\w.-]{8,512}|xapp-[\w-]{8,512})"),
    _kind(
        "Slack webhook",
        "hooks.slack",
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<hidden>[\w/-]{8,256})",
    ),
    _kind("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_", r"\b(?:gh[pousr]_\w{16,255}|github_pat_\w{16,255})"),
    _kind("GitLab token", "glpat-|gldt-|glrt-|glcbt-|glptt-", r"\bgl(?:pat|dt|rt|cbt|ptt)-[\w.-]{16,128}"),
    _kind("Hugging Face token", "hf_|api_org_", r"\b(?:hf|api_org)_[A-Za-z0-9]{20,128}"),
    _kind("model API key", "sk-|sk_|rk_", r"\b(?:sk-[\w-]{20,256}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,128})"),
    _kind("NVIDIA API key", "nvapi-", r"\bnvapi-[\w-]{20,128}"),
    _kind(
        "package token",
        "pypi-|npm_|dckr_pat_|dckr_oat_",
        r"\b(?:pypi-[\w-]{16,512}|npm_[A-Za-z0-9]{30,64}|dckr_[po]at_[\w-]{16,64})",
    ),
    _kind("Vault token", "hvs.|hvb.|hvr.", r"\bhv[sbr]\.[\w-]{20,256}"),
    _kind("DigitalOcean token", "_v1_", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    _kind(
        "authorization",
        "authorization|x-auth|x-api|-token|api-key",
        r"(?i)\b(?:(?:proxy-)?authorization|x-(?:auth|api|access|vault|gitlab|amz-security)-(?:token|key)|api-key)",
        _SEPARATOR,
        rf"[\"']?(?:(?:{_SCHEME})[ \t]{{1,4}})?(?P<hidden>(?!(?:{_SCHEME})\b){_NONE}[^\s'\",;\[]{{4,8192}})",
    ),
    _kind("bearer token", "bearer", r"(?i)\bbearer[ \t]{1,4}(?P<hidden>(?=\D{0,200}\d)[\w.~+/=-]{12,8192})"),
    _kind(
        "password in a URL",
        "://",
        r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s/@:'\"<>\[]{0,256}:",
        r"(?P<hidden>(?!\[masked|\d{1,5}/)[^\s@'\"<>]{1,512})@",
    ),
    _kind("token in a URL", "://", r"(?i)\bhttps?://(?P<hidden>(?=[^\s/@:]{0,200}\d)[\w.~%+-]{16,512})@"),
    _kind(
        "registry login",
        "auth|identitytoken|registrytoken|docker",
        r"(?i)[\"'](?:auth|identitytoken|registrytoken|\.dockerconfigjson|\.dockercfg)[\"']?[ \t]{0,4}:[ \t]{0,4}",
        r"[\"'](?P<hidden>(?!\[masked)[\w+/=.-]{8,65536})[\"']",
    ),
    _kind(
        "quoted password",
        _NEAR_NAMES,
        rf"(?i){_ENDS}{_SEPARATOR}",
        r"(?P<quote>[\"'])(?P<hidden>(?!\[masked)[^\n\"']{1,4096})(?P=quote)",
    ),
    _kind("password", _NEAR_NAMES, rf"(?i){_ENDS}{_SEPARATOR}(?P<hidden>{_NONE}{_VALUE})"),
    _kind("token", "token=", rf"(?i){_TOKEN}=[\"']?(?P<hidden>{_NONE}(?!\d{{1,9}}\b){_VALUE})"),
    _kind(
        "token",
        "token:|token =|token\"|token'|token=|token_|token-|tokenv|tokenb",
        rf"(?i){_TOKEN}{_SEPARATOR}[\"']?(?P<hidden>{_NONE}(?=[^\s\d]{{0,60}}\d)(?=\d{{0,60}}[a-z]){_VALUE})",
    ),
    _kind(
        "option of a command",
        "--",
        rf"(?i)(?<![\w-])--(?:[a-z-]{{1,20}}-)?(?:{_ENDS}|token|key)(?:[ \t]{{1,4}}|=)[\"']?",
        rf"(?P<hidden>(?!-){_NONE}{_VALUE})",
    ),
    _kind("W&B key", "wandb", r"(?i)wandb[^\n]{0,80}?(?<![\w/-])(?P<hidden>[0-9a-f]{40})(?![\w-])"),
    _kind(  # last: it takes whatever follows a key that is cut off, and would take the beginning of a token with it
        "private key",
        "private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<hidden>(?!\[masked)[^-]{1,20000})",
    ),
)


def mask(text: str) -> str:
    """The text with each secret replaced by "[masked KIND]". Masking a masked text changes nothing."""
    folded = text.lower()
    for kind in KINDS:
        for part in kind.near:  # any() takes twice as long, and this is done for every text
            if part in folded:
                text = kind.pattern.sub(partial(_masked, kind.name), text)
                break
    return text


def _masked(name: str, match: re.Match[str]) -> str:
    shown = f"[masked {name}]"
    if "hidden" not in match.re.groupindex:
        return shown
    begin, end = (edge - match.start() for edge in match.span("hidden"))
    return f"{match[0][:begin]}{shown}{match[0][end:]}"
