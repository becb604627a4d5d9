"""Things that must agree with one another."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
SEED_SETTINGS = {
    "allowed_projects": ("*",),
    "lookback_days": 7,
    "pattern_threshold": 3,
    "enable_auto_remediation": False,
}


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name, _ in rows] == list(Settings.model_fields)
    for name, default in rows:
        if default.startswith("`"):
            field = Settings.model_fields[name].get_default(call_default_factory=True)
            plain = list(field) if isinstance(field, tuple) else field
            assert yaml.safe_load(default.strip("`")) == (
                plain if isinstance(plain, bool | int | float | list | dict) else str(plain)
            ), name


@pytest.mark.parametrize(("key", "value"), SEED_SETTINGS.items())
def test_the_seeds_settings_keep_their_names_and_defaults(key: str, value: object) -> None:
    assert Settings.model_fields[key].default == value


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "demo",
        "analyze",
        "stats",
        "node",
        "image",
        "fix",
        "inspect",
        "remediate",
        "diagnose",
        "import",
        "digest",
        "doctor",
        "db upgrade",
        "db prune",
        "db export",
        "db import-knowledge",
        "solutions",
        "predict",
        "retry",
        "cost",
    ],
)
def test_the_command_line_has_every_command_that_scripts_rely_on(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_no_two_public_classes_of_the_bot_share_a_name() -> None:
    places = defaultdict(list)
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_file_names_a_package_registry() -> None:
    registries = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org")
    named = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file()
        and not {".git", ".venv", "__pycache__"} & set(path.parts)
        and path.suffix in {".py", ".md", ".txt", ".toml", ".yml", ".yaml", ".jinja", ".sh", ""}
        and any(name in path.read_text(encoding="utf-8", errors="ignore") for name in registries)
    ]
    assert named == []
