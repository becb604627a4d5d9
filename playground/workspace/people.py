"""People who use the workspace, so that a test or a demonstration reads like what happens: `ana.slash("/failures",
"analyze ml-team")`, `ana.press(message, "fixed")`."""

from __future__ import annotations

from collections.abc import Mapping

from playground.workspace import payloads
from playground.workspace.desk import Desk
from playground.workspace.forms import Control, NotThere, chosen, filled, find, unfilled
from playground.workspace.interactions import Interaction
from playground.workspace.values import Channel, Json, Message, User, View


class Person:
    """A member who acts. What they do goes to the app at once; the answer is waited for on what each method returns."""

    def __init__(self, desk: Desk, user: User) -> None:
        self.user = user
        self._desk = desk
        self._state = desk.state

    @property
    def id(self) -> str:
        """The member's id."""
        return self.user.id

    # saying

    def slash(self, command: str, text: str = "", *, channel: str | Channel | None = None) -> Interaction:
        """Type a slash command in a channel, by default in the conversation with the app."""
        place = self._place(channel)
        interaction, passes = self._desk.begin(self.id, place.id)
        escapes = self._desk.installation.escapes(command)
        if escapes is None:
            interaction.error = "invalid_command"
            return interaction
        text = payloads.escaped(self._state, text) if escapes else text
        payload = payloads.slash(
            self.user, place, command, text, response_url=passes.response_url, trigger_id=passes.trigger_id
        )
        return self._desk.command(payload, interaction)

    def say(self, text: str, channel: str | Channel | None = None, *, thread_ts: str | None = None) -> Interaction:
        """Write a message, by default to the app, with `@name` and `#channel` as in Slack. The app hears of it as
        `message`, and as `app_mention` too where it is mentioned."""
        place = self._place(channel)
        text = payloads.escaped(self._state, text, labels=False)
        message = Message(
            channel=place.id,
            ts=self._state.new_ts(),
            user=self.id,
            bot_id=f"B{self.id[1:]}" if self.user.is_bot else None,
            text=text,
            thread_ts=thread_ts,
        )
        interaction, _ = self._desk.begin(self.id, place.id)
        interaction.thread_ts = thread_ts or message.ts
        self._state.say(message)
        kinds = ["message"] if place.kind == "im" or self._state.bot.mention not in text else ["app_mention", "message"]
        if self._state.bot.id not in place.members:
            interaction.error = "the app is not in the channel"
            return interaction
        inner = [payloads.message_event(self._state, kind, message, place) for kind in kinds]
        return self._desk.events([payloads.event(self._state, one) for one in inner], interaction)

    def mention(self, text: str, channel: str | Channel, *, thread_ts: str | None = None) -> Interaction:
        """Write to the app in a channel: the text comes after its mention."""
        return self.say(f"@{self._state.bot.name} {text}", channel, thread_ts=thread_ts)

    def dm(self, text: str, *, thread_ts: str | None = None) -> Interaction:
        """Write to the app in the conversation with it."""
        return self.say(text, thread_ts=thread_ts)

    def edit(self, message: Message, text: str) -> Interaction:
        """Edit an own message; the app hears of it as `message_changed`."""
        interaction, _ = self._desk.begin(self.id, message.channel)
        edited = self._state.edit(message, text=text, edited_ts=self._state.new_ts())
        inner = payloads.changed_event(self._state, edited, self._state.channels[message.channel])
        return self._desk.events([payloads.event(self._state, inner)], interaction)

    def sees(self, channel: str | Channel | None = None) -> list[Message]:
        """What this person sees in a channel, oldest first, ephemeral messages for them included."""
        return self._state.messages(self._place(channel).id, seen_by=self.id)

    def _place(self, channel: str | Channel | None) -> Channel:
        """The channel, which the person joins by acting there."""
        if channel is None:
            return self._state.direct(self.id)
        place = self._state.find_channel(channel if isinstance(channel, str) else channel.id)
        return place if self.id in place.members else self._state.join(place.id, self.id)

    # pressing

    def press(self, where: Message | View, action_id: str, *, index: int = 0, value: str | None = None) -> Interaction:
        """Press a button of a message or a view: the one with this action_id (or label), the `index`th of several or
        the one with this `value`. Raises NotThere."""
        control = self._find(where, action_id, index=index, value=value)
        pressed: Json = {name: control.element[name] for name in ("text", "value", "style") if name in control.element}
        return self._use(where, control, {"type": control.element["type"], **pressed})

    def choose(self, where: Message | View, action_id: str, option: object, *, index: int = 0) -> Interaction:
        """Choose in a menu (overflow, select, date picker …): the option with this value or label. Raises NotThere."""
        control = self._find(where, action_id, index=index)
        return self._use(where, control, chosen(control, option), {control.action_id: option})

    def _find(self, where: Message | View, action_id: str, *, index: int, value: str | None = None) -> Control:
        now = self._now(where)
        return find(now.all_blocks if isinstance(now, Message) else now.blocks, action_id, index=index, value=value)

    def _now(self, where: Message | View) -> Message | View:
        """The message or view as it is now. Raises NotThere."""
        if isinstance(where, View):
            return self._state.views[where.id]
        message = self._state.message(where.channel, where.ts)
        if message is None or message.seen_by not in {None, self.id}:
            raise NotThere(f"{self.user.name} does not see that message (any more)")
        return message

    def _use(
        self, where: Message | View, control: Control, action: Json, given: Mapping[str, object] | None = None
    ) -> Interaction:
        action = {
            "action_id": control.action_id,
            "block_id": control.block.get("block_id"),
            **action,
            "action_ts": self._state.new_ts(),
        }
        now = self._now(where)
        if isinstance(now, View):
            interaction, passes = self._desk.begin(self.id, None)
            values = filled(now.blocks, _fields(control, given))
            payload = payloads.pressed_in_view(self.user, now, action, values, trigger_id=passes.trigger_id)
            return self._desk.interactive(payload, interaction)
        interaction, passes = self._desk.begin(self.id, now.channel, now)
        payload = payloads.pressed_in_message(
            self._state,
            self.user,
            now,
            action,
            filled(now.all_blocks, _fields(control, given)),
            response_url=passes.response_url,
            trigger_id=passes.trigger_id,
        )
        return self._desk.interactive(payload, interaction)

    def suggest(self, where: Message | View, action_id: str, typed: str, *, index: int = 0) -> Interaction:
        """Type into a menu whose options the app knows: its acknowledgement has those that fit. Raises NotThere."""
        control, now = self._find(where, action_id, index=index), self._now(where)
        place: Json = (
            {"container": {"type": "view", "view_id": now.id}}
            if isinstance(now, View)
            else {"container": {"type": "message", "message_ts": now.ts, "channel_id": now.channel}}
        )
        interaction, _ = self._desk.begin(self.id, None)
        named = {"action_id": control.action_id, "block_id": control.block.get("block_id")}
        return self._desk.interactive(payloads.suggesting(self.user, named, typed, place), interaction)

    # forms, shortcuts, Home

    @property
    def modal(self) -> View | None:
        """The modal this person has open, the topmost of several."""
        return self._state.modal(self.id)

    @property
    def home(self) -> View | None:
        """The app's Home tab as this person sees it."""
        return self._state.homes.get(self.id)

    def submit(self, view: View, values: Mapping[str, object] | None = None) -> Interaction:
        """Fill in a modal, by action_id or block_id, and submit it. Raises NotThere where it has no such field, where
        it is not open, or where a required field is empty, which Slack does not let pass."""
        now = self._open(view)
        state_values = filled(now.blocks, values or {})
        if empty := unfilled(now.blocks, state_values):
            raise NotThere(f"required fields are empty: {empty}")
        interaction, passes = self._desk.begin(self.id, None)
        payload = payloads.submitted(self.user, now, state_values, trigger_id=passes.trigger_id)
        return self._desk.interactive(
            payload, interaction, then=lambda answer: self._desk.after_submission(interaction, now, answer)
        )

    def close(self, view: View) -> Interaction:
        """Close a modal with its close button."""
        now = self._open(view)
        interaction, _ = self._desk.begin(self.id, None)
        self._state.close_view(self.id)
        if now.body.get("notify_on_close"):
            return self._desk.interactive(payloads.closed(self.user, now), interaction)
        return interaction

    def _open(self, view: View) -> View:
        top = self.modal
        if top is None or top.id != view.id:
            raise NotThere(f"{self.user.name} does not have that modal open")
        return top

    def shortcut(self, callback_id: str, message: Message | None = None) -> Interaction:
        """Use a global shortcut, or one in the menu of a message."""
        interaction, passes = self._desk.begin(self.id, message.channel if message else None, message)
        trigger = passes.trigger_id
        if message is None:
            payload = payloads.shortcut(self.user, callback_id, self._state.new_ts(), trigger_id=trigger)
        else:
            payload = payloads.message_shortcut(
                self._state, self.user, message, callback_id, response_url=passes.response_url, trigger_id=trigger
            )
        return self._desk.interactive(payload, interaction)

    def open_home(self) -> Interaction:
        """Open the app's Home tab."""
        place = self._place(None)
        interaction, _ = self._desk.begin(self.id, place.id)
        ts = self._state.new_ts()
        inner = {"type": "app_home_opened", "user": self.id, "channel": place.id, "tab": "home", "event_ts": ts}
        return self._desk.events([payloads.event(self._state, inner)], interaction)


def _fields(control: Control, given: Mapping[str, object] | None) -> Mapping[str, object]:
    """What the menu that was used says from now on; a button and an overflow menu hold nothing."""
    return {} if control.element["type"] in {"button", "overflow"} else given or {}
