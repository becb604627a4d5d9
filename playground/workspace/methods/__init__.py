"""The methods of the Web API, a module for each family, and the table of them all."""

from __future__ import annotations

from playground.workspace.calls import Method
from playground.workspace.methods import apps, chat, conversations, files, reactions, users, views

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **reactions.METHODS,
    **users.METHODS,
    **views.METHODS,
}
