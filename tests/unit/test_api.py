from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot import api
from bot.asgi_server import serve
from bot.clock import utc_now
from bot.store.store import Store
from tests.promises.slack_bot import answer_context, fill

TOKEN = "a-token-of-the-tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@pytest.fixture
def url(sqlite_store: Store) -> Iterator[str]:
    fill(sqlite_store)
    known = answer_context(sqlite_store, allowed=("ml-team", "research"))
    with serve(Starlette(routes=api.routes(known, TOKEN, time_zone="UTC", clock=utc_now))) as serving:
        yield serving.url


def ask(url: str, body: object, headers: dict[str, str] = HEADERS) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{api.PATH}", data=data, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_seeds_actions_answer_as_the_command_line_does(url: str) -> None:
    status, report = ask(url, {"action": "analyze", "project": "ml-team", "lookback_days": 7})
    assert (status, report["project"]) == (200, "ml-team")
    status, stats = ask(url, {"action": "stats", "lookback_days": 30})
    assert (status, stats["types"][0]["name"]) == (200, "OOMKilled")
    status, fixes = ask(
        url, {"action": "remediate", "failure_type": "OOMKilled", "job_name": "train-bert", "project": "ml-team"}
    )
    assert (status, fixes["failure_type"]) == (200, "OOMKilled")
    assert fixes["rules"][0]["parameters"] == {"multiplier": 2.0}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_without_the_token_there_is_no_answer(url: str, headers: dict[str, str]) -> None:
    status, said = ask(url, {"action": "stats"}, headers)
    assert status == 401
    assert "api_token" in said["error"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"not json", "JSON object"),
        (b"[1]", "JSON object"),
        ({}, "action"),
        ({"action": ["analyze"]}, "action"),
        ({"action": "analyze", "lookback_days": "7"}, "lookback_days"),
        ({"action": "analyze", "lookback_days": 0}, "lookback_days"),
        ({"action": "analyze", "project": "x" * 999}, "project"),
        ({"action": "remediate"}, "failure_type"),
        (b"{" + b" " * 70_000 + b"}", "longer"),
        (b'{"action":"analyze","cluster":"\\ud800"}', "cluster"),
        (b'{"action":"stats","project":"a\\u0000b"}', "project"),
        (b'{"action":"remediate","failure_type":"OOMKilled","job_name":"\\udfff"}', "job_name"),
        (b'{"action":"analyze","lookback_days":1e400}', "lookback_days"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_the_name_of_the_field(url: str, body: object, says: str) -> None:
    status, said = ask(url, body)
    assert status == 400
    assert says in said["error"]


def test_a_project_that_may_not_be_seen_does_not_exist(url: str) -> None:
    status, said = ask(url, {"action": "analyze", "project": "secret"})
    assert status == 404
    assert "secret" in said["error"]


def test_the_api_describes_itself(url: str) -> None:
    with urllib.request.urlopen(f"{url}/api/v1/openapi.json", timeout=5) as answer:
        described = json.load(answer)
    assert described["openapi"].startswith("3.")
    asked = described["paths"][api.PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert [each["properties"]["action"]["const"] for each in asked] == ["analyze", "stats", "remediate"]


@given(
    st.dictionaries(
        st.sampled_from(["action", "project", "cluster", "job_name", "failure_type", "lookback_days"]),
        st.sampled_from(["analyze", "stats", "remediate"])
        | st.text(st.characters(exclude_categories=()))
        | st.integers(),
        min_size=1,
    )
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_is_answered_or_refused_in_words(url: str, body: dict[str, Any]) -> None:
    status, said = ask(url, json.dumps(body).encode())
    assert status in {200, 400, 404}
    assert isinstance(said, dict)
