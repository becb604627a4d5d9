"""`failures doctor`: tries everything the bot needs for real, and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Iterator

from bot import outlets
from bot.cluster import client as cluster
from bot.domain.answers.checkup import Check, Checkup
from bot.rendering import Renderer
from bot.services.errors import Unavailable, Undelivered
from bot.settings import Settings, SlackMode, missing_to_run
from bot.slack import checkup as slack
from bot.slack.manifest import scopes
from bot.store import migrate
from bot.store.store import open_store

_CHANNELS = ("on_call_channel", "digest_channel", "owner")


def examine(settings: Settings) -> Checkup:
    """Look at settings, database, Slack, mail, the pager and every cluster. Says nothing to anybody, and never raises
    for what it finds."""
    return Checkup(
        (
            *_settings(settings),
            _database(settings),
            *_slack(settings),
            *_outlets(settings),
            *_clusters(settings),
        )
    )


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
        store = open_store(url)
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
    named = {channel: name for name in _CHANNELS if (channel := getattr(settings, name))}
    for channel, name in {**_subscribed(settings), **named}.items():
        if not channel.startswith("U"):  # a person can always be written to
            yield slack.channel(client, name, channel)
    if settings.on_call_group is not None:
        yield slack.group(client, "on_call_group", settings.on_call_group)
    for group in settings.responders:
        if group.startswith("S") and group != settings.on_call_group:
            yield slack.group(client, "responders", group)


def _subscribed(settings: Settings) -> dict[str, str]:
    """The channels that people subscribed, and what for. None where the database is away, which is told apart."""
    store = open_store(settings.store_url)
    try:
        made = store.subscriptions.subscriptions()
    except Unavailable:
        return {}
    finally:
        store.close()
    wants = {one.channel: "" for one in made}
    for one in made:
        wants[one.channel] += f", {one.wants} of {one.project or 'all projects'}"
    return {channel: f"subscribed to {said[2:]}" for channel, said in wants.items()}


def _outlets(settings: Settings) -> Iterator[Check]:
    """Mail and the pager, where they are set."""
    renderer = Renderer()
    remedies = {
        "mail": (outlets.mailer(settings, renderer), "check smtp_host, smtp_port, smtp_encryption and the login"),
        "pager": (outlets.pager(settings, renderer), "check pager and pager_url, the proxy and the network"),
    }
    for name, (outlet, remedy) in remedies.items():
        if outlet is None:
            continue
        try:
            yield Check(name, True, outlet.check())
        except Undelivered as error:
            yield Check(name, False, str(error), remedy)
    if settings.digest_mail and settings.smtp_host is None:
        yield Check("mail", False, "digest_mail has addresses, but there is no mail server", "set smtp_host")
    if settings.pager is not None and settings.pager_key is None:
        yield Check("pager", False, "there is no key", "set pager_key")


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
