"""Tokens that tell by themselves what they are: a beginning that a service gave them, and how many characters of which
alphabet follow. The facts are from gitleaks' rules (MIT, commit 009e025ad410), detect-secrets 1.5.0 (Apache-2.0) and
the services' own pages; the notation is ours. Lengths are lower bounds below the real ones, so that a token that was
cut off or made longer is still one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD, _ALNUM, _HEX, _UPPER = r"[\w-]", "[A-Za-z0-9]", "[A-Fa-f0-9]", "[A-Z0-9]"
_HOST = r"[\w.*-]{1,253}"
_BASE64 = "[A-Za-z0-9+/=_-]"
_UUID = rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}"

# kind · beginnings, each up to its first `-`, `_`, `.` or `~` · the rest. Where the rest says nothing of the beginning,
# every one of them may have it.
_SEPARATED: tuple[tuple[str, str, str], ...] = (
    ("GitHub token", "ghp gho ghu ghs ghr", r"_\w{16,255}"),
    ("GitHub token", "github", r"_pat_\w{16,255}"),
    ("GitLab token", "glpat gldt glrt glrtr glcbt glptt glft glimt glagent gloas glsoat glffct", r"-[\w.-]{16,1024}"),
    ("Slack token", "xoxa xoxb xoxc xoxd xoxe xoxo xoxp xoxr xoxs xapp", r"(?:\.xox[a-z])?-[\w.%-]{8,512}"),
    ("Hugging Face token", "hf", rf"_{_ALNUM}{{20,128}}"),
    ("Hugging Face token", "api", rf"_org_{_ALNUM}{{20,128}}"),
    ("model API key", "sk", r"-(?:proj|svcacct|admin|service|None|ant(?:-\w{2,12})?|or-v1|lf|or)-[\w-]{16,512}"),
    ("model API key", "sk", rf"-(?:{_ALNUM}{{20,128}}|{_UUID})"),
    ("Stripe key", "sk rk", rf"_(?:live|test|prod)_{_ALNUM}{{10,256}}"),
    ("webhook secret", "whsec", rf"_{_BASE64}{{24,128}}"),
    ("NVIDIA API key", "nvapi", r"-[\w-]{20,128}"),
    ("Groq key", "gsk", rf"_{_ALNUM}{{20,128}}"),
    ("Replicate token", "r8", rf"_{_ALNUM}{{20,64}}"),
    ("xAI key", "xai", rf"-{_ALNUM}{{32,128}}"),
    ("Perplexity key", "pplx", rf"-{_ALNUM}{{32,64}}"),
    ("Fireworks key", "fw", rf"_{_ALNUM}{{20,64}}"),
    ("LangSmith key", "lsv2 ls", r"(?:_(?:pt|sk))?_+[a-f0-9]{32}(?:_[a-f0-9]{10})?"),
    ("Pinecone key", "pcsk", r"_[\w-]{32,128}"),
    ("Tavily key", "tvly", r"-[\w-]{20,64}"),
    ("Jina key", "jina", r"_[\w-]{32,80}"),
    ("Voyage key", "pa", r"-[\w-]{40,64}"),
    ("Anyscale key", "esecret aph0", rf"_{_ALNUM}{{20,64}}"),
    ("RunPod key", "rpa", rf"_{_ALNUM}{{32,64}}"),
    ("Modal token", "ak as", rf"-{_ALNUM}{{22}}\b"),
    ("W&B key", "wandb", r"_v1_[\w-]{32,128}"),
    ("Prefect key", "pnu pnb", rf"_{_ALNUM}{{32,64}}"),
    ("package token", "pypi", r"-[\w-]{16,512}"),
    ("package token", "npm", rf"_{_ALNUM}{{30,64}}"),
    ("package token", "dckr", r"_(?:pat|oat)_[\w-]{16,64}"),
    ("package token", "rubygems", rf"_{_HEX}{{40,64}}"),
    ("package token", "CLOJARS", rf"_{_ALNUM}{{40,80}}"),
    ("Vault token", "hvs hvb hvr", r"\.[\w-]{20,400}"),
    ("Vault token", "s b r", rf"\.(?=[A-Za-z]{{0,23}}\d){_ALNUM}{{24}}(?![\w.])"),
    ("Doppler token", "dp", rf"\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{{1,40}}\.)?{_ALNUM}{{32,64}}"),
    ("DigitalOcean token", "dop doo dor", r"_v1_[a-f0-9]{32,64}"),
    ("Tailscale key", "tskey", r"-(?:auth|api|client|scim|webhook)?-?[\w-]{16,80}"),
    ("Google OAuth token", "ya29", r"\.[\w.-]{20,2048}"),
    ("Google OAuth token", "GOCSPX", r"-[\w-]{20,64}"),
    ("SendGrid key", "SG", r"\.[\w-]{16,32}\.[\w-]{32,64}"),
    ("Brevo key", "xkeysib xsmtpsib", rf"-{_HEX}{{40,64}}(?:-{_ALNUM}{{8,24}})?"),
    ("Mailgun key", "key pubkey", rf"-{_HEX}{{32}}\b"),
    ("Postman key", "PMAK", rf"-{_HEX}{{24}}-{_HEX}{{34}}"),
    ("Octopus key", "API", rf"-{_UPPER}{{25,32}}\b"),
    ("New Relic key", "NRAK NRII NRJS NRRA NRAL NRSP", r"-[\w-]{19,64}"),
    ("Grafana token", "glsa", rf"_{_ALNUM}{{24,64}}_{_HEX}{{8}}"),
    ("Grafana token", "glc", rf"_{_BASE64}{{32,400}}"),
    ("Sentry token", "sntrys", rf"_{_BASE64}{{32,512}}"),
    ("Sentry token", "sntryu sntrya sntryi", rf"_{_HEX}{{40,64}}"),
    ("Dynatrace token", "dt0c01 dt0s01 dt0s02 dt0s08 dt0s16", rf"\.{_UPPER}{{8,24}}\.{_UPPER}{{40,64}}"),
    ("PlanetScale secret", "pscale", r"_(?:tkn|oauth|pw)_[\w=.-]{24,64}"),
    ("Supabase key", "sbp", rf"_(?:oauth_)?{_HEX}{{40}}"),
    ("Supabase key", "sb", r"_secret_[\w-]{20,64}"),
    ("Linear key", "lin", rf"_(?:api|oauth)_{_ALNUM}{{32,64}}"),
    ("Notion token", "ntn secret", rf"_{_ALNUM}{{40,60}}\b"),
    ("Figma token", "figd figo figu figr", r"_[\w-]{32,64}"),
    ("Typeform token", "tfp", r"_[\w.=-]{40,80}"),
    ("Shopify token", "shpat shpca shppa shpss shptka", rf"_{_HEX}{{32}}"),
    ("Shippo token", "shippo", rf"_(?:live|test)_{_HEX}{{32,48}}"),
    ("Square token", "sq0atp sq0csp sq0idp", r"-[\w-]{22,64}"),
    ("PayPal token", "access", r"_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    ("Plaid token", "access public link", rf"-(?:sandbox|development|production)-{_UUID}"),
    ("Flutterwave key", "FLWSECK FLWPUBK", rf"(?:_TEST)?-{_ALNUM}{{12,40}}(?:-X)?"),
    ("Duffel token", "duffel", rf"_(?:live|test)_{_BASE64}{{32,64}}"),
    ("Frame.io token", "fio", rf"-u-{_BASE64}{{48,80}}"),
    ("Adobe secret", "p8e", rf"-{_ALNUM}{{32}}"),
    ("Netlify token", "nfp nfc nfo nfu", rf"_{_ALNUM}{{32,64}}"),
    ("Fly.io token", "fo1 fm1a fm1r fm2", rf"_{_BASE64}{{40,4096}}"),
    ("Heroku key", "HRKU", r"-[\w-]{36,80}"),
    ("Scalingo token", "tk", r"-us-[\w-]{40,64}"),
    ("Pulumi token", "pul", rf"-{_HEX}{{40}}"),
    ("Infracost key", "ico", rf"-{_ALNUM}{{32}}"),
    ("ReadMe key", "rdme", r"_[a-z0-9]{48,80}"),
    ("Sourcegraph token", "sgp", rf"_(?:{_HEX}{{16}}_|local_)?{_HEX}{{40}}"),
    ("SettleMint token", "sm", rf"_(?:aat|pat|sat)_{_ALNUM}{{16}}"),
    ("Buildkite token", "bkua bkct bkpat", rf"_{_ALNUM}{{32,80}}"),
    ("CircleCI token", "CCIPAT CCIPRJ", rf"_{_ALNUM}{{16,32}}_{_HEX}{{40}}"),
    ("Harness token", "pat sat", r"\.[\w-]{22}\.[0-9a-f]{24}\.\w{20}"),
    ("1Password token", "ops", rf"_eyJ{_BASE64}{{40,4096}}"),
    ("1Password key", "A3", rf"-{_UPPER}{{6}}-{_UPPER}{{6}}(?:-?{_UPPER}{{5}}){{4}}"),
    ("age key", "AGE", r"-SECRET-KEY-1[A-Z0-9]{40,80}"),
    ("OpenShift token", "sha256", r"~[\w-]{40,64}"),
    ("Elastic key", "essu", rf"_{_BASE64}{{40,128}}"),
    ("Amazon MWS token", "amzn", rf"\.mws\.{_UUID}"),
    ("Contentful token", "CFPAT", r"-[\w-]{40,64}"),
    ("PostHog key", "phx phc phs", r"_[\w-]{32,64}"),
    ("Cloudinary key", "cloudinary", r"://\d{8,20}:[\w-]{16,64}(?=@)"),
    ("Authress key", "sc ext scauth authress", r"_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.\S{30,120}"),
    ("Cloudflare key", "v1", rf"\.0-{_HEX}{{24}}-{_HEX}{{100,160}}"),
)  # fmt: skip
# kind · beginnings · the rest, of tokens whose beginning runs on without a mark.
_JOINED: tuple[tuple[str, str, str], ...] = (
    ("AWS key id", "AKIA ASIA ABIA ACCA A3T", r"[A-Z0-9]{16,17}\b"),
    ("AWS key", "ABSK", rf"{_BASE64}{{60,300}}"),
    ("Google API key", "AIza", r"[\w-]{30,40}"),
    ("GitLab token", "GR13", r"48941[\w-]{16,64}"),
    ("Databricks token", "dapi dkea dose", r"[a-f0-9]{32}(?:-\d)?\b"),
    ("Atlassian token", "ATAT ATCT", r"T3[\w=-]{40,400}"),
    ("Atlassian token", "ATBB", rf"{_ALNUM}{{28,40}}\b"),
    ("Artifactory key", "AKCp", rf"{_ALNUM}{{40,80}}\b"),
    ("Artifactory key", "cmVm", rf"d{_ALNUM}{{48,64}}\b"),
    ("Alibaba key id", "LTAI", rf"{_ALNUM}{{12,24}}\b"),
    ("Tencent key id", "AKID", rf"{_ALNUM}{{28,36}}\b"),
    ("Yandex key", "AQVN", r"[\w-]{35,40}"),
    ("EasyPost key", "EZAK EZTK", rf"{_ALNUM}{{40,60}}\b"),
    ("Facebook token", "EAAA EAAB EAAC EAAG EAAM", rf"{_ALNUM}{{40,400}}\b"),
    ("Twilio key", "SK", r"[0-9a-z]{32}\b"),
    ("Scaleway key id", "SCW", r"[A-Z0-9]{17}\b"),
    ("NuGet key", "oy2", r"[a-z0-9]{43}\b"),
    ("crates.io token", "cio", rf"{_ALNUM}{{32}}\b"),
    ("Airtable token", "pat", rf"{_ALNUM}{{14}}\.{_HEX}{{64}}"),
    ("ClickHouse key", "4b1d", rf"{_ALNUM}{{38}}\b"),
    ("Google HMAC key id", "GOOG", rf"1[EU]?{_UPPER}{{18,60}}\b"),
    ("OpenAI key", "sess", rf"-{_ALNUM}{{40}}\b"),
    ("JWT", "eyJ", r"[\w-]{8,8192}\.[\w-]{8,16384}(?:\.[\w-]{0,8192}){0,3}"),
    ("encoded token", "eyJ", r"[\w+/=-]{40,16384}(?![\w.])"),
    ("JWT", "ZXlK", r"[\w+/-]{40,16384}={0,2}"),
)  # fmt: skip

Format = tuple[str, re.Pattern[str]]
"""A kind, and what a text has to match from the token's first character on."""


def _by_beginning(
    rows: tuple[tuple[str, str, str], ...], length: int | None = None
) -> Mapping[str, tuple[Format, ...]]:
    table: dict[str, tuple[Format, ...]] = {}
    for kind, beginnings, rest in rows:
        for beginning in beginnings.split():
            known = table.get(beginning[:length], ())
            table[beginning[:length]] = (*known, (kind, re.compile(re.escape(beginning) + rest)))
    return table


SEPARATED = _by_beginning(_SEPARATED)
"""Formats by what stands before their first mark."""
JOINED = _by_beginning(_JOINED, 2)
"""Formats by their first two characters."""

_ANYWHERE: Mapping[str, tuple[tuple[str, str], ...]] = {
    ".": (
        ("Terraform token", rf"(?<![A-Za-z0-9]){_ALNUM}{{10,20}}\.atlasv1\.[\w=-]{{40,90}}"),
        ("Discord token", rf"(?<![\w.-])[MNO]{_WORD}{{23,27}}\.[\w-]{{6,7}}\.[\w-]{{27,40}}(?![\w.-])"),
        ("Dropbox token", r"(?<![\w.])sl\.(?:u\.)?[\w-]{60,2048}"),
    ),
    ":": (
        ("cluster token", r"(?<![A-Za-z0-9])K10[a-f0-9]{40,64}::[\w.-]{1,40}:[\w.-]{8,128}"),
        ("Telegram token", r"(?<![\w.:])\d{8,10}:(?=[\w-]{0,30}[A-Z])[\w-]{35}(?![\w-])"),
        ("Rancher token", r"(?<![\w-])token-[a-z0-9]{5}:[a-z0-9]{40,64}(?!\w)"),
        (
            "pgpass",
            rf"(?<![^\s\"']){_HOST}:(?:\d{{4,5}}|\*):{_HOST}:{_HOST}:(?P<hidden>[^\s:\[\\]{{3,256}}?)(?=[\"'\\]{{0,3}}(?:\s|$))",
        ),
    ),
    "_mmk": (("MaxMind key", rf"(?<![A-Za-z0-9]){_ALNUM}{{6}}_{_ALNUM}{{29}}_mmk"),),
    "Q~": (("Azure secret", r"(?<![\w.~-])[\w.~]{3}\dQ~[\w.~-]{31,40}"),),
    "-us": (("Mailchimp key", r"(?<![\w-])[0-9a-z]{32}-us\d{1,2}(?!\w)"),),
    "1//0": (("Google OAuth token", r"(?<![\w/.])1//0[\w-]{30,256}"),),
}
ANYWHERE: Mapping[str, tuple[Format, ...]] = {
    part: tuple((kind, re.compile(shape)) for kind, shape in shapes) for part, shapes in _ANYWHERE.items()
}
"""Formats whose beginning is not always the same, by a part that they have. A group `hidden` is the secret."""
