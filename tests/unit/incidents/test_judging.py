"""How many findings people called wrong."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.incident import Because, Did, IncidentKind, Step
from bot.domain.incidents.usefulness import Judged, judged
from tests.unit.incidents.made import DAY, NOW, hot, open_incident


def test_the_last_word_of_people_on_each_finding_counts() -> None:
    opened = Step(did=Did.OPENED, at=NOW)
    wrong = Step(did=Did.DISMISSED, at=NOW, by="U1", said=Because.WRONG)
    expected = Step(did=Did.DISMISSED, at=NOW, by="U1", said=Because.EXPECTED)
    by_itself, by_hand = Step(did=Did.REOPENED, at=NOW), Step(did=Did.REOPENED, at=NOW, by="U2")
    steps = {
        1: [opened, wrong],
        2: [opened, expected],
        3: [opened, wrong, by_itself],
        4: [opened, wrong, by_hand],
        5: [opened],
        6: [replace(opened, at=NOW - 40 * DAY)],
        7: [opened, wrong],
    }
    incidents = [replace(open_incident(), id=number) for number in range(1, 7)]
    single = replace(open_incident(), id=7, finding=hot(kind=IncidentKind.FAILURES))
    assert judged([*incidents, single], steps, since=NOW - 28 * DAY) == Judged(opened=5, wrong=2, other=1)
