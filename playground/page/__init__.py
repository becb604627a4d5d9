"""The page of the playground: a part of Slack and a simulated cluster, shown in a browser on loopback."""

from playground.page.page import Page, Role
from playground.page.staging import Backstage

__all__ = ["Backstage", "Page", "Role"]
