"""The locks install where people are: with the pip that Debian 12 and Python 3.11 bring."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLDEST_PIP = {(3, 11): "23.0.1", (3, 12): "23.2.1", (3, 13): "24.2"}.get(sys.version_info[:2], "25.0")
"""The oldest that comes with this Python: Debian 12 has Python 3.11 with 23.0.1."""
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_there_is_a_lock_for_running_the_demo_and_the_tests() -> None:
    assert [lock.stem for lock in LOCKS] == ["demo", "dev", "run"]


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty environment with the oldest pip that is supported."""
    folder = tmp_path_factory.mktemp("old-pip")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", f"pip=={OLDEST_PIP}"], check=True, capture_output=True)
    return python


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_the_oldest_supported_pip_takes_the_lock(old_python: Path, lock: Path) -> None:
    command = f"{old_python} -m pip install --dry-run -q --require-hashes -r {lock}".split()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
