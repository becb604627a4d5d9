"""Each outside library has one room, and lint-imports sees to it in every module that there is or will be."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {
    "kubernetes": "cluster",
    "sqlalchemy": "store",
    "sqlmodel": "store",
    "alembic": "store",
    "psycopg": "store",
    "slack_sdk": "slack",
    "slack_bolt": "slack",
    "apscheduler": "schedule",
}
"""Library to the room of `bot` that may import it."""
MODULES = sorted(path.stem for path in (ROOT / "bot").glob("*.py") if not path.stem.startswith("__"))
PACKAGES = sorted(path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "bot").rglob("__init__.py"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What lint-imports says of a copy of the project in which every package, every single module beside them, and a
    module that nobody knows import every library."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("bot", "playground"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "_data", "static"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    imports = "".join(f"import {library}\n" for library in ROOMS)
    for package in PACKAGES:
        (copy / package / "planted.py").write_text(imports, encoding="utf-8")
    for module in (copy / "bot").glob("*.py"):
        if module.stem != "planted":
            module.write_text(f"{module.read_text(encoding='utf-8')}\n{imports}", encoding="utf-8")
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    return ran.stdout


def planted() -> Iterator[str]:
    """The modules that import what they must not."""
    yield from (f"{package.replace('/', '.')}.planted" for package in PACKAGES)
    yield from (f"bot.{name}" for name in MODULES)


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_refused_everywhere_but_in_its_room(report: str, library: str) -> None:
    found = re.findall(rf"^-? *(bot[\w.]*) -> {library} \(", report, re.MULTILINE)
    room = f"bot.{ROOMS[library]}"
    outside = {name for name in planted() if name != room and not name.startswith(f"{room}.")}
    assert {name for name in found if name in set(planted())} == outside


def test_a_module_that_no_layer_names_is_refused(report: str) -> None:
    assert re.search(r"^- bot\.planted$", report, re.MULTILINE)
