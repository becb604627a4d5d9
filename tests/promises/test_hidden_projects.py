"""Nothing of a project that `allowed_projects` leaves out is ever told: no command, button, form, API route, digest,
mail, page or export has a mark of it; from the first start, and after the setting was narrowed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any, get_args

import pytest
import yaml
from starlette.applications import Starlette
from typer.main import get_command
from typer.testing import CliRunner

from bot import api, cli
from bot.answer_context import incident_context
from bot.asgi_server import serve
from bot.clock import utc_now
from bot.domain.commands.command import Command, Inquiry
from bot.domain.commands.grammar import read
from bot.domain.commands.mistake import Mistake
from bot.domain.incidents.incident import IncidentKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.rendering import Renderer
from bot.services.answers.answer import Asking, answer
from bot.services.knowledge.carry import exported
from bot.settings import Settings
from bot.slack import SlackMessenger, SocketConnection, build, web_client
from bot.slack.people import Groups
from bot.store.store import Store
from bot.tasks import Tasks
from playground.workspace import Message, Person, View, Workspace
from playground.workspace.forms import Control, NotThere, controls
from tests.promises.hidden_world import HIDDEN, IMAGE, MARK, MINE, NODE, maintain, record, settle, teach
from tests.promises.slack_bot import answer_context
from tests.unit.test_api import HEADERS, TOKEN, ask

NAMES = (
    MINE, HIDDEN, "vault", NODE, "gpu", f"{IMAGE}:broken", "registry", "bert:1", "grow", f"{MARK}-grow", "odd-0",
    f"{MARK}-odd-0", "net", "serve", "OOMKilled", "ImagePullBackOff", "Error", "FailedMount", "ErrImagePull",
    "CreateContainerConfigError", "licence away", f"licence {MARK} away", "image-not-found",
)  # fmt: skip
"""What is shown, what is hidden, and what one may guess."""
STANDING = (
    "subscriptions", "unsubscribe", f"unsubscribe {HIDDEN}", "try alerts", f"try alerts {HIDDEN}",
    f"subscribe {HIDDEN}", "incidents", *(f"why {number}" for number in range(1, 12)),
    "maintenance", f"maintenance project {HIDDEN}", f"maintenance end project {HIDDEN}",
    "", "help", "analyse vaul", "analyze 24h", "analyze in prod-eu",
    f"fix OOMKilled in {MINE}", f"fix OOMKilled in {HIDDEN}", "fix OOMKilled for grow",
    f"fix OOMKilled for {MARK}-grow",
)  # fmt: skip
READS_NOTHING_RECORDED = {"diagnose", "inspect", "import", "run", "demo"}


def flat(union: Any) -> set[type]:
    return {each for part in get_args(union) for each in (flat(part) if get_args(part) else {part})}


def questions() -> Iterator[str]:
    """Every command, with every name."""
    for kind in flat(Inquiry):
        verb = kind.WORDS.verb  # type: ignore[attr-defined] # as each of them has
        yield verb
        yield from (f"{verb} {name}" for name in NAMES)
    yield from STANDING


@dataclass
class Bot:
    """The bot as this setting lets it speak."""

    allowed: tuple[str, ...]
    context: Any
    tasks: Tasks
    renderer: Renderer
    mailed: list[object]
    paged: list[object]


@dataclass
class Place:
    workspace: Workspace
    store: Store
    url: str
    now: datetime
    ana: Person
    team: str
    on_call: str
    read: dict[tuple[str, str], str] = field(default_factory=dict)

    @contextmanager
    def bot(self, *allowed: str) -> Iterator[Bot]:
        """The bot, connected, until the block ends."""
        settings = Settings(
            allowed_projects=allowed,
            on_call_channel=self.on_call,
            digest_channel=self.on_call,
            digest_mail=("lead@example.com",),
            digest_hour=0,
        )
        client, renderer = web_client(self.workspace.bot_token, self.workspace.url), Renderer()
        incidents = replace(incident_context(settings, self.store), groups=Groups(client, clock=utc_now).members)
        context = replace(answer_context(self.store, allowed=allowed), incidents=incidents)
        messenger = SlackMessenger(client, renderer, stop=Event(), seconds_between=0.0)
        mailed: list[object] = []
        paged: list[object] = []
        tasks = Tasks(settings, context, self.store, messenger, mailer=Outlet(mailed), pager=Outlet(paged))
        socket = SocketConnection(
            build(context, renderer, client, acted=tasks.tell_now), client, self.workspace.app_token
        )
        socket.start()
        try:
            self.workspace.wait_for_app()
            yield Bot(allowed, context, tasks, renderer, mailed, paged)
        finally:
            socket.stop()
            self.workspace.wait_for(lambda: self.workspace.connections == 0, what="the end of the connection")

    def channels(self) -> list[str]:
        return [self.team, self.on_call, self.ana._place(None).id]

    def news(self) -> list[str]:
        """What was said or changed since the last look, whole: texts, and what is behind buttons."""
        told = []
        for channel in self.channels():
            for message in self.ana.sees(channel):
                whole = json.dumps([message.text, message.all_blocks, message.metadata], ensure_ascii=False)
                if self.read.get((channel, message.ts)) != whole:
                    told.append(whole)
                self.read[channel, message.ts] = whole
        return told


@dataclass
class Outlet:
    """A mailer or a pager that keeps what it is told."""

    told: list[object]

    def send(self, *values: object, **_: object) -> None:
        self.told.extend(values)


@pytest.fixture
def place(sqlite_store: Store, sqlite_url: str) -> Iterator[Place]:
    now = utc_now().replace(microsecond=0)
    record(sqlite_store, now)
    with Workspace().serve() as workspace:
        ana = workspace.person("ana")
        team, on_call = workspace.channel("ml-team", ana), workspace.channel("on-call", ana)
        sqlite_store.subscriptions.subscribe(
            Subscription(channel=team.id, wants=Wants.ALERTS, created_by=ana.id, created_at=now - timedelta(days=30))
        )
        yield Place(workspace, sqlite_store, sqlite_url, now, ana, team.id, on_call.id)


def marked(text: str, typed: str = "") -> bool:
    """Whether a text has the mark in more than the words that somebody typed."""
    text = text.lower()
    for word in typed.lower().split():
        text = text.replace(word, "")
    return MARK in text


def is_unknown(text: str) -> bool:
    """Whether a text only says that there is nothing of the name that an old button asks for."""
    return text.startswith('["I know no ') and not marked(re.sub(r"I know no \w+ `[^`]+`", "", text))


def in_answers(place: Place, bot: Bot) -> list[str]:
    """The commands whose answer has the mark: the value itself, and as Slack and a terminal show it."""
    asking = Asking(user=place.ana.id, channel=place.team, time_zone="UTC", now=utc_now())
    found = []
    for asked in questions():
        value = answer(read(asked), asking, bot.context)
        shown = bot.renderer.slack(value, asked=asked, at=asking.now)
        texts = [repr(value), json.dumps([shown.text, shown.blocks], ensure_ascii=False)]
        found += [f"{asked!r}: {text}" for text in texts if marked(text, asked)]
    return found


def in_api(bot: Bot) -> list[str]:
    about: list[dict[str, str]] = [
        {"failure_type": "OOMKilled"},
        {"failure_type": "ImagePullBackOff"},
        {"failure_type": "Error", "project": HIDDEN},
        {"failure_type": "OOMKilled", "job_name": "pull"},
    ]
    bodies = [{"action": action, **more} for action in api._ACTIONS for more in about]
    with serve(Starlette(routes=api.routes(bot.context, TOKEN, time_zone="UTC", clock=utc_now))) as serving:
        answers = [json.dumps(ask(serving.url, body, HEADERS), ensure_ascii=False) for body in bodies]
    return [text for text in answers if marked(text, HIDDEN)]


def on_command_line(place: Place, bot: Bot, folder: Path) -> list[str]:
    config = folder / "failures.yaml"
    config.write_text(yaml.safe_dump({"database_url": place.url, "allowed_projects": list(bot.allowed)}))
    found, answered = [], 0
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined] # it is a group
        takes_a_name = any(each.param_type_name == "argument" for each in command.params)
        several = [[HIDDEN], [f"{MARK}-grow"], ["OOMKilled"], [NODE]] if takes_a_name else []
        if not any(each.required for each in command.params):
            several.append([])
        for words in [] if name in READS_NOTHING_RECORDED else several:
            json_too = ["--json"] if len(words) and any("--json" in each.opts for each in command.params) else []
            result = CliRunner().invoke(cli.app, [name, *words, *json_too, "--config", str(config)])
            answered += result.exit_code == 0
            if marked(result.output, " ".join(words)):
                found.append(f"{name} {words}: {result.output}")
    assert answered > 10
    return found


def use_everything(place: Place, shown: Sequence[Message | View]) -> list[str]:
    """Press every button and choose every option there is; fill in every form that opens. What the forms say."""
    said = []
    for where in shown:
        for control in list(controls(where.all_blocks if isinstance(where, Message) else where.blocks)):
            for use in uses(control):
                said += act(place, where, control, use)
    return said


def uses(control: Control) -> list[str | None]:
    options = [one["value"] for one in control.element.get("options", ())]
    return list(options) if control.element["type"] != "button" else [None]


def act(place: Place, where: Message | View, control: Control, option: str | None) -> list[str]:
    ana, before = place.ana, place.ana.modal
    try:
        if option is None:
            done = ana.press(where, control.action_id, value=control.element.get("value"))
        else:
            wanted = [option] if control.element["type"].startswith("multi") else option
            done = ana.choose(where, control.action_id, wanted)
    except NotThere:  # an answer that was drawn anew by the press before
        return []
    done.acknowledged()
    opens = control.action_id.split(":")[0] in {"else", "edit", "name", "rename"} or "dismiss" in str(option)
    if opens:
        Event().wait(0.3)
    view = ana.modal
    if view is None or view == before:
        return []
    texts = [json.dumps(view.body, ensure_ascii=False)]
    filled = {one.action_id: "Another way to say it" for one in controls(view.blocks) if "text" in one.element["type"]}
    with suppress(NotThere):
        texts.append(str(ana.submit(view, filled).acknowledged().errors))
    if (left := ana.modal) is not None:
        texts.append(json.dumps(left.body, ensure_ascii=False))
        ana.close(left)
    return texts


def asked_in_slack(place: Place) -> list[Message]:
    asked = ("analyze", "fix OOMKilled", "fix ImagePullBackOff", "job odd-0", "unknown", "solutions", f"node {NODE}",
             "incidents", "subscriptions", "digest", "job odd-1")  # fmt: skip
    return [place.ana.slash("/failures", each, channel=place.team).answer(timeout=20) for each in asked]


def told(place: Place, bot: Bot) -> list[str]:
    """What the bot says by itself: alerts, digests, mails, pages; and the Home tab."""
    now = utc_now()
    bot.tasks.sweep(now)
    bot.tasks.sweep(now + timedelta(minutes=2))
    bot.tasks.page(now)
    bot.tasks.digests(now)
    mails = [bot.renderer.mail(value) for value in bot.mailed if not isinstance(value, str)]
    before = place.ana.home
    place.ana.open_home()
    place.workspace.wait_for(lambda: place.ana.home != before, 20, what="the Home tab")
    assert place.ana.home is not None
    home = json.dumps(place.ana.home.body, ensure_ascii=False)
    return [*(f"{mail.subject}{mail.html}{mail.text}" for mail in mails), *map(repr, bot.paged), home]


def assert_hidden(place: Place, bot: Bot, folder: Path, old: Sequence[Message]) -> None:
    """Nothing that can be asked or is told has the mark; `old` are messages of the time when all was shown."""
    place.news()
    assert in_answers(place, bot) == []
    assert in_api(bot) == []
    assert on_command_line(place, bot, folder) == []
    assert not marked(yaml.safe_dump(exported(place.store.knowledge, Scope.of(bot.allowed))))
    assert [text for text in told(place, bot) if marked(text)] == []
    asked = asked_in_slack(place)
    assert place.ana.home is not None
    forms = use_everything(place, [*asked, *old, place.ana.home])
    assert len(forms) > 5
    assert [text for text in forms if marked(text)] == []
    Event().wait(1)
    assert [text for text in place.news() if marked(text) and not is_unknown(text)] == []


def test_every_command_is_asked() -> None:
    assert {type(read(asked)) for asked in questions()} >= flat(Command) - {Mistake}


def test_nothing_of_a_hidden_project_is_told_from_the_first_start(place: Place, tmp_path: Path) -> None:
    teach(place.store, place.now)
    with place.bot(MINE) as bot:
        assert_hidden(place, bot, tmp_path, ())


def test_nothing_of_a_project_is_told_any_more_once_it_is_hidden(place: Place, tmp_path: Path) -> None:
    teach(place.store, place.now)
    settle(place.store, place.now, channel=place.team, user=place.ana.id)
    with place.bot("*") as bot:
        assert any(marked(text) for text in told(place, bot)), "while it is shown it is told of"
        opened = place.store.incidents.live(Scope(), ended_since=place.now)
        assert {IncidentKind.BAD_IMAGE, IncidentKind.FAILURES} <= {
            one.finding.kind for one in opened if marked(repr(one))
        }
        old = asked_in_slack(place)
        assert any(marked(text) for text in place.news())
        assert in_answers(place, bot)
        standing = [message for channel in place.channels() for message in place.ana.sees(channel)]
    settle(place.store, place.now, channel=place.team, user=place.ana.id)
    maintain(place.store, place.now, user=place.ana.id)
    with place.bot(MINE) as bot:
        assert_hidden(place, bot, tmp_path, [*old, *standing])


def test_three_jobs_of_one_project_put_their_image_before_nobody_else(place: Place) -> None:
    teach(place.store, place.now)
    asking = Asking(user="U1", channel="C1", time_zone="UTC", now=utc_now())
    with place.bot("*") as bot:
        for asked in ("fix ImagePullBackOff", f"fix ImagePullBackOff in {MINE}"):
            value = answer(read(asked), asking, bot.context)
            assert IMAGE not in repr(value)
            assert "Use a newer tag of the same repository" in repr(value)
        own = answer(read(f"fix ImagePullBackOff in {HIDDEN}"), asking, bot.context)
        assert f"Change image from {IMAGE}:1 to {IMAGE}:2" in repr(own)
