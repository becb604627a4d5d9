"""A file that is handed to a command costs no more memory than it may, whatever it unpacks to."""

from __future__ import annotations

import gzip
import io
import resource
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.input_files import ALWAYS_BYTES, TooMuch, ends_of, opened_file, whole_text

MEMORY = 900 * 1024 * 1024
"""Bytes of address space for a command: a few times what it needs for a small file."""


def bomb(path: Path, line: bytes, gibibytes: int) -> Path:
    """A file of a few megabytes that unpacks to this much, written by members of which each is the same."""
    member = gzip.compress(line * (8 * 1024 * 1024 // len(line)))
    path.write_bytes(member * (128 * gibibytes))
    return path


def failures(*words: str, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (("diagnose",), b"\0"),
        (("import",), b"\0"),
        (("import",), b"\n"),
        (("db", "import-knowledge"), b"- a\n"),
        (("inspect",), b"- a\n"),
    ],
)
def test_a_few_megabytes_that_unpack_to_gigabytes_are_refused_in_one_line(
    command: tuple[str, ...], line: bytes, tmp_path: Path
) -> None:
    name = str(bomb(tmp_path / "bomb.gz", line, 6))
    done = failures(*command, name, where=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr[-2000:]
    assert "unpack" in done.stderr or "MiB" in done.stderr


def test_a_packed_log_is_diagnosed_like_a_plain_one(tmp_path: Path) -> None:
    log = b"step 1\n" * 2_000_000 + b"torch.OutOfMemoryError: CUDA out of memory.\n"
    for name, content in (("a.log", log), ("a.gz", gzip.compress(log))):
        (tmp_path / name).write_bytes(content)
        assert "cuda-out-of-memory" in failures("diagnose", name, "--json", where=tmp_path).stdout


@given(st.binary(max_size=300), st.integers(0, 50), st.integers(1, 50))
def test_the_ends_of_a_stream_are_its_ends(raw: bytes, head: int, end: int) -> None:
    kept = ends_of(io.BytesIO(raw), head=head, end=end)
    if len(raw) <= head + end:
        assert kept == raw
    else:
        assert kept == raw[:head] + b"\n" + raw[-end:]


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooMuch):
        whole_text(io.BytesIO(b"x" * 11), most=10)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_packed_is_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "any.gz").write_bytes(b"\x1f\x8b" + raw)
    with opened_file(str(tmp_path / "any.gz")) as stream, suppress(OSError, EOFError, zlib.error):
        assert len(stream.read()) <= ALWAYS_BYTES


def test_what_compresses_well_is_read_up_to_a_size(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\n" * (ALWAYS_BYTES // 2)))
    with opened_file(str(tmp_path / "a.gz")) as stream:
        assert len(stream.read()) == ALWAYS_BYTES // 2
