r"""Private keys of many lines: whole ones, ones cut off at either end, with a time stamp before each line, all in one
line with `\n` between. What stands between the marks is hidden, the marks stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

KIND = "private key"
_MARK = re.compile(
    r"-----(?:(?P<begin>BEGIN)|END) [A-Z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
    r"|(?P<lines>Private-Lines): \d{1,3}"
)
_LONGEST = 20_000
_MOST_LINES = 400
_LINE = re.compile(
    r"(?:[^\n]{0,120}[^A-Za-z0-9+/=\n-])?[A-Za-z0-9+/=]{16,100}[ \t\"',\\]{0,4}$|[ \t]*[A-Za-z0-9+/=]{8,100}[ \t\\]*$"
)
_HEADER = re.compile(
    r"(?:[^\n]{0,120}[ \t])?(?:Proc-Type|DEK-Info|Version|Comment|Key-Derivation|Argon2-\w+): [^\n]*$|[ \t\\]*$"
)
_RUN_AFTER = re.compile(r"(?:\\[nr\n]|[A-Za-z0-9+/=]){8,20000}")
_RUN_BEFORE = re.compile(r"(?:\\[nr\n]|[A-Za-z0-9+/=]){8,20000}$")


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the insides of private keys are."""
    marks = list(_MARK.finditer(text))
    for place, mark in enumerate(marks):
        following = marks[place + 1] if place + 1 < len(marks) else None
        if (
            mark["begin"]
            and _is_end(following)
            and following is not None
            and following.start() - mark.end() <= _LONGEST
        ):
            yield mark.end(), following.start()
        elif mark["begin"] or mark["lines"]:
            yield from _after(text, mark.end(), following.start() if following else len(text))
        elif place == 0 or _is_end(marks[place - 1]):
            yield from _before(text, mark.start(), marks[place - 1].end() if place else 0)


def _is_end(mark: re.Match[str] | None) -> bool:
    return mark is not None and not mark["begin"] and not mark["lines"]


def _after(text: str, begin: int, limit: int) -> Iterator[tuple[int, int]]:
    """The lines after a beginning that are a key's, and what follows in its own line."""
    end = begin
    if run := _RUN_AFTER.match(text, begin, limit):
        end = run.end()
    at = text.find("\n", end, limit)
    for _ in range(_MOST_LINES):
        if at < 0:
            break
        stop = text.find("\n", at + 1, limit)
        line = text[at + 1 : stop if stop >= 0 else limit]
        if _LINE.match(line):
            end = at + 1 + len(line)
        elif not _HEADER.match(line):
            if run := _RUN_AFTER.match(text, at + 1, at + 1 + len(line)):
                end = run.end()
            break
        at = stop
    if end > begin:
        yield begin, end


def _before(text: str, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """The lines before an end that are a key's."""
    start = text.rfind("\n", limit, end) + 1 or limit
    begin = end
    if run := _RUN_BEFORE.search(text[max(start, end - _LONGEST) : end]):
        begin = end - len(run[0])
    for _ in range(_MOST_LINES):
        if start <= limit:
            break
        above = text.rfind("\n", limit, start - 1) + 1 or limit
        if not _LINE.match(text[above : start - 1]):
            break
        begin = start = above
    if begin < end:
        yield begin, end
