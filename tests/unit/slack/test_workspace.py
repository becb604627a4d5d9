"""Whose payload it is, in every shape that Slack gives it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from bot.slack.workspace import Admission, Workspace, installed_in, team_of_person
from tests.unit.slack.test_heard import bodies

US, THEM, THIRD = "T0OURS", "T0THEIRS", "T0THIRD"


class Token:
    """The one question that is asked of Slack."""

    def __init__(self) -> None:
        self.asked = 0

    def auth_test(self) -> dict[str, str]:
        self.asked += 1
        return {"team_id": US}


def admitted(body: dict[str, Any], *trusted: str) -> Admission:
    return Workspace(Token(), trusted).admit(body)  # type: ignore[arg-type] # it is asked one thing


def event(team: str, person: str | None, *, shared: bool = True, **inner: Any) -> dict[str, Any]:
    of_person = {} if person is None else {"team": person}
    return {
        "team_id": THIRD,
        "authorizations": [{"team_id": team}],
        "is_ext_shared_channel": shared,
        "event": {"user": "U1", **of_person, **inner},
    }


def press(team: str | None, person: str, **more: Any) -> dict[str, Any]:
    return {"user": {"id": "U1", "team_id": person}, "team": None if team is None else {"id": team}, **more}


@pytest.mark.parametrize(
    ("body", "is_ours", "may_act"),
    [
        ({"command": "/failures", "team_id": US, "user_id": "U1"}, True, True),
        ({"command": "/failures", "team_id": THEM, "user_id": "U1"}, False, False),
        ({"command": "/failures", "user_id": "U1"}, False, False),
        ({"command": "/failures", "team_id": US, "user_id": ""}, True, False),
        ({"command": "/failures", "team_id": US, "user_id": "robot"}, True, False),
        (press(US, US), True, True),
        (press(US, THEM), True, False),
        (press(THEM, THEM), False, False),
        (press(THEM, THEM, view={"app_installed_team_id": US}), True, False),
        (press(None, US), False, False),
        (press(US, "E0ORG"), True, False),
        (event(US, US), True, True),
        (event(US, THEM), True, False),
        (event(THEM, US), False, False),
        (event(US, None), True, False),
        (event(US, None, shared=False), True, True),
        (event(US, US, user_team=THEM), True, False),
        (event(US, US, user_team="E0ORG"), True, False),
        ({}, False, False),
    ],
)
def test_a_payload_counts_that_comes_through_our_installation_from_one_of_ours(
    body: dict[str, Any], *, is_ours: bool, may_act: bool
) -> None:
    admission = admitted(body)
    assert (admission.is_ours, admission.may_act) == (is_ours, may_act)


@pytest.mark.parametrize(
    "body", [press(US, THEM), press(THEM, THEM), event(US, THEM), {"team_id": THEM, "user_id": "U1"}]
)
def test_people_of_a_trusted_workspace_count_as_ours(body: dict[str, Any]) -> None:
    assert admitted(body, THEM).may_act
    assert not admitted(body, THIRD).may_act


def test_an_event_through_another_installation_counts_for_nothing_even_of_a_trusted_workspace() -> None:
    assert not admitted(event(THEM, THEM), THEM).is_ours


def test_slack_is_asked_once_whose_token_it_is() -> None:
    token = Token()
    workspace = Workspace(token)  # type: ignore[arg-type] # as above
    for _ in range(3):
        workspace.admit(press(US, US))
    assert token.asked == 1


@given(bodies)
def test_no_body_breaks_the_question_or_gets_through_without_naming_us(body: dict[str, Any]) -> None:
    assert not admitted(body).may_act
    assert all(isinstance(team, str) for team in installed_in(body))
    assert isinstance(team_of_person(body), str)
