"""api.test, auth.test, apps.connections.open, bots.info, team.info: who the app is and where it connects."""

from __future__ import annotations

from playground.workspace.calls import Call, Method
from playground.workspace.refusal import Refused
from playground.workspace.state import APP, BOT
from playground.workspace.values import TEAM, Json

DOMAIN = "playground"


def _api_test(call: Call) -> Json:
    if call.args.has("error"):
        raise Refused(call.args.text("error"))
    return {"args": call.args.given}


def _auth_test(call: Call) -> Json:
    return {
        "url": f"{call.base_url}/",
        "team": DOMAIN,
        "user": call.state.bot.name,
        "team_id": TEAM,
        "user_id": call.state.bot.id,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


def _connections_open(call: Call) -> Json:
    host = call.base_url.partition("://")[2]
    ticket = call.state.number("L")
    call.state.link_tickets.add(ticket)
    return {"url": f"ws://{host}/link/?ticket={ticket}&app_id={APP}"}


def _bots_info(call: Call) -> Json:
    if call.args.optional("bot") not in {None, BOT}:
        raise Refused("bot_not_found")
    state = call.state
    return {"bot": {"id": BOT, "app_id": APP, "user_id": state.bot.id, "name": state.bot.name, "deleted": False}}


def _team_info(_call: Call) -> Json:
    return {"team": {"id": TEAM, "name": "Playground", "domain": DOMAIN, "email_domain": "example.com"}}


METHODS = {
    "api.test": Method(_api_test, open=True),
    "auth.test": Method(_auth_test),
    "apps.connections.open": Method(_connections_open, app_token=True),
    "bots.info": Method(_bots_info, ("users:read",)),
    "team.info": Method(_team_info, ("team:read",)),
}
