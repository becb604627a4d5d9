"""The one door for text that is stored, shown or sent, whoever wrote it: it is cleaned of characters that deceive, and
then masked. What is masked cannot be recovered; the words around it stay, so that the text can still be read.

Secrets are known by their own format (`token_formats`), by the name beside them (`assignments`), by the grammar of the
place where they stand (`urls`, `headers`, `logins`), or as the lines of a private key (`keys`). docs/masking.md shows
each format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from bot.domain.text.characters import harmless, one_line
from bot.domain.text.masking import assignments, headers, keys, logins, token_formats, urls
from bot.domain.text.masking.assignments import Found
from bot.domain.text.masking.names import surety
from bot.domain.text.masking.place import SecretPlace
from bot.domain.text.masking.values import is_secret

__all__ = ["Masked", "mask", "mask_value", "masked_line"]

_SHORTEST = 8
"""Characters of the shortest text that can hold a secret and something to know it by."""
_LONG = 16
"""Characters of the shortest word that can be a token."""
_LONGEST_REMEMBERED = 200
_BEGINNING = re.compile(r"([A-Za-z0-9]{1,13})(?=([-_.~]?)[\w.+/~=$-]{7})[A-Za-z0-9]*")
_PLACES = tuple(chain(urls.PLACES.items(), headers.PLACES.items(), logins.PLACES.items()))
_MASKED = re.compile(r"\[masked [a-zA-Z0-9&. ]{3,30}\]")
_UPPER_AND_LOWER = str.maketrans({chr(code): chr(code + 32) for code in range(65, 91)})


class Masked(str):
    """Text that went through the door already: the only kind that does not go again."""

    __slots__ = ()

    def first(self, most: int) -> Masked:
        """Its beginning, of at most `most` characters."""
        return self if len(self) <= most else Masked(self[:most])

    def last(self, most: int) -> Masked:
        """Its end, without blanks around, of at most `most` characters."""
        return Masked(self[-most:].strip())


def mask(text: str) -> Masked:
    """The text without characters that deceive, each secret replaced by "[masked KIND]". Masking a masked text changes
    nothing."""
    if type(text) is Masked:
        return text
    text = harmless(text)
    if len(text) < _SHORTEST:
        return Masked(text)
    found = list(_found(text.replace("\\n", "\\\n")))  # a text within a JSON text is read in its own lines
    return Masked(_replaced(text, found) if found else text)


def _found(text: str) -> Iterator[Found]:
    """Every secret, some of them several times."""
    folded = text.lower()
    if len(folded) != len(text):
        folded = text.translate(_UPPER_AND_LOWER)
    yield from _tokens(text)
    yield from assignments.spans(text, folded)
    yield from _placed(text, folded)
    if "-----" in folded or "private-lines" in folded:
        yield from ((begin, end, keys.KIND) for begin, end in keys.spans(text))


def mask_value(name: str, value: str) -> Masked:
    """The value of this name masked: all of it where the name says that it is a secret."""
    masked = mask(value)
    if "[masked " not in masked and is_secret(masked, "", surety(name), quoted=True, in_prose=False):
        return Masked("[masked value]")
    return masked


def masked_line(text: str, most: int) -> str:
    """The text masked, in one line of at most `most` characters; a cut is shown by "…"."""
    return one_line(mask(text[: most * 8]), most)


def _tokens(text: str) -> Iterator[Found]:
    """Tokens that tell by themselves what they are: each is within one long word."""
    at = 0
    for word in text.split():
        if len(word) >= _LONG:
            at = text.index(word, at)
            for begin, end, kind in _in_word(word) if len(word) <= _LONGEST_REMEMBERED else _found_in(word):
                yield at + begin, at + end, kind
            at += len(word)


def _found_in(word: str) -> tuple[Found, ...]:
    return tuple(_of_formats(word))


_in_word = lru_cache(8192)(_found_in)
"""Images, modules and nodes come again and again."""


def _of_formats(word: str) -> Iterator[Found]:
    done = 0
    for found in _BEGINNING.finditer(word):
        beginning, mark = found.groups()
        formats = token_formats.JOINED.get(beginning[:2], ())
        if mark and beginning in token_formats.SEPARATED:
            formats = (*token_formats.SEPARATED[beginning], *formats)
        if formats and found.start() >= done:
            for token in _first_of(formats, word, found.start()):
                done = token[1]
                yield token
    for part, shapes in token_formats.ANYWHERE.items():
        if part in word:
            for kind, pattern in shapes:
                if match := pattern.search(word):
                    yield *match.span("hidden" if "hidden" in pattern.groupindex else 0), kind


def _first_of(formats: Iterable[token_formats.Format], word: str, at: int) -> Iterator[Found]:
    for kind, shape in formats:
        if match := shape.match(word, at):
            yield at, match.end(), kind
            return


def _placed(text: str, folded: str) -> Iterator[Found]:
    """Secrets that are known by where they stand."""
    for part, rows in _PLACES:
        if part in folded:
            for place in rows:
                yield from _at(place, text, folded)


def _at(place: SecretPlace, text: str, folded: str) -> Iterator[Found]:
    for word in place.at:
        at = folded.find(word)
        while at >= 0:
            after = at + len(word)
            if (match := place.pattern.match(text, at)) and place.is_secret(match["hidden"]):
                yield *match.span("hidden"), place.kind
                after = match.end("hidden")
            at = folded.find(word, after)


def _replaced(text: str, found: Iterable[Found]) -> str:
    """The text with what was found replaced; of two that overlap, the one that begins first gives the kind."""
    pieces: list[str] = []
    at = 0
    for begin, end, kind in sorted(_outside_masks(text, found), key=lambda each: (each[0], -each[1])):
        if end <= at:
            continue
        if text[end - 1] == "\\" and text[end : end + 1] in {"n", "r", "t", '"', "'"}:
            end -= 1  # noqa: PLW2901 what it escapes is no part of the secret
        if begin >= at:
            pieces += [text[at:begin], f"[masked {kind}]"]
        at = end
    return "".join([*pieces, text[at:]])


def _outside_masks(text: str, found: Iterable[Found]) -> Iterable[Found]:
    """All but what is a mask, or a part of one."""
    if "[masked " not in text:
        return found
    masks = [match.span() for match in _MASKED.finditer(text)]
    return [each for each in found if not any(begin < each[1] and each[0] < end for begin, end in masks)]
