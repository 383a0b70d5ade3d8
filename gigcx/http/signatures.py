"""Signatures of what other programs of the same operator send us."""

import hashlib
import hmac
import time

OFF_SECONDS = 300
"""How far the sender's clock may be off, either way."""


def sign(body: bytes, *, secret: str, at: int) -> str:
    """Return the header's value for a body."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def is_signed(body: bytes, signature: str, *, secret: str) -> bool:
    """Say whether a body was signed with the secret, just now. Without a secret nothing is."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    at = parts.get("t", "")
    if not secret or not at.isdecimal() or len(at) > 12:  # noqa: PLR2004 - digits of seconds
        return False
    if abs(time.time() - int(at)) > OFF_SECONDS:
        return False
    return hmac.compare_digest(sign(body, secret=secret, at=int(at)), signature)
