"""The Python frame that raised an exception, read from the traceback above its line."""

from __future__ import annotations

import re
from collections import deque

from bot.domain.diagnosis.reading import ReadEvidence

_BEFORE = 4000
"""Characters above the line in which the frame is looked for."""
_FRAME = re.compile(r'File "(?P<file>[^"\n]{1,300})", line (?P<line>\d{1,7}), in (?P<function>[\w<>.]{1,100})')


def last_frame(facts: ReadEvidence, position: int) -> str | None:
    """The last frame before this place of the evidence, as "train.py:41 in main"; None where there is no traceback."""
    passage = next((each for each in reversed(facts.passages) if each.offset <= position), None)
    if passage is None:
        return None
    end = position - passage.offset
    frames = deque(_FRAME.finditer(passage.text, max(0, end - _BEFORE), end), maxlen=1)
    return next((f"{_base(frame['file'])}:{frame['line']} in {frame['function']}" for frame in frames), None)


def _base(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
