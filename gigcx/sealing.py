"""Secrets at rest: sealed with a key from the environment, so that a stolen database opens none.

AES-256-GCM; what is sealed names its key, so that keys can change while old seals still open.
Source: OWASP ASVS 5.0, V11.3.2 and V13.3.1; NIST SP 800-38D.
"""

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = "v1"


class SealBroken(Exception):
    """What was stored was changed, was sealed for something else, or its key is not here."""


class Sealer:
    """Seals with the first of its keys and opens with any."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take the keys.

        :param keys: name → 32 bytes, the one to seal with first.
        """
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(keys))

    def seal(self, plain: str, *, purpose: str) -> str:
        """Return a secret as it is stored.

        :param purpose: what it is for; a seal moved to another place opens nowhere.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._first].encrypt(nonce, plain.encode(), purpose.encode())
        return f"{_VERSION}.{self._first}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, stored: str, *, purpose: str) -> str:
        """Return the secret.

        :raises SealBroken: if this is not how we stored it for this purpose.
        """
        version, _, rest = stored.partition(".")
        name, _, sealed = rest.partition(".")
        if version != _VERSION or name not in self._keys:
            raise SealBroken("The secret was sealed with a key that is not set.")
        try:
            raw = base64.urlsafe_b64decode(sealed)
            opened = self._keys[name].decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()
            )
        except (ValueError, InvalidTag):
            raise SealBroken("The stored secret was changed.") from None
        return opened.decode()

    def is_current(self, stored: str) -> bool:
        """Say whether a secret is sealed with the key that seals now."""
        return stored.startswith(f"{_VERSION}.{self._first}.")


def read_keys(told: str, *, otherwise: str) -> Mapping[str, bytes]:
    """Return the keys of a setting like ``2026b:BASE64,2026a:BASE64``, the one to seal with first.

    :param otherwise: a secret from which one is derived if none are told.
    :raises ValueError: if one is not 32 bytes, naming it.
    """
    if not told:
        derived = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"gigcx sealing")
        return {"derived": derived.derive(otherwise.encode())}
    keys = {}
    for part in told.split(","):
        name, _, value = part.strip().partition(":")
        keys[name] = base64.urlsafe_b64decode(value)
        if not name or len(keys[name]) != KEY_BYTES:
            raise ValueError(f"The sealing key {name or part!r} is not {KEY_BYTES} bytes.")
    return keys
