"""Who says a line of a log. Launchers, loggers and `kubectl` put marks before what a program prints: a rank, a host, a
time, a level. They are taken off here, so that the line itself can be read. And which program's words a line is in: a
word of one program means something else in another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_MOST_MARKS = 8
_LEVELS = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_SPEAKERS = (
    r"\[rank ?(?P<rank>\d{1,6})\]:? ?",  # torch.distributed's excepthook
    r"\[[A-Za-z_-]{0,20}(?P<role_rank>\d{1,6})\]: ?",  # torchrun --tee
    r"\[(?:[\w.-]{1,80}@)?\d{1,6},(?P<mpi_rank>\d{1,6})\](?:<std(?:out|err|diag)>)?:? ?",  # mpirun --tag-output
    r"\((?P<actor>[\w:.<>\- ]{0,60}?pid=\d{1,8}(?:, ip=[\w.:-]{1,60})?|raylet[^)]{0,40}|autoscaler[^)]{0,20})\) ?",
    r"\[(?P<pod>pod/[\w./-]{1,300})\] ?",  # kubectl logs --prefix
)
_FIRST = (
    r"\s{0,4}(?P<task>\d{1,6}): ",  # srun --label
    r"(?P<host>[a-z][\w.-]{0,80}\d[\w.-]{0,40}): ",  # pdsh, DeepSpeed's launcher
    r"(?P<service>[a-z][\w.-]{1,60}) {0,20}\| ",  # docker compose
)
_TIMES = (
    (
        rf"\[?\d{{4}}[-/]\d\d[-/]\d\d[T _]{_CLOCK}(?:Z|[+-]\d\d:?\d\d)?(?: std(?:out|err) [FP])?"
        r"(?: [A-Z] \d{1,8} \d{1,8})?\]?[:,]?(?: -)? ?"
    ),
    rf"\[?(?:\d\d[-/]\d\d )?{_CLOCK}\]?:? ",
    rf"\[?[IWEF]\d{{4}} {_CLOCK}\s{{1,7}}\d{{1,8}} \S{{1,200}}\] ?",  # glog, klog
    r"\[[IWEF]\d{0,4}[^\]\n]{0,20} \S{1,80}:\d{1,6}\] ?",  # torch's C++ log
    rf"[A-Z][a-z]{{2}} [ \d]\d {_CLOCK} \S{{1,100}} [\w./-]{{1,60}}(?:\[\d{{1,8}}\])?: ",  # syslog
    r"(?:<\d{1,3}>)?\[ {0,6}\d{1,8}\.\d{1,6}\] ?",  # dmesg
    rf"\[[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {_CLOCK} \d{{4}}\] ?",  # dmesg -T
)
_LOGGERS = (
    rf"\[?(?:{_LEVELS})\]?(?: ?[:|-])?(?:root:|[\w.]{{1,60}}:(?=[^\s\d]))? ?",
    r"\[(?:trace|debug|info|warn|warning|error|fatal)\] ?",
    r"\[[\w./-]{1,80}:\d{1,6}\](?: -)? ?",
    r"[\w./-]{1,80}\.(?:py|cc|cpp|cu|go|h|rs):\d{1,6}:? ?(?:- ?)?",
    rf"[\w.]{{1,80}} - (?:{_LEVELS}) - ",
)
_MARK = re.compile("|".join((*_SPEAKERS, *_TIMES, *_LOGGERS)))
_FIRST_MARK = re.compile("|".join(_FIRST))


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line taken apart: who says it ("" where no mark tells), the rank among them, and what is said, indented."""

    speaker: str
    rank: str | None
    body: str


def said(line: str) -> SpokenLine:
    """The line without the marks before it."""
    speaker, rank, at = "", None, 0
    for number in range(_MOST_MARKS):
        match = _MARK.match(line, at) or (_FIRST_MARK.match(line) if number == 0 else None)
        if match is None or match.end() == at:
            break
        for kind, value in match.groupdict().items():
            if value is not None:
                speaker = f"{speaker} {value}".strip()
                rank = value if kind.endswith("rank") or kind == "task" else rank
        at = match.end()
    return SpokenLine(speaker, rank, line[at:])


class Program(StrEnum):
    """Whose words a line is in. A name in the catalogue's `said_by` and `never_by`."""

    KERNEL = "kernel"
    KUBERNETES = "kubernetes"
    SLURM = "slurm"
    JAVA = "java"
    NODE = "node"
    GO = "go"
    GLOO = "gloo"


_WORDS = {
    Program.KERNEL: r"\bkernel:|\bNVRM:|^\W{0,3}\[ {0,6}\d{1,8}\.\d{1,6}\]"
    r"|^(?:<\d{1,3}>)?\[[A-Z][a-z]{2} [A-Z][a-z]{2} ",
    Program.KUBERNETES: r"^\s{0,20}(?:Warning|Normal)\s|\bkubelet\b|^\s{0,20}\"?(?:[Rr]eason|[Mm]essage)\"?:|\bpod=\"|"
    r"\b(?:default-scheduler|kueue-\w{1,20}|job-controller|pod has unbound)\b|rpc error: code =",
    Program.SLURM: r"\b(?:slurmstepd|slurmd|srun|sbatch|salloc|pyxis)(?:-\S{1,60})?: ",
    Program.JAVA: r"\b(?:java|javax|scala|kotlin|org\.apache|com\.fasterxml|io\.netty)\.[a-z]|Exception in thread \"|"
    r"^\s{0,20}Caused by: [a-z]{2,12}\.|^\s{0,20}at [\w$.]{1,200}\([\w$]{1,80}\.(?:java|scala|kt)",
    Program.NODE: r"\bnode:internal|JavaScript heap|^\s{0,20}at .{1,200}\.[cm]?[jt]s:\d",
    Program.GO: r"^panic: |^goroutine \d|\.go:\d{1,6} \+0x|^fatal error: (?:all goroutines|concurrent|stack)",
    Program.GLOO: r"\bgloo\b",
}
_PROGRAMS = {program: re.compile(words) for program, words in _WORDS.items()}


def spoken_by(program: Program, line: str) -> bool:
    """Whether the line is in this program's words."""
    return _PROGRAMS[program].search(line) is not None
