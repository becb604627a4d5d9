"""One thing a person did, and what came of it: the app's acknowledgement, and the messages that answer it."""

from __future__ import annotations

import threading

from playground.workspace.changes import Change
from playground.workspace.delivery import Outcome, Unheard
from playground.workspace.state import State
from playground.workspace.values import Message, View


class NoAnswer(AssertionError):
    """The app did not answer in time, or not as expected. The text says what there was instead."""


class Interaction:
    """What a person did. `key` is its id; `error` is Slack's word for what went wrong, if anything did."""

    def __init__(self, state: State, key: str, user: str, channel: str | None, thread_ts: str | None = None) -> None:
        self.key = key
        self.user = user
        self.channel = channel
        self.thread_ts = thread_ts
        """Where a mention stands: answers to it are in this thread or under it."""
        self.error: str | None = None
        self.errors: dict[str, str] = {}
        """What the app found wrong with a form, by block_id."""
        self.seconds: float | None = None
        """How long the app took to acknowledge."""
        self.ack: object = None
        """What it said in the acknowledgement."""
        self._state = state
        self._began = state.new_ts()
        self._modal_before = state.modal(user)
        self._over = threading.Event()

    def settle(self, outcome: Outcome) -> None:
        """Note how the delivery ended."""
        if isinstance(outcome, Unheard):
            self.error = self.error or outcome.reason
        else:
            self.seconds, self.ack = outcome.seconds, outcome.answer
        self._over.set()
        self._state.changes.tell(Change(kind="ack", person=self.user, channel=self.channel))

    def acknowledged(self, timeout: float = 5) -> Interaction:
        """This, once the app has acknowledged it. Raises NoAnswer."""
        self._over.wait(timeout)
        if self.seconds is None:
            raise NoAnswer(f"the app did not acknowledge: {self.error or 'no word from it yet'}")
        return self

    def failed(self, timeout: float = 10) -> str:
        """Slack's word for what went wrong, once it did. Raises NoAnswer."""
        if not self._state.changes.wait_for(lambda: self.error, timeout):
            raise NoAnswer("nothing went wrong")
        return str(self.error)

    def answers(self) -> list[Message]:
        """The messages that answer it as they are now, oldest first: said through its acknowledgement or its
        response_url, ephemeral ones for its person since then, and the app's replies to a mention or in a DM."""
        with self._state.lock:
            direct = set(self._state.answers.get(self.key, ()))
            held = self._state.messages(self.channel, seen_by=self.user) if self.channel else []
            return [message for message in held if (message.channel, message.ts) in direct or self._follows(message)]

    def _follows(self, message: Message) -> bool:
        """Whether it was said after this began, to its person or in its thread, and not for another interaction."""
        if message.user != self._state.bot.id or message.ts < self._began:
            return False
        if (message.channel, message.ts) in self._state.answered:
            return False
        return message.seen_by == self.user or (self.thread_ts is not None and self._in_thread(message))

    def _in_thread(self, message: Message) -> bool:
        return message.thread_ts in {self.thread_ts, None}

    def answer(self, timeout: float = 5, *, saying: str = "") -> Message:
        """The newest answer, once there is one that says this. Raises NoAnswer."""

        def found() -> Message | None:
            told = [one for one in self.answers() if saying in one.words or saying in one.text]
            return told[-1] if told else None

        message = self._state.changes.wait_for(lambda: found() or self.error, timeout)
        if isinstance(message, Message):
            return message
        there = " | ".join(one.words for one in self.answers()) or "nothing"
        raise NoAnswer(f"no answer saying {saying!r} in {timeout} s; there is: {there} (error: {self.error})")

    def view(self, timeout: float = 5) -> View:
        """The modal that its person sees since then, once there is one. Raises NoAnswer."""

        def found() -> View | None:
            view = self._state.modal(self.user)
            return None if view == self._modal_before else view

        view = self._state.changes.wait_for(found, timeout)
        if view is None:
            raise NoAnswer(f"no modal was opened in {timeout} s (error: {self.error})")
        return view
