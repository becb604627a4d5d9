"""Slack in and out: Bolt listeners, the two kinds of connection, the messenger."""

from bot.slack.app import COMMAND, build
from bot.slack.client import web_client
from bot.slack.connection import SocketConnection, endpoint
from bot.slack.messenger import SlackMessenger

__all__ = ["COMMAND", "SlackMessenger", "SocketConnection", "build", "endpoint", "web_client"]
