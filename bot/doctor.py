"""`failures doctor`: tries everything the bot needs for real, and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Iterator

from bot import outlets
from bot.cluster import client as cluster
from bot.domain.answers.checkup import Check, CheckResult, Checkup
from bot.domain.scope import Scope
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
        yield Check(f"setting {key}", False, CheckResult.SETTING_MISSING, {"expected": expected})
    if not missing:
        yield Check("settings", True, CheckResult.SETTINGS_COMPLETE, {"mode": settings.slack_mode})


def _database(settings: Settings) -> Check:
    url = settings.store_url
    try:
        store = open_store(url)
        store.ping()
        store.close()
        at, head = migrate.current(url), migrate.head()
    except Unavailable as error:
        return Check("database", False, CheckResult.DATABASE_AWAY, {"error": str(error)})
    if at != head:
        return Check("database", False, CheckResult.TABLES_OTHER, {"at": at or "", "head": head})
    return Check("database", True, CheckResult.DATABASE_WELL, {"at": at})


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
        made = store.subscriptions.subscriptions(Scope.of(settings.allowed_projects))
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
    tried = {
        "mail": (outlets.mailer(settings, renderer), CheckResult.MAIL_AWAY),
        "pager": (outlets.pager(settings, renderer), CheckResult.PAGER_AWAY),
    }
    for name, (outlet, away) in tried.items():
        if outlet is None:
            continue
        try:
            yield Check(name, True, CheckResult.OUTLET_WELL, {"said": outlet.check()})
        except Undelivered as error:
            yield Check(name, False, away, {"error": str(error)})
    if settings.digest_mail and settings.smtp_host is None:
        yield Check("mail", False, CheckResult.NO_MAIL_SERVER)
    if settings.pager is not None and settings.pager_key is None:
        yield Check("pager", False, CheckResult.NO_PAGER_KEY)


def _clusters(settings: Settings) -> Iterator[Check]:
    for named in settings.watched:
        try:
            api = cluster.connect(named.context)
            version, rights = api.version(), api.access()
            api.close()
        except Unavailable as error:
            yield Check(f"cluster {named.name}", False, CheckResult.CLUSTER_AWAY, {"error": str(error)})
            continue
        yield Check(f"cluster {named.name}", True, CheckResult.CLUSTER_WELL, {"version": version, "host": api.host})
        for right, allowed in rights:
            yield Check(
                f"cluster {named.name}: may {right.partition(':')[0]}", allowed, CheckResult.RIGHT, {"right": right}
            )
