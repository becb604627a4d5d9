from __future__ import annotations

import pytest

from bot.domain.diagnosis.reading import read
from bot.domain.workload.pod_evidence import Evidence

DESCRIBED = """\
Status:           Running
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       Error
      Exit Code:    139
Events:
  Type     Reason     Age                From     Message
  Warning  Unhealthy  2m (x3 over 3m)    kubelet  Liveness probe failed
  Warning  BackOff    3s (x20 over 4m)   kubelet  Back-off restarting failed container
"""


def test_reasons_and_exit_codes_are_read_from_a_described_pod() -> None:
    facts = read(Evidence(logs=DESCRIBED))
    assert set(facts.reasons) == {"CrashLoopBackOff", "Error"}
    assert set(facts.event_reasons) == {"BackOff"}
    assert facts.exit_codes == {139}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("train-0   0/1   OOMKilled   2 (3m ago)   9m", "OOMKilled"),
        ("ml   train-0   0/2   Init:CrashLoopBackOff   5   9m", "CrashLoopBackOff"),
        ('  "reason": "Evicted",', "Evicted"),
        ('{"terminated":{"exitCode":1,"reason":"Preempted"}}', "Preempted"),
        ("reason: NodeLost", "NodeLost"),
        (">       Reason:  DeadlineExceeded", "DeadlineExceeded"),
    ],
)
def test_a_reason_is_read_wherever_people_paste_it_from(text: str, reason: str) -> None:
    assert reason in read(Evidence(logs=text)).reasons


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Exit Code:  137", 137),
        ('"exitCode": 139,', 139),
        ("exitCode: 1", 1),
        ("command terminated with exit code 127", 127),
        ("process exited with code 2", 2),
        ("signal: killed, exit status 137", 137),
        ("container exited (137)", 137),
    ],
)
def test_an_exit_code_is_read_wherever_people_paste_it_from(text: str, code: int) -> None:
    assert read(Evidence(logs=text)).exit_codes == {code}


@pytest.mark.parametrize(
    "text",
    ["exit code 999", "mount failed: exit status 32", "exit", "exit code: -9", "reason: Whatever", "Reason:", "0/1"],
)
def test_what_is_no_fact_is_not_read(text: str) -> None:
    facts = read(Evidence(logs=text))
    assert not facts.exit_codes
    assert not facts.reasons


def test_the_given_exit_code_stands_above_those_in_the_text() -> None:
    assert read(Evidence(logs="Exit Code: 137", exit_code=1)).exit_codes == {1}


def test_the_older_log_comes_first() -> None:
    facts = read(Evidence(logs="new", previous_logs="old", events="event"))
    assert [passage.text for passage in facts.passages] == ["old", "new", "event"]
    assert [passage.offset for passage in facts.passages] == [0, 4, 8]
