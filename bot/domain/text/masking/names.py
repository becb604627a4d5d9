"""How sure a name is that its value is a secret: `DB_PASSWORD` is, `max_token` is not, `key` alone says nothing. A name
is read by its words, the last one that means something first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache


class Surety(IntEnum):
    """What a name tells of its value."""

    NONE = 0
    """It is no secret."""
    IF_RANDOM = 1
    """It is one if it looks like nothing that a person would choose or read, and is no UUID."""
    IF_RANDOM_OR_UUID = 2
    """It is one if it looks so, or is a UUID."""
    IF_NO_WORD = 3
    """It is one unless it is a word, a number or a placeholder."""
    PASSWORD = 4
    """It is one unless it is a placeholder; a password may be a word or a number."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = _words("""
    password passwd passwort passphrase passcode pwd passwords
""")
_SECRETS = _words("""
    secret secrets credential credentials creds cred apikey accesskey secretkey privatekey authkey apitoken
    authtoken accesstoken bearertoken jwt authorization connectionstring connstr dockerconfigjson dockercfg
    identitytoken registrytoken mnemonic
""")
_LOOSE = _words("""
    auth session sessionid sid bearer sig signature cookie pat sas otp pin dsn webhook hmac
""")
_ENDINGS = (
    ("password", Surety.PASSWORD), ("passwd", Surety.PASSWORD), ("passphrase", Surety.PASSWORD),
    ("secret", Surety.IF_NO_WORD), ("apikey", Surety.IF_NO_WORD), ("accesskey", Surety.IF_NO_WORD),
    ("secretkey", Surety.IF_NO_WORD), ("privatekey", Surety.IF_NO_WORD), ("token", Surety.IF_RANDOM_OR_UUID),
    ("sessionid", Surety.IF_RANDOM), ("sessid", Surety.IF_RANDOM),
)  # fmt: skip
"""Of words written together: `dbpassword`, `clientsecret`."""
_NO_PASS = _words("""
    first second third last next final num max min per by forward backward one two single multi full all high
    low band render shadow test tests training eval current previous this each every no did must
""")
_OF_A_KEY = _words("""
    api access account private secret auth signing signature encryption encrypt crypt crypto cipher storage
    shared license licence service deploy subscription master session consumer client server ssh rsa dsa ecdsa
    aes hmac jwt webhook ingest application app developer dev admin root sas fernet functions function host rest
    rpc tls ssl gpg pgp registration integration management enc
""")
_NO_KEY = _words("""
    primary foreign sort partition cache public pub hash row object s3 bucket path lookup group dedup dedupe
    join natural unique index composite range map dict config label annotation field column attribute
    state weight param parameter layer module metric feature missing unexpected invalid unknown load arrow hot
    shift control any enter sorting ordering idempotency
""")
_OF_A_TOKEN = _words("""
    access auth oauth oauth2 api refresh id identity bearer session secret csrf xsrf hf huggingface github gh
    gitlab gl slack bot app user personal service account sa deploy registry npm pypi docker vault k8s kube
    kubernetes bootstrap join cluster node agent admin root private security sts gcp aws azure cloudflare cf
    sonar telegram discord wandb runner ci job git client device push login jwt sso verification reset invite
    activation webhook master
""")
_NO_TOKEN = _words("""
    pad eos bos unk sep cls mask max min num new next stop start end per image first last special prompt added
    begin audio video tool decoder input output continue continuation page next total unexpected token
    each every of a the this that current previous
""")
_TAILS = _words("""
    value val base64 b64 data string str text raw plain plaintext encoded enc hex default current old new prev
    previous prod production dev development stage staging test live env var
""")
"""Words at the end of a name that change nothing; so do numbers."""
_SERVICES = _words("""
    datadog dd wandb comet neptune heroku mailgun twilio algolia cloudflare airtable asana codecov confluent
    contentful dropbox droneci fastly finnhub flickr gitter jfrog artifactory kraken kucoin launchdarkly
    mattermost messagebird netlify newrelic nytimes okta plaid rapidapi sendbird snyk splunk squarespace sumo
    sumologic travis twitch twitter zendesk mapbox mixpanel segment amplitude opsgenie pagerduty pushover
    deepgram elevenlabs cohere mistral together deepseek assemblyai kaggle clearml lambdalabs paperspace vast
    runpod
""")
"""Services whose keys have no beginning of their own."""


_NOUNS: Mapping[str, Surety] = {
    **dict.fromkeys(_SERVICES | _LOOSE, Surety.IF_RANDOM),
    **dict.fromkeys(_SECRETS, Surety.IF_NO_WORD),
    **dict.fromkeys(_PASSWORDS, Surety.PASSWORD),
}
_QUALIFIED: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "key": (_OF_A_KEY, _NO_KEY),
    "token": (_OF_A_TOKEN, _NO_TOKEN),
    "pass": (frozenset(), _NO_PASS),
}
"""What says little by itself: words before it that make it a secret surely, and those that make it none."""


@lru_cache(4096)
def surety(name: str) -> Surety:
    """What a name tells of its value, however its words are joined."""
    words = [word.lower() for word in _WORD.findall(name[-64:])]
    while len(words) > 1 and (words[-1] in _TAILS or words[-1].isdigit()):
        words.pop()
    if not words:
        return Surety.NONE
    if words[-1] == "id" and words[-2:-1] in (["key"], ["secret"]):
        return Surety.IF_RANDOM_OR_UUID
    return _of(words[-1], words[:-1])


def _of(last: str, before: list[str]) -> Surety:
    if last in _QUALIFIED:
        return _by_the_word_before(before[-1] if before else "", last)
    if last in _NOUNS:
        return _NOUNS[last]
    return next((sure for ending, sure in _ENDINGS if last.endswith(ending)), Surety.NONE)


def _by_the_word_before(said: str, last: str) -> Surety:
    surely, never = _QUALIFIED[last]
    if said in never or (not said and last != "token"):
        return Surety.NONE
    if last == "pass":
        return Surety.PASSWORD
    return Surety.IF_NO_WORD if said in surely or said in _SERVICES else Surety.IF_RANDOM_OR_UUID
