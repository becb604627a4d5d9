"""Tries Slack for real: the token and its scopes, and the socket. Says nothing in any channel."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.answers.checkup import Check

_REINSTALL = "add the missing scopes under OAuth & Permissions (manifest.yml lists them), then reinstall the app"
_TOKENS = {
    "invalid_auth": "the token is wrong or from another workspace: copy it again",
    "not_authed": "the token is empty: set it",
    "token_revoked": "the app was removed: install it again and copy the new token",
    "account_inactive": "the app's account is deactivated: install it again",
    "not_allowed_token_type": "this is another kind of token: bot tokens begin with xoxb-, app-level ones with xapp-",
    "missing_scope": "give the app-level token the scope connections:write",
}


def client(token: str, api_url: str) -> WebClient:
    """A client of the Web API at this URL, for a few questions."""
    return WebClient(token=token, base_url=api_url, timeout=10)


def bot_token(web: WebClient, scopes: Iterable[str]) -> Check:
    """Whether the bot token works (auth.test) and has these scopes."""
    try:
        said = web.auth_test()
    except (SlackClientError, OSError) as error:
        return _refused("Slack bot token", error)
    granted = {scope.strip() for scope in str(_header(said.headers, "x-oauth-scopes") or "").split(",")} - {""}
    missing = sorted(set(scopes) - granted) if granted else []
    who = f"{said.get('user')} in {said.get('team')}"
    if missing:
        return Check("Slack bot token", False, f"{who}; missing scopes: {', '.join(missing)}", _REINSTALL)
    return Check("Slack bot token", True, f"{who}; {len(granted)} scopes")


def app_token(web: WebClient, token: str) -> Check:
    """Whether Slack opens a socket for the app-level token (apps.connections.open)."""
    try:
        web.apps_connections_open(app_token=token)
    except (SlackClientError, OSError) as error:
        return _refused("Slack socket", error)
    return Check("Slack socket", True, "Slack offers a socket for the app-level token")


def channel(web: WebClient, name: str, channel_id: str) -> Check:
    """Whether the bot is in a channel it is to post to (conversations.info)."""
    try:
        info = web.conversations_info(channel=channel_id)["channel"]
    except (SlackClientError, OSError) as error:
        return _refused(name, error, "set the channel's id, C…, from its details in Slack")
    if info.get("is_archived"):
        return Check(name, False, f"#{info.get('name')} is archived", "unarchive it, or name another channel")
    if not info.get("is_member"):
        return Check(name, False, f"#{info.get('name')}: the bot is not in it", "invite it: /invite @failures")
    return Check(name, True, f"#{info.get('name')}")


def group(web: WebClient, name: str, group_id: str) -> Check:
    """Whether a user group exists and has members (usergroups.users.list)."""
    try:
        users = web.usergroups_users_list(usergroup=group_id)["users"]
    except (SlackClientError, OSError) as error:
        return _refused(name, error, "set the user group's id, S…, and check that the group is enabled")
    if not users:
        return Check(name, False, f"{group_id} has no members", "add whoever is on call to the user group")
    return Check(name, True, f"{group_id}, {len(users)} members")


def _refused(name: str, error: Exception, remedy: str | None = None) -> Check:
    if isinstance(error, SlackApiError):
        code = str(error.response.get("error"))
        return Check(name, False, f"Slack says {code}", remedy or _TOKENS.get(code, "look the code up in Slack's docs"))
    return Check(name, False, f"Slack cannot be reached: {error}", "check SLACK_API_URL, the proxy and the network")


def _header(headers: dict[str, object], name: str) -> object:
    found = next((value for key, value in headers.items() if key.lower() == name), None)
    return found[0] if isinstance(found, list) else found
