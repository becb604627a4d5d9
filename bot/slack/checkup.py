"""Tries Slack for real: the token and its scopes, and the socket. Says nothing in any channel."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.answers.checkup import Check, CheckResult


def client(token: str, api_url: str) -> WebClient:
    """A client of the Web API at this URL, for a few questions."""
    return WebClient(token=token, base_url=api_url, timeout=10)


def bot_token(web: WebClient, scopes: Iterable[str]) -> Check:
    """Whether the bot token works (auth.test) and has these scopes."""
    try:
        said = web.auth_test()
    except (SlackClientError, OSError) as error:
        return _refused("Slack bot token", error, CheckResult.SIGN_IN_REFUSED)
    granted = {scope.strip() for scope in str(_header(said.headers, "x-oauth-scopes") or "").split(",")} - {""}
    missing = sorted(set(scopes) - granted) if granted else []
    who = {name: str(said.get(name)) for name in ("user", "team")}
    if missing:
        return Check("Slack bot token", False, CheckResult.SCOPES_MISSING, who | {"missing": ", ".join(missing)})
    return Check("Slack bot token", True, CheckResult.ACCOUNT_WELL, {**who, "scopes": len(granted)})


def app_token(web: WebClient, token: str) -> Check:
    """Whether Slack opens a socket for the app-level token (apps.connections.open)."""
    try:
        web.apps_connections_open(app_token=token)
    except (SlackClientError, OSError) as error:
        return _refused("Slack socket", error, CheckResult.SIGN_IN_REFUSED)
    return Check("Slack socket", True, CheckResult.SOCKET_WELL)


def channel(web: WebClient, name: str, channel_id: str) -> Check:
    """Whether the bot is in a channel it is to post to (conversations.info)."""
    try:
        info = web.conversations_info(channel=channel_id)["channel"]
    except (SlackClientError, OSError) as error:
        return _refused(name, error, CheckResult.CHANNEL_REFUSED)
    facts = {"name": str(info.get("name"))}
    if info.get("is_archived"):
        return Check(name, False, CheckResult.CHANNEL_ARCHIVED, facts)
    if not info.get("is_member"):
        return Check(name, False, CheckResult.NOT_IN_CHANNEL, facts)
    return Check(name, True, CheckResult.CHANNEL_WELL, facts)


def group(web: WebClient, name: str, group_id: str) -> Check:
    """Whether a user group exists and has members (usergroups.users.list)."""
    try:
        users = web.usergroups_users_list(usergroup=group_id)["users"]
    except (SlackClientError, OSError) as error:
        return _refused(name, error, CheckResult.GROUP_REFUSED)
    if not users:
        return Check(name, False, CheckResult.GROUP_EMPTY, {"group": group_id})
    return Check(name, True, CheckResult.GROUP_WELL, {"group": group_id, "members": len(users)})


def _refused(name: str, error: Exception, refused: CheckResult) -> Check:
    if isinstance(error, SlackApiError):
        return Check(name, False, refused, {"code": str(error.response.get("error"))})
    return Check(name, False, CheckResult.SLACK_AWAY, {"error": str(error)})


def _header(headers: dict[str, object], name: str) -> object:
    found = next((value for key, value in headers.items() if key.lower() == name), None)
    return found[0] if isinstance(found, list) else found
