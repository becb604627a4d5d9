"""A Slack-shaped workspace: Web API, Socket Mode, response_url, views, and people who act in it."""

from bot.playground.workspace.blocks import problems, view_problems
from bot.playground.workspace.changes import Change
from bot.playground.workspace.forms import NotThere
from bot.playground.workspace.installation import Installation, from_manifest
from bot.playground.workspace.interactions import Interaction, NoAnswer
from bot.playground.workspace.people import Person
from bot.playground.workspace.values import Channel, Message, User, View
from bot.playground.workspace.workspace import Workspace

__all__ = [
    "Change",
    "Channel",
    "Installation",
    "Interaction",
    "Message",
    "NoAnswer",
    "NotThere",
    "Person",
    "User",
    "View",
    "Workspace",
    "from_manifest",
    "problems",
    "view_problems",
]
