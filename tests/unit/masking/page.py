"""docs/masking.md: what masking does to each format and to each useful line, as it does it.
`python -m tests.unit.masking.page > docs/masking.md` writes it anew."""

from __future__ import annotations

import sys

from bot.domain.text.masking import mask
from tests.unit.masking.formats import FORMATS, Format
from tests.unit.masking.useful import USEFUL

_HEAD = f"""# What is masked

All text that is stored, posted or sent goes through one door, `bot.domain.text.masking.mask`, whoever wrote it: it is
first cleaned of characters that nobody sees and of terminal codes, so that none of them can save a token, and then
masked. What is masked cannot be recovered. Text columns of the database take nothing else (`bot/store/said.py`), and
templates show nothing else.

This page is made by the tests from what masking does (`tests/unit/masking`); they compare. “…” stands for the rest of a
secret that is made up for the test.

The formats of tokens are facts from [gitleaks](https://github.com/gitleaks/gitleaks)' rules (MIT, commit 009e025ad410),
[detect-secrets](https://github.com/Yelp/detect-secrets) 1.5.0 (Apache-2.0) and the services' own pages; the notation in
`bot/domain/text/masking/token_formats.py` is ours. A secret that has neither a format, nor a name, nor a place that
tells is not known: a password alone in a line stays.

## {len(FORMATS)} formats that are masked

| format | as it is said | as it is kept |
|---|---|---|
"""
_USEFUL = f"""
## {len(USEFUL)} lines that stay as they are

| as it is said | as it is kept |
|---|---|
"""
_SHOWN = 4


def page() -> str:
    """The whole page."""
    formats = "".join(
        f"| {each.name} | {_cell(_without_secret(each))} | {_cell(mask(each.said))} |\n" for each in FORMATS
    )
    lines = "".join(
        f"| {_cell(line)} | {'the same' if mask(line) == line else _cell(mask(line))} |\n" for line in USEFUL
    )
    return _HEAD + formats + _USEFUL + lines


def _without_secret(said: Format) -> str:
    return said.said.replace(said.secret, f"{said.secret[:_SHOWN]}…")


def _cell(text: str) -> str:
    """As code in a cell of a table."""
    escaped = text.replace("\n", "⏎ ").replace("|", "\\|")
    return f"`` {escaped} ``" if "`" in escaped else f"`{escaped.strip()}`"


if __name__ == "__main__":
    sys.stdout.write(page())
