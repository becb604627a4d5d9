from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.catalogue import load
from bot.rendering.shapes import diagnosis as shape
from bot.services.answers.diagnose import diagnosed
from tests.unit.diagnosis.cases import FOLDER, IN_SIGNATURES, all_cases

CASES = {case.name: case for case in all_cases()}


@pytest.mark.parametrize("name", CASES)
def test_a_handed_case_is_right_and_nothing_forbidden_is_said(name: str) -> None:
    case = CASES[name]
    said = shape(diagnosed(case.text.encode(), catalogue=load(), reason=case.reason, exit_code=case.exit_code))
    assert case.cause.search(said["signature"] or "unknown"), said
    assert not case.types or said["failure_type"] in case.types, said
    assert case.owner is None or said["owner"] == case.owner, said
    assert not case.never & {said["signature"], *(other["signature"] for other in said["others"])}, said


def test_the_command_line_says_the_same() -> None:
    case = CASES["05"]
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "bot",
            "diagnose",
            str(FOLDER / "05.txt"),
            "--reason",
            "Error",
            "--exit-code",
            "1",
            "--json",
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(told.stdout) == shape(
        diagnosed(case.text.encode(), catalogue=load(), reason=case.reason, exit_code=case.exit_code)
    )


def test_every_case_that_speaks_in_prose_is_put_into_signatures() -> None:
    prose = {case.name for case in all_cases() if "^" in case.cause.pattern}
    assert prose >= set(IN_SIGNATURES)
    assert len(CASES) >= 28
