from __future__ import annotations

import pytest

from bot.domain.diagnosis.speakers import Program, said, spoken_by


@pytest.mark.parametrize(
    ("line", "speaker", "rank", "body"),
    [
        ("[rank3]: KeyError: 'x'", "3", "3", "KeyError: 'x'"),
        ("[default1]:KeyError: 'x'", "1", "1", "KeyError: 'x'"),
        ("[1,3]<stderr>: KeyError: 'x'", "3", "3", "KeyError: 'x'"),
        ("[1,3]<stderr>:KeyError: 'x'", "3", "3", "KeyError: 'x'"),
        (
            "(RayTrainWorker pid=77, ip=10.0.0.4) KeyError: 'x'",
            "RayTrainWorker pid=77, ip=10.0.0.4",
            None,
            "KeyError: 'x'",
        ),
        ("(raylet) out of disk", "raylet", None, "out of disk"),
        ("(EngineCore_0 pid=9) ERROR 01-01 10:11:12 [core.py:7] boom", "EngineCore_0 pid=9", None, "boom"),
        ("[pod/train-0/main] KeyError: 'x'", "pod/train-0/main", None, "KeyError: 'x'"),
        ("3: KeyError: 'x'", "3", "3", "KeyError: 'x'"),
        (" 12:   indented", "12", "12", "  indented"),
        ("worker-1: KeyError: 'x'", "worker-1", None, "KeyError: 'x'"),
        ("trainer-1  | KeyError: 'x'", "trainer-1", None, "KeyError: 'x'"),
        ("2026-02-01T10:11:12.123456789Z stderr F KeyError: 'x'", "", None, "KeyError: 'x'"),
        ("2026-02-01T10:11:12Z [rank3]: KeyError: 'x'", "3", "3", "KeyError: 'x'"),
        ("[2026-02-11 07:20:52,101 E 1 77] gcs_client.cc:83: gone", "", None, "gone"),
        ("E1128 10:01:02.1 50 torch/elastic/api.py:1002] failed", "", None, "failed"),
        ("[  88.21] NVRM: Xid", "", None, "NVRM: Xid"),
        ("Feb 02 09:14:11 n07 kubelet[2201]: gone", "", None, "gone"),
        ("    return x", "", None, "    return x"),
        ("KeyError: 'x'", "", None, "KeyError: 'x'"),
        ("step 220 | loss 1.93", "", None, "step 220 | loss 1.93"),
    ],
)
def test_the_marks_before_a_line_are_taken_off(line: str, speaker: str, rank: str | None, body: str) -> None:
    told = said(line)
    assert (told.speaker, told.rank, told.body) == (speaker, rank, body)


@pytest.mark.parametrize(
    ("line", "program"),
    [
        ("[  88.21] NVRM: Xid", Program.KERNEL),
        ("Warning  Failed  3s  kubelet  Error: context deadline exceeded", Program.KUBERNETES),
        ("slurmstepd: error: Detected 1 oom_kill event", Program.SLURM),
        ('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', Program.JAVA),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", Program.NODE),
        ("panic: runtime error: index out of range", Program.GO),
        ("[gloo/transport/tcp/pair.cc:547] Connection closed by peer", Program.GLOO),
    ],
)
def test_a_programs_words_are_known(line: str, program: Program) -> None:
    assert [each for each in Program if spoken_by(each, line)] == [program]
