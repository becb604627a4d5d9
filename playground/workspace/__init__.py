"""A Slack-shaped workspace: Web API, Socket Mode, response_url, views, and people who act in it."""

from playground.workspace.blocks import problems, view_problems
from playground.workspace.changes import Change
from playground.workspace.forms import NotThere
from playground.workspace.installation import Installation, from_manifest
from playground.workspace.interactions import Interaction, NoAnswer
from playground.workspace.people import Person
from playground.workspace.values import Channel, Message, User, View
from playground.workspace.workspace import Workspace

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
