"""What the app says through a response_url, or in its acknowledgement of a command."""

from __future__ import annotations

from playground.workspace.calls import Arguments
from playground.workspace.messages import edited, from_app, some_content
from playground.workspace.refusal import Refused
from playground.workspace.state import State
from playground.workspace.tickets import Hook


def respond(state: State, key: str, args: Arguments) -> None:
    """Use a response_url: say something, or replace or delete the message whose button was pressed. Raises Refused."""
    with state.lock:
        hook = state.tickets.answer(key, state.clock())
        source = state.message(hook.channel, hook.source_ts) if hook.source_ts else None
        if args.flag("delete_original"):
            if source is None:
                raise Refused("message_not_found", status=404)
            state.delete(source)
        elif args.flag("replace_original") and source is not None:
            shown = edited(state, source, {"blocks": (), "attachments": (), **some_content(args)})
            state.answers.setdefault(hook.interaction, []).append((shown.channel, shown.ts))
        else:
            say(state, hook, args)


def say(state: State, hook: Hook, args: Arguments) -> None:
    """Show an answer to a person: only they see it, unless `response_type` is `in_channel`. Raises Refused."""
    thread_ts = args.optional("thread_ts")
    if thread_ts is None and hook.source_ts and (source := state.message(hook.channel, hook.source_ts)):
        thread_ts = source.thread_ts if source.is_reply else None
    seen_by = None if args.optional("response_type") == "in_channel" else hook.user
    message = from_app(state, hook.channel, some_content(args), thread_ts=thread_ts, seen_by=seen_by)
    state.say(message, answers=hook.interaction)
