"""Personal data is masked here and nowhere else, before anybody but its owner's brand reads it.

A value becomes a token, the same for the same value under the same salt, so that people can tell
two addresses apart and a search finds both tickets of one.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence

from gigcx.masking.finding import FINDERS, Span, find_names
from gigcx.masking.reading import BLANK, clean, plain_of

TEXT_MAX = 100_000
"""Characters that are looked at; a longer text is cut."""
_TOKEN_HEX = 4
_TOKEN = re.compile(r"\[[a-z]+·[0-9a-f]{4}\]")
_PARTICLES = frozenset(
    ("al", "da", "de", "del", "der", "di", "dos", "el", "la", "le", "van", "von", "y")
)


def mask(text: str, *, names: Sequence[str] = (), salt: str = "") -> str:
    """Return the text with personal data replaced by tokens like ``[email·3f2a]``.

    Finds e-mail addresses, IBANs, cards, IP addresses, postal addresses, order and customer
    numbers, phone numbers and the names given. Masking a masked text changes nothing. Control and
    invisible characters are dropped.

    :param names: names that are known of the customer, in full or in parts.
    :param salt: tells tokens of one brand from another's.
    """
    text = clean(text[:TEXT_MAX])
    plain = _blanked(plain_of(text), (match.span() for match in _TOKEN.finditer(text)))
    found: list[tuple[Span, str]] = []
    for kind, find in FINDERS:
        spans = list(find(plain))
        plain = _blanked(plain, spans)
        found += [(span, kind) for span in spans]
    found += [(span, "name") for span in find_names(plain, _parts(names))]
    return _replaced(text, sorted(found), salt)


def holds_tokens(text: str) -> bool:
    """Say whether something in a text was masked."""
    return _TOKEN.search(text) is not None


def _parts(names: Sequence[str]) -> list[str]:
    parts = {part for name in names for part in (name.strip(), *re.split(r"[\s\-]+", name))}
    told = (part for part in parts if len(part) > 1 and part.lower() not in _PARTICLES)
    return sorted(told, key=len, reverse=True)


def _blanked(plain: str, spans: Iterable[Span]) -> str:
    """Return the text with spans made unreadable, so that no other finder takes a part of them."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [plain[end:start], BLANK * (stop - start)]
        end = stop
    return "".join([*pieces, plain[end:]])


def _replaced(text: str, found: Sequence[tuple[Span, str]], salt: str) -> str:
    pieces, end = [], 0
    for (start, stop), kind in found:
        pieces += [text[end:start], _token(kind, text[start:stop], salt)]
        end = stop
    return "".join([*pieces, text[end:]])


def _token(kind: str, value: str, salt: str) -> str:
    said = re.sub(r"\W", "", plain_of(value)).lower()
    digest = hmac.new(salt.encode(), f"{kind}:{said}".encode(), hashlib.sha256)
    return f"[{kind}·{digest.hexdigest()[:_TOKEN_HEX]}]"
