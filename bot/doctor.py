"""`failures doctor`: tries everything the bot needs for real, and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cluster import client as cluster
from bot.domain.checkup import Check, Checkup
from bot.services.ports import Unavailable
from bot.settings import Settings, SlackMode, missing_to_run
from bot.slack import checkup as slack
from bot.slack.manifest import scopes
from bot.store import migrate
from bot.store.store import Store


def examine(settings: Settings) -> Checkup:
    """Look at settings, database, Slack and every cluster. Never raises for what it finds."""
    return Checkup((*_settings(settings), _database(settings), *_slack(settings), *_clusters(settings)))


def _settings(settings: Settings) -> Iterator[Check]:
    missing = missing_to_run(settings)
    for line in missing:
        key, _, expected = line.partition(": not set; ")
        yield Check(f"setting {key}", False, "not set", expected)
    if not missing:
        yield Check("settings", True, f"complete for slack_mode {settings.slack_mode}")


def _database(settings: Settings) -> Check:
    url = settings.store_url
    try:
        store = Store.open(url)
        store.ping()
        store.close()
        at, head = migrate.current(url), migrate.head()
    except Unavailable as error:
        return Check("database", False, str(error), "check db_path or database_url, and that the bot may write there")
    if at != head:
        return Check("database", False, f"its tables are at {at or 'nothing'}, not {head}", "run `failures db upgrade`")
    return Check("database", True, f"reachable, tables at {at}")


def _slack(settings: Settings) -> Iterator[Check]:
    if settings.slack_bot_token is None:
        return
    client = slack.client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    yield slack.bot_token(client, scopes())
    if settings.slack_mode is SlackMode.SOCKET and settings.slack_app_token is not None:
        yield slack.app_token(client, settings.slack_app_token.get_secret_value())
    for name in ("on_call_channel", "digest_channel"):
        if channel := getattr(settings, name):
            yield slack.channel(client, name, channel)


def _clusters(settings: Settings) -> Iterator[Check]:
    for named in settings.watched:
        try:
            api = cluster.connect(named.context)
            version, rights = api.version(), api.access()
            api.close()
        except Unavailable as error:
            remedy = "check KUBECONFIG, its context, and that the API server can be reached from here"
            yield Check(f"cluster {named.name}", False, str(error), remedy)
            continue
        yield Check(f"cluster {named.name}", True, f"Kubernetes {version} at {api.host}")
        for right, allowed in rights:
            yield Check(
                f"cluster {named.name}: may {right.partition(':')[0]}", allowed, right, "apply deploy/rbac.yaml"
            )
