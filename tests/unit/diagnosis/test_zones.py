from __future__ import annotations

import pytest

from bot.catalogue import load
from bot.domain.diagnosis import diagnose
from bot.domain.diagnosis.zones import Zone, says_none, unnamed, zone_at
from bot.domain.workload.pod_evidence import Evidence

TRACEBACK = 'Traceback (most recent call last):\n  File "/app/io.py", line 40, in save\n'


def zone_of_last_line(text: str) -> Zone:
    begin = text.rfind("\n") + 1
    return zone_at(text, begin, text[begin:])


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        (f"{TRACEBACK}    write(state)  # no space left on device", Zone.SOURCE),
        (f"{TRACEBACK}    raise pickle.UnpicklingError(message) from None", Zone.SOURCE),
        (f"{TRACEBACK}    write(\n        state,  # CUDA out of memory", Zone.SOURCE),
        ('[rank3]:   File "/app/io.py", line 40, in save\n[rank3]:     retry(on="NCCL timeout")', Zone.SOURCE),
        (
            '(W pid=7, ip=10.0.0.2)   File "/a.py", line 4, in f\n(W pid=7, ip=10.0.0.2)     raise OSError(28)',
            Zone.SOURCE,
        ),
        (
            (
                'ERROR 02-01 10:00:01 [core.py:708]   File "/a.py", line 4, in f\n'
                "ERROR 02-01 10:00:01 [core.py:708]     raise RuntimeError('out of memory')"
            ),
            Zone.SOURCE,
        ),
        ("│ ❱ 17 │   raise OutOfMemoryError('CUDA out of memory')", Zone.SOURCE),
        ("+ python train.py --on-error 'CUDA out of memory'", Zone.SOURCE),
        ("# restart when NCCL timed out", Zone.SOURCE),
        ("frame #3: c10d::ProcessGroupNCCL::watchdogHandler() + 0x1a2 (0x7f in libtorch_cuda.so)", Zone.SOURCE),
        ("\tat org.apache.spark.OutOfMemoryError.create(OutOfMemoryError.java:44)", Zone.SOURCE),
        (f"{TRACEBACK}    write(state)\nOSError: [Errno 28] No space left on device", Zone.SPEECH),
        ('  "nccl_timeout": 1800,', Zone.CONFIG),
        ('  "message": "no space left on device",', Zone.SPEECH),
        ('{\n  "restart_when": [\n    "NCCL timeout",\n    "GPU has fallen off the bus",', Zone.CONFIG),
        ('retry_on:\n  - "CUDA out of memory"\n  - uncorrectable ECC error', Zone.CONFIG),
        ('"traceback": [\n  "Traceback (most recent call last):",\n  "OSError: no space left on device"', Zone.SPEECH),
        ("found_errors:\n  - GPU 3 has fallen off the bus", Zone.SPEECH),
        ("The check found:\n - GPU 3 has fallen off the bus", Zone.SPEECH),
        ("NCCL_ASYNC_ERROR_HANDLING=1", Zone.CONFIG),
        ("  distributed_timeout_minutes ..................... 10", Zone.CONFIG),
        ("lr: 0.1\non_oom: skip\nnccl_timeout: 1800\nseed: 1\nout_of_memory: retry", Zone.CONFIG),
        ("    Reason:       OOMKilled", Zone.SPEECH),
        ("usage: train.py [-h] [--on-oom {skip,fail}] [--nccl-timeout N]", Zone.USAGE),
        ("  --nccl-timeout N   seconds until NCCL timed out", Zone.USAGE),
        ('DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-1"} 79', Zone.METRIC),
        ('DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-1"} 0', Zone.HEALTH),
        ("node_vmstat_oom_kill 0", Zone.HEALTH),
        ("        Double Bit ECC                    : 0", Zone.HEALTH),
        ("        Remapping Failure Occurred        : No", Zone.HEALTH),
        ("        SRAM Uncorrectable Parity         : 0", Zone.HEALTH),
        ("| ECC Error                 | Pass - All                                   |", Zone.HEALTH),
        ("        Double Bit ECC                    : 4", Zone.SPEECH),
        ("        Pending                           : Yes", Zone.SPEECH),
        (
            (
                "Exception ignored in: <function F.__del__ at 0x7f>\nTraceback (most recent call last):\n"
                "  File \"/a.py\", line 1, in __del__\nTypeError: 'NoneType' object is not callable"
            ),
            Zone.ASIDE,
        ),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", Zone.SPEECH),
        ("[88211.4] NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.", Zone.SPEECH),
    ],
)
def test_each_kind_of_text_is_told_apart(text: str, zone: Zone) -> None:
    assert zone_of_last_line(text) is zone


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("srun: error: gpu-r3-04: task 5: Out Of Memory", "srun: error: _: task 5: Out Of Memory"),
        ("cannot open /data/oom_killed/run-3/x.pt now", "cannot open /_ now"),
        ("launch ['python', '-u', '--nccl-timeout=1'] failed", "launch [_] failed"),
        ("loading /dev/shm/x and libcudnn.so.8", "loading /dev/shm/x and libcudnn.so.8"),
    ],
)
def test_names_are_blanked(line: str, left: str) -> None:
    assert unnamed(line).replace("_ ", "_ ").replace("[[_]", "[_]") == left or unnamed(line) == left.replace("[_]", "_")


@pytest.mark.parametrize(
    "line",
    [
        "No uncorrectable hardware errors detected",
        "GPU 3: 0 double-bit ECC errors",
        "XidCriticalError cleared on node n1",
        "Normal  NoXid  2m  node-problem-detector  no Xid errors",
        "If you see Xid 79 in dmesg, please tell the administrators",
        'To report faults ("GPU has fallen off the bus", ECC errors) write to gpu-help',
    ],
)
def test_a_fault_that_is_not_there_is_none(line: str) -> None:
    assert says_none(line)


@pytest.mark.parametrize(
    "line", ["uncorrectable ECC error encountered", "row remapper failure, no spare rows left", "GPU is lost"]
)
def test_a_fault_that_is_there_is_one(line: str) -> None:
    assert not says_none(line)


@pytest.mark.parametrize(
    "shown",
    [
        '{"event": "config", "retry_on": "CUDA out of memory"}',
        '{"on_error": {"match": ["CUDA out of memory", "Xid 79"], "action": "restart"}}',
        "node_vmstat_oom_kill 5",
        "srun: error: cuda-12: task 0: Exited with exit code 1",
        "ls: /mnt/failed-mount/no-space-left",
    ],
)
def test_what_is_only_shown_or_named_decides_nothing(shown: str) -> None:
    said = diagnose(Evidence(logs=f"{shown}\nKeyError: 'lr'", exit_code=1), load())
    assert said.signature == "python-exception"
