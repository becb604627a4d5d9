from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Evidence

CATALOGUE = load()
OOM_ON_RANK_3 = "[rank3]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
WATCHDOG = (
    "[rank0]:[E512 ProcessGroupNCCL.cpp:616] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=4)"
)
LAUNCHER = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n  exitcode  : 1 (pid: 71)"


def cause(logs: str = "", **facts: str | int) -> Diagnosis:
    return diagnose(Evidence(logs=logs, **facts), CATALOGUE)  # type: ignore[arg-type] # the fields' types differ


@pytest.mark.parametrize(
    "lines",
    [[OOM_ON_RANK_3, WATCHDOG, LAUNCHER], [WATCHDOG, OOM_ON_RANK_3, LAUNCHER], [LAUNCHER, WATCHDOG, OOM_ON_RANK_3]],
)
def test_the_cause_wins_over_its_symptoms_wherever_it_stands(lines: list[str]) -> None:
    diagnosis = cause("\n".join(lines), reason="Error", exit_code=1)
    assert (diagnosis.failure_type, diagnosis.signature) == ("Error", "cuda-out-of-memory")
    assert diagnosis.evidence_line == OOM_ON_RANK_3
    assert "nccl-timeout" in [match.signature for match in diagnosis.others]


def test_the_rank_that_failed_is_told() -> None:
    assert cause(OOM_ON_RANK_3).title == "CUDA out of memory on rank 3"


def test_the_exception_and_its_last_frame_are_told() -> None:
    traceback = (
        'Traceback (most recent call last):\n  File "/app/train.py", line 88, in <module>\n    main()\n'
        '  File "/app/data.py", line 61, in collate\n    row["text"]\nKeyError: \'text\''
    )
    assert cause(traceback).title == "Python exception: KeyError at data.py:61 in collate"


def test_the_missing_module_is_told() -> None:
    assert cause("ModuleNotFoundError: No module named 'flash_attn'").title == "A Python module is missing: flash_attn"


def test_what_a_peer_reports_loses_to_a_broken_gpu_in_the_events() -> None:
    xid = "XidCritical: NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus."
    assert cause(WATCHDOG, events=xid).signature == "gpu-xid-79"


def test_a_crash_loop_whose_last_end_was_out_of_memory_is_oom_killed() -> None:
    pasted = (
        "State: Waiting\n  Reason:  CrashLoopBackOff\nLast State: Terminated\n  Reason:  OOMKilled\n  Exit Code: 137"
    )
    for diagnosis in (cause(phase="CrashLoopBackOff", reason="OOMKilled", exit_code=137), cause(pasted)):
        assert (diagnosis.failure_type, diagnosis.signature) == ("OOMKilled", "oom-killed")


def test_a_crash_loop_of_no_known_cause_stays_one() -> None:
    diagnosis = cause(phase="CrashLoopBackOff", logs="bye")
    assert (diagnosis.failure_type, diagnosis.signature) == ("CrashLoopBackOff", None)
    assert diagnosis.title == "The container starts and fails, again and again"


def test_a_crash_loop_with_a_cause_in_the_log_is_an_error_of_that_cause() -> None:
    diagnosis = cause(
        "ModuleNotFoundError: No module named 'apex'", phase="CrashLoopBackOff", reason="Error", exit_code=1
    )
    assert (diagnosis.failure_type, diagnosis.signature) == ("Error", "missing-module")


def test_sigkill_is_no_oom_unless_kubernetes_says_so() -> None:
    diagnosis = cause("step 12", reason="Error", exit_code=137)
    assert (diagnosis.failure_type, diagnosis.signature, diagnosis.owner) == (
        "Error",
        "killed-by-sigkill",
        CauseOwner.UNKNOWN,
    )


def test_an_oom_kill_of_a_child_is_one_though_the_exit_code_is_zero() -> None:
    assert cause("done", reason="OOMKilled", exit_code=0).signature == "oom-killed"


def test_a_full_disk_explains_an_input_output_error() -> None:
    diagnosis = cause("OSError: [Errno 5] Input/output error\ntar: write error: No space left on device")
    assert diagnosis.signature == "disk-full"


def test_the_type_is_kubernetes_word_where_the_cause_has_none_of_its_own() -> None:
    message = 'Failed to pull image "a:1": write /var/lib/containerd/x: no space left on device'
    diagnosis = cause(reason="ErrImagePull", message=message)
    assert (diagnosis.failure_type, diagnosis.signature) == ("ImagePullBackOff", "disk-full")


@pytest.mark.parametrize(
    "harmless",
    [
        "ls: cannot access '/etc/profile.d/*.sh': No such file or directory",
        "/root/.bashrc: line 4: conda: command not found",
        "mkdir: cannot create directory '/root/.cache': Permission denied",
        "INFO flash attention is off: No module named 'flash_attn'",
    ],
)
def test_a_line_that_programs_survive_is_not_the_cause_of_what_comes_later(harmless: str) -> None:
    assert cause(f"{harmless}\n{OOM_ON_RANK_3}", exit_code=1).signature == "cuda-out-of-memory"
    assert cause(harmless, exit_code=1).signature is not None


def test_what_kept_the_container_from_starting_is_over_once_it_ran() -> None:
    mount = 'FailedMount: MountVolume.SetUp failed for volume "data" : mount failed: mount.nfs: Connection timed out'
    diagnosis = cause("KeyError: 'lr'", reason="Error", exit_code=1, events=mount)
    assert (diagnosis.failure_type, diagnosis.signature) == ("Error", "python-exception")
    assert cause(events=mount).signature == "mount-timeout"


def test_a_mount_that_fails_after_the_scheduling_is_the_cause() -> None:
    events = (
        "FailedScheduling: 0/9 nodes are available: 9 Insufficient nvidia.com/gpu.\n"
        'FailedMount: MountVolume.SetUp failed for volume "d" : mount failed: exit status 32 mount.nfs: timed out'
    )
    assert cause(phase="Pending", events=events).signature == "mount-timeout"


def test_an_exception_before_the_watchdogs_line_is_the_cause_and_one_after_it_is_not() -> None:
    exception = "[rank1]: AttributeError: 'NoneType' object has no attribute 'shape'"
    assert cause(f"{exception}\n{WATCHDOG}").signature == "python-exception"
    assert cause(f"{WATCHDOG}\n{exception}").signature == "nccl-timeout"


@pytest.mark.parametrize(
    ("phase", "events", "failure_type"),
    [
        ("Pending", "FailedMount: something new is wrong", "FailedMount"),
        ("ContainerCreating", "FailedCreatePodSandBox: something new is wrong", "FailedCreatePodSandBox"),
        ("Pending", "Failed: Failed to pull image x: something new is wrong", "ImagePullBackOff"),
        ("Pending", "", "Pending"),
        ("Failed", "Killing: Stopping container main", "Error"),
    ],
)
def test_the_step_at_which_a_waiting_pod_is_stuck_is_its_type(phase: str, events: str, failure_type: str) -> None:
    diagnosis = cause(phase=phase, events=events)
    assert (diagnosis.failure_type, diagnosis.signature) == (failure_type, None)


def test_a_program_that_went_on_after_a_warning_is_not_blamed_for_it() -> None:
    log = "W0101 Could not import: No module named 'apex'\nstep 1\n" + OOM_ON_RANK_3
    assert cause(log).signature == "cuda-out-of-memory"


@pytest.mark.parametrize(
    ("logs", "line"),
    [
        ("step 1\nlicense server said no, error 77\nbye", "license server said no, error 77"),
        ("step 1\nbye", "bye"),
        ("\n \n", ""),
        ("", ""),
    ],
)
def test_the_unknown_stays_unknown_and_shows_its_last_error_line(logs: str, line: str) -> None:
    diagnosis = cause(logs, exit_code=7) if logs.strip() else cause(logs)
    assert (diagnosis.failure_type, diagnosis.signature, diagnosis.owner) == ("Error", None, CauseOwner.UNKNOWN)
    assert diagnosis.evidence_line == line


def test_secrets_and_deceiving_characters_are_not_told() -> None:
    line = "RuntimeError: CUDA error: no kernel image is available \u202e for postgresql://bot:hunter22@db/x \x1b[31m"
    shown = cause(line).evidence_line
    assert "hunter22" not in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown


def test_a_line_is_bounded() -> None:
    assert len(cause("x" * 5000 + " CUDA out of memory " + "y" * 5000).evidence_line) <= 300


@given(
    evidence=st.builds(
        Evidence,
        reason=st.none() | st.text(max_size=20) | st.sampled_from(["OOMKilled", "Error", "Evicted"]),
        phase=st.none() | st.text(max_size=20),
        message=st.none() | st.text(max_size=60),
        exit_code=st.none() | st.integers(-300, 300),
        logs=st.text(max_size=200),
        previous_logs=st.just(""),
        events=st.text(max_size=200),
    )
)
@settings(max_examples=80, deadline=None)
def test_every_evidence_has_a_diagnosis(evidence: Evidence) -> None:
    diagnosis = diagnose(evidence, CATALOGUE)
    assert CATALOGUE.failure_type(diagnosis.failure_type) is not None
    assert diagnosis.signature is None or CATALOGUE.signature(diagnosis.signature) is not None
    assert diagnosis.title
    assert diagnosis.explanation
