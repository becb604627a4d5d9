"""Whatever words a command is given, it answers, says in one line why not, or how it is used: never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

WORDS = [
    ("analyze", "\ud800"),
    ("node", "a\x00b"),
    ("image", "\ud800"),
    ("job", "\ud800"),
    ("stats", "--cluster", "\ud800"),
    ("analyze", "--until", "0001-01-01T00:00:00+14:00"),
    ("analyze", "--until", "9999-12-31T23:59:59-14:00"),
    ("stats", "--until", "1970-01-01"),
    ("fix", "\ud800"),
    ("solutions", "\ud800"),
    ("unknown", "\ud800"),
    ("predict", "\ud800"),
    ("cost", "--until", "1970-01-02", "--period", "366d"),
    ("actions", "\ud800"),
    ("digest", "\ud800", "--until", "1970-01-01"),
    ("diagnose", "/"),
    ("import", "/"),
    ("analyze", "--config", "/"),
]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_odd_words_are_answered_or_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, words, env={"FAILURES_DB_PATH": str(tmp_path / "failures.db")})
    assert result.exit_code in {0, 1, 2}
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
