"""users.* and usergroups.*: the members of the workspace and their groups."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from playground.workspace.calls import Call, Method, page
from playground.workspace.refusal import Refused
from playground.workspace.values import TEAM, Json, User, UserGroup


def user_json(call: Call, user: User) -> Json:
    """A member as the Web API shows it."""
    offset = call.state.shown().astimezone(ZoneInfo(user.tz)).utcoffset() or timedelta()
    profile: Json = {"real_name": user.name, "display_name": user.name}
    if "users:read.email" in call.installation.scopes and user.email:
        profile["email"] = user.email
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.name,
        "deleted": False,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()),
        "is_bot": user.is_bot,
        "profile": profile,
    }


def _info(call: Call) -> Json:
    return {"user": user_json(call, call.state.find_user(call.args.text("user")))}


def _list(call: Call) -> Json:
    shown, cursor = page(call, [user_json(call, user) for user in call.state.users.values()])
    return {"members": shown, "response_metadata": {"next_cursor": cursor}}


def _by_email(call: Call) -> Json:
    email = call.args.text("email")
    for user in call.state.users.values():
        if user.email == email:
            return {"user": user_json(call, user)}
    raise Refused("users_not_found")


def _group(group: UserGroup, *, with_users: bool) -> Json:
    shown: Json = {"id": group.id, "team_id": TEAM, "handle": group.handle, "name": group.handle}
    return shown | ({"users": list(group.members)} if with_users else {})


def _groups(call: Call) -> Json:
    with_users = call.args.flag("include_users")
    return {"usergroups": [_group(group, with_users=with_users) for group in call.state.groups.values()]}


def _group_users(call: Call) -> Json:
    group = call.state.groups.get(call.args.text("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


METHODS = {
    "users.info": Method(_info, ("users:read",)),
    "users.list": Method(_list, ("users:read",)),
    "users.lookupByEmail": Method(_by_email, ("users:read.email",)),
    "usergroups.list": Method(_groups, ("usergroups:read",)),
    "usergroups.users.list": Method(_group_users, ("usergroups:read",)),
}
