"""A log that somebody pasted is explained: by the shortcut, in a direct message, beside a mention."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.clock import utc_now
from bot.domain.diagnosis.template import template_of
from bot.domain.knowledge.solution import Record
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.slack.manifest import manifest
from bot.store.store import Store
from playground.workspace import Installation, Message, Person, Workspace
from playground.workspace.installation import from_manifest
from tests.promises.slack_bot import answer_context, connected, fill
from tests.unit.rendering.values import LICENCE

LINE = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 3; 79.15 GiB total)"
LOG = f"""step 100 loss 2.31
step 101 loss 2.29
Traceback (most recent call last):
  File "/app/train.py", line 41, in main
    loss.backward()
{LINE}
[rank3]: Watchdog caught collective operation timeout: WorkNCCL(SeqNum=12, OpType=ALLREDUCE) ran for 600000 ms
"""
SECRET = "hf_" + "a1B2c3D4e5F6g7H8i9J0k1L2"


@dataclass
class Place:
    workspace: Workspace
    store: Store
    ana: Person
    ben: Person

    def posted(self, text: str, **parts: Any) -> Message:
        """What ben wrote in the team's channel."""
        self.ben.say(text, "ml-team")
        message = self.workspace.messages("ml-team")[-1]
        return self.workspace.state.edit(message, **parts) if parts else message

    def record(self, text: str) -> Record:
        return next(
            record
            for fix, record in self.store.knowledge.solutions(Scope(), "Error", "cuda-out-of-memory")
            if fix.description in text
        )


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    fill(sqlite_store)
    installation: Installation = from_manifest(manifest())
    with (
        Workspace(installation=installation).serve() as workspace,
        connected(workspace, answer_context(sqlite_store, allowed=("ml-team",))),
    ):
        ana, ben = workspace.person("ana"), workspace.person("ben")
        workspace.channel("ml-team", ana, ben)
        yield Place(workspace, sqlite_store, ana, ben)


def test_the_shortcut_explains_a_message_to_the_person_alone(place: Place) -> None:
    answer = place.ana.shortcut("explain", place.posted(f"```{LOG}```")).answer()
    assert answer.seen_by == place.ana.id
    assert "CUDA out of memory" in answer.words
    assert LINE in answer.words
    assert "whoever submitted the job" in answer.words
    assert "Try first" in answer.words
    assert "Also seen: `nccl-" in answer.words
    assert "I read 7 lines" in answer.words
    assert len(place.workspace.messages("ml-team")) == 1


def test_a_log_in_blocks_and_attachments_is_read(place: Place) -> None:
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": LOG}]}
    message = place.posted("look", attachments=({"blocks": [{"type": "rich_text", "elements": [element]}]},))
    assert LINE in place.ana.shortcut("explain", message).answer().words


def test_a_file_that_is_not_read_is_named_as_such(place: Place) -> None:
    message = place.posted("see the log", files=({"id": "F1", "name": "train.log"},))
    answer = place.ana.shortcut("explain", message).answer().words
    assert "I do not know this one" in answer
    assert "I cannot open 1 file of the message" in answer


def test_an_attached_log_is_read(place: Place) -> None:
    place.workspace.state.files["F7"] = {"id": "F7", "name": "train.log", "size": len(LOG), "content": LOG}
    message = place.posted("see the log", files=({"id": "F7", "name": "train.log"},))
    answer = place.ana.shortcut("explain", message).answer().words
    assert LINE in answer
    assert "I cannot open" not in answer


def test_the_explanation_is_shared_under_the_log_once(place: Place) -> None:
    message = place.posted(f"```{LOG}```")
    answer = place.ana.shortcut("explain", message).answer()
    place.ana.press(answer, "Share in thread").acknowledged()
    place.ana.press(answer, "Share in thread").acknowledged()
    (shared,) = place.workspace.wait_for(lambda: place.workspace.messages("ml-team", thread_ts=message.ts)[-1:])
    assert f"Shared by <@{place.ana.id}>" in shared.words
    assert LINE in shared.words
    assert "Also seen: `nccl-" in shared.words
    assert "Share in thread" not in shared.words


def test_a_press_under_an_explanation_is_a_vote_and_the_explanation_stays(place: Place) -> None:
    answer = place.ana.shortcut("explain", place.posted(f"```{LOG}```")).answer()
    place.workspace.deliver_twice = True
    place.ana.press(answer, "This fixed it").acknowledged()

    def edited() -> Message | None:
        seen = place.workspace.message(answer)
        return seen if seen is not None and "you said it worked" in seen.words else None

    told = place.workspace.wait_for(edited)
    assert told is not None
    assert LINE in told.words
    assert "100.0 % (1 success, 0 failures)" in told.words
    assert (place.record(told.words).worked, place.record(told.words).people) == (1, 1)


def test_a_direct_message_with_a_log_is_explained_there(place: Place) -> None:
    answer = place.ana.dm(LOG).answer()
    assert LINE in answer.words
    assert answer.thread_ts is None


def test_a_mention_with_a_log_is_explained_in_its_thread_for_everybody(place: Place) -> None:
    asked = place.ana.mention(f"why does this die?\n```{LOG}```", "ml-team")
    answer = asked.answer()
    assert LINE in answer.words
    assert (answer.thread_ts, answer.seen_by) == (asked.thread_ts, None)


@pytest.mark.parametrize("text", ["fix OOMKilled", "analyze\nml-team", "help"])
def test_a_command_stays_a_command(place: Place, text: str) -> None:
    assert "I read" not in place.ana.dm(text).answer().words


def test_a_message_in_a_channel_that_is_not_for_the_bot_is_not_explained(place: Place) -> None:
    place.posted(f"```{LOG}```")
    assert "stats" in place.ana.dm("help").answer().words
    assert len(place.workspace.messages("ml-team")) == 1


def test_secrets_and_mentions_in_a_log_reach_nobody(place: Place) -> None:
    log = f"<!channel> step\nRuntimeError: login with token={SECRET} failed <!here>\n"
    answer = place.ana.dm(log).answer()
    assert SECRET not in json.dumps(answer.blocks)
    assert "<!here>" not in answer.text
    assert "<!channel>" not in answer.text


def test_a_shortcut_that_is_delivered_twice_is_answered_once(place: Place) -> None:
    message = place.posted(f"```{LOG}```")
    place.workspace.deliver_twice = True
    place.ana.shortcut("explain", message).answer()
    place.ana.dm("help").answer()
    assert len([one for one in place.ana.sees("ml-team") if one.seen_by == place.ana.id]) == 1


def test_a_log_of_a_cause_that_people_named_is_explained_by_its_name(place: Place) -> None:
    line = "flexlm: checkout failed for seat {}"
    carried = Failure(
        cluster="prod-eu",
        job="simulate",
        pod_uid="simulate-0",
        failure_type="Error",
        timestamp=utc_now(),
        project="ml-team",
        error_message=line.format(1),
    )
    place.store.recorder.record([], [carried])
    place.store.named_causes.name(replace(LICENCE, template=template_of(line.format(1))))
    answer = place.ana.dm(f"starting\n{line.format(72)}\n").answer().words
    assert "Licence server away" in answer
    assert "restarts at night" in answer
