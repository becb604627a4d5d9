"""A person who mistypes the database's address reads one line, without the password that stands in it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app

SECRET = "Tr0ub4dor-and-3"
ADDRESSES = [
    SECRET,
    f"postgresql://bot:{SECRET}@127.0.0.1:abc/x",
    f"postgresql://bot:{SECRET}@127.0.0.1:99999/x",
    f"postgresql://bot:{SECRET}@127.0.0.1:1/x",
    f"postgresql://bot@127.0.0.1:1/x?password={SECRET}",
    f"postgresql://bot@127.0.0.1:1/x?pasword={SECRET}",
    f"postgresql://bot@127.0.0.1:1/x?sslmode={SECRET}",
    f"postgresql://bot@127.0.0.1:1/x?passfile=/x&options=password%3D{SECRET}",
    f"postgresql://bot:{SECRET}@[::1/x",
    f"postgresql://bot:{SECRET}@{'a' * 300}/x",
    f"postgresql://bot:{SECRET}@h\u00fc/x",
    f"mysql://bot:{SECRET}@h/x",
    f"sqlite://bot:{SECRET}@h/x",
    f"sqlite:///a?b={SECRET}",
    "postgresql://",
    "sqlite:///" + "a" * 5000,
    "sqlite:////proc/none/x",
    "://",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_cannot_be_used_is_said_in_one_line_without_its_password(address: str) -> None:
    result = CliRunner().invoke(app, ["stats"], env={"FAILURES_DATABASE_URL": address})
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert SECRET not in result.output
    assert len(result.output.splitlines()) == 1
    assert result.output.startswith("failures: ")
