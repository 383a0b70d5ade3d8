"""A text as the finders of personal data read it: same length, fewer disguises."""

import re
import unicodedata
from collections.abc import Iterator

BLANK = "\x00"
"""Stands where a value was found: no finder's pattern holds it."""
_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_SPACES = re.compile(r"[^\S\n]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_DIGITS = re.compile(r"[0-9]+")
_BEFORE, _AFTER = 120, 120
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def clean(text: str) -> str:
    """Return the text without control and invisible characters, which hide values from a rule."""
    return _DROPPED.sub("", text)


def plain_of(text: str) -> str:
    """Return the text with each letter, digit, dash and space in its plainest form.

    Character for character, so that a place in one is the same place in the other:
    ``Müller ①２`` reads ``Muller 12``. Case stays: names of streets are told by it.
    """
    spaced = _DASHES.sub("-", _SPACES.sub(" ", text))
    return _NOT_ASCII.sub(lambda match: _plainest(match.group()), spaced)


def _plainest(character: str) -> str:
    if character in "ßºª°":
        return character
    folded = unicodedata.normalize("NFKD", character)[0]
    return folded if folded.isprintable() and not folded.isspace() else character


def near(plain: str, anchor: re.Pattern[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Search a pattern only around what each of its matches holds: most of a text is far from it.

    A match may begin ``_BEFORE`` characters before an anchor and end ``_AFTER`` behind it.
    """
    start = end = 0
    for found in anchor.finditer(plain):
        if found.start() - _BEFORE > end:
            yield from pattern.finditer(plain, start, end)
            start = found.start() - _BEFORE
        end = min(len(plain), found.end() + _AFTER)
    yield from pattern.finditer(plain, start, end)


def near_digits(plain: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Search a pattern whose every match holds a digit."""
    return near(plain, _DIGITS, pattern)
