"""Identifiers: UUIDv7 inside, ``tkt_01h455vb4pex5vsknk084sn02q`` outside.

The text form is that of TypeID 0.3: a prefix that names the thing, an underscore and the 128 bits
in Crockford's base32, so that an id says what it is and sorts by its time.
"""

import os
import time
from uuid import UUID

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_LETTERS = 26
_MAX = 1 << 128

PREFIXES = {
    "account": "pac",
    "action_request": "req",
    "api_key": "key",
    "attachment": "att",
    "audit": "aud",
    "brand": "brd",
    "canned_answer": "can",
    "call": "cal",
    "certificate": "crt",
    "claim": "clm",
    "contract": "con",
    "customer": "cus",
    "earning": "ern",
    "entry": "jrn",
    "experiment": "xpt",
    "expert": "exp",
    "funding": "fnd",
    "import": "imp",
    "incident": "inc",
    "line": "lin",
    "message": "msg",
    "order": "ord",
    "passkey": "psk",
    "queue": "que",
    "rating": "rat",
    "resolution": "res",
    "reward": "rwd",
    "run": "run",
    "session": "ses",
    "ticket": "tkt",
    "topic": "top",
    "user": "usr",
}
"""Prefix of each thing that is shown outside."""


def new_id() -> UUID:
    """Make a UUIDv7: 48 bits of milliseconds, then 74 random bits.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | random_bits
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def shown(thing: str, value: UUID) -> str:
    """Return the public form of an id, as in ``shown("ticket", ticket.id)``."""
    number = value.int
    letters = []
    for _ in range(_LETTERS):
        number, digit = divmod(number, 32)
        letters.append(_ALPHABET[digit])
    return f"{PREFIXES[thing]}_{''.join(reversed(letters))}"


def parse(thing: str, text: str) -> UUID:
    """Return the UUID of a public id.

    :raises ValueError: if the text is not an id of that thing.
    """
    prefix, _, letters = text.partition("_")
    if prefix != PREFIXES[thing] or len(letters) != _LETTERS:
        raise ValueError(f"not an id of a {thing}: expected {PREFIXES[thing]}_ and 26 letters")
    number = 0
    for letter in letters:
        if letter not in _VALUE:
            raise ValueError(f"not an id of a {thing}: {letter!r} cannot be in one")
        number = number * 32 + _VALUE[letter]
    if number >= _MAX:
        raise ValueError(f"not an id of a {thing}: too large")
    return UUID(int=number)
