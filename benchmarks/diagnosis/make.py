"""Makes the corpus: runs programs until they fail, and keeps what they say. By hand, outside of CI, on any machine
without a GPU: python -m benchmarks.diagnosis.make ENVIRONMENT [NAME ...]

ENVIRONMENT is a virtual environment with the packages of `packages.txt`; Java, Node and Open MPI 4 come from the
distribution. Logs and exit codes go to `logs/`. Names of this machine are taken out of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LOGS = HERE / "logs"
JOB = Path("/tmp/job")  # noqa: S108 a fixed folder: it stands in the tracebacks
_LIMIT = 150
"""Seconds that one program may take."""
_MOST = 60_000
"""Bytes that are kept of one log."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run(scenario: dict[str, Any], environment: Path) -> tuple[str, int]:
    """What the program said, and its exit code as a shell shows it."""
    port = str(free_port())
    shutil.rmtree(JOB, ignore_errors=True)
    JOB.mkdir()
    for name, text in scenario.get("files", {}).items():
        (JOB / name).write_text(text.replace("${PORT}", port), encoding="utf-8")
    variables = {
        "PATH": f"{environment}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": tempfile.gettempdir(),
        "VIRTUAL_ENV": str(environment),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        **scenario.get("env", {}),
    }
    with subprocess.Popen(  # noqa: S603 the commands are this project's own
        ["/bin/bash", "-c", scenario["run"].replace("${PORT}", port)],
        cwd=JOB,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as program:
        try:
            said, _ = program.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, 9)
            said, _ = program.communicate()
        code = program.returncode
    return said[-_MOST:].decode("utf-8", "replace"), code if code >= 0 else 128 - code


def anonymous(said: str, environment: Path) -> str:
    """The log without names of this machine."""
    interpreter = (environment / "bin" / "python").resolve().parents[1]
    for name, instead in (
        (str(environment), "/opt/env"),
        (str(interpreter), "/opt/python"),
        (socket.gethostname(), "node-1"),
    ):
        said = said.replace(name, instead)
    return said


def main(environment: Path, names: list[str]) -> None:
    """Runs the scenarios of these names, or all."""
    LOGS.mkdir(exist_ok=True)
    record = LOGS / "exit_codes.yaml"
    codes: dict[str, int] = yaml.safe_load(record.read_text(encoding="utf-8")) if record.exists() else {}
    for scenario in yaml.safe_load((HERE / "scenarios.yaml").read_text(encoding="utf-8")):
        if names and scenario["name"] not in names:
            continue
        said, codes[scenario["name"]] = run(scenario, environment)
        (LOGS / f"{scenario['name']}.log").write_text(anonymous(said, environment), encoding="utf-8")
        record.write_text(yaml.safe_dump(codes), encoding="utf-8")
        print(scenario["name"], codes[scenario["name"]], len(said), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), sys.argv[2:])
