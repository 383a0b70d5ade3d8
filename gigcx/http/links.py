"""Signed links and addresses, with which a customer without an account reads and answers."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from gigcx import ids
from gigcx.errors import Conflict, NotFound
from gigcx.principal import Principal

LASTS = timedelta(days=30)
"""Longer than a contract's window for reopening."""
_ID_BYTES, _SEAL_BYTES = 16, 10
SIGNED_WITH = {"digest_method": hashlib.sha256}
_PADDING = "======"
"""What 26 bytes lack to a whole number of groups of base32; the letters before need no case."""


class LinkExpired(Conflict):
    """The link was good once."""

    code = "links/expired"
    title = "This link is too old"


class LinkNotFound(NotFound):
    """The link was not made here, or lost a part on its way."""

    code = "links/not-found"
    title = "This link leads nowhere"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link lets its holder do: act as one customer on one ticket."""

    brand_id: UUID
    ticket_id: UUID
    customer_id: UUID

    @property
    def principal(self) -> Principal:
        """The customer, as whom the holder acts."""
        return Principal(self.customer_id, (self.brand_id,), frozenset({"customer"}), purpose="own")


def sign(*, brand_id: UUID, ticket_id: UUID, customer_id: UUID) -> str:
    """Return the token of a link to a customer's ticket, good for ``LASTS``."""
    written: str = _signer().dumps(
        [
            ids.shown("brand", brand_id),
            ids.shown("ticket", ticket_id),
            ids.shown("customer", customer_id),
        ]
    )
    return written


def read(token: str) -> Link:
    """Return what a token says.

    :raises LinkExpired: if it is older than ``LASTS``.
    :raises LinkNotFound: if we did not sign it.
    """
    try:
        brand, ticket, customer = _signer().loads(token, max_age=int(LASTS.total_seconds()))
    except SignatureExpired as error:
        raise LinkExpired(
            f"Links are good for {LASTS.days} days. Ask again, and you get a new one."
        ) from error
    except BadData as error:
        raise LinkNotFound("Open the link from the mail, or copy all of it.") from error
    return Link(
        ids.parse("brand", brand), ids.parse("ticket", ticket), ids.parse("customer", customer)
    )


def read_for(token: str, ticket_id: UUID) -> Link:
    """Return what a token says if it is this ticket's.

    :raises LinkExpired: if it is older than ``LASTS``.
    :raises LinkNotFound: if we did not sign it, or for another ticket.
    """
    link = read(token)
    if link.ticket_id != ticket_id:
        raise LinkNotFound("The token is another ticket's. Send the one from this ticket's mail.")
    return link


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(
        current_app.secret_key, salt="customer-link", signer_kwargs=SIGNED_WITH
    )


def reply_address(ticket_id: UUID, *, sender: str) -> str:
    """Return the address at which answers to a ticket's mails arrive, at the sender's domain."""
    return _address("reply", ticket_id, sender)


def queue_address(queue_id: UUID, *, sender: str) -> str:
    """Return the address at which a queue takes questions."""
    return _address("ask", queue_id, sender)


def thing_of_address(kind: str, address: str) -> UUID | None:
    """Return whose address of this kind it is; None if we did not make it."""
    local = address.partition("@")[0].lower()
    if not local.startswith(f"{kind}+"):
        return None
    try:
        raw = base64.b32decode(local.removeprefix(f"{kind}+").upper() + _PADDING)
    except ValueError:
        return None
    name, seal = raw[:_ID_BYTES], raw[_ID_BYTES:]
    return UUID(bytes=name) if hmac.compare_digest(seal, _seal(kind, name)) else None


def _address(kind: str, thing_id: UUID, sender: str) -> str:
    sealed = thing_id.bytes + _seal(kind, thing_id.bytes)
    local = base64.b32encode(sealed).decode().rstrip("=").lower()
    return f"{kind}+{local}@{parseaddr(sender)[1].rpartition('@')[2]}"


def _seal(kind: str, name: bytes) -> bytes:
    assert isinstance(current_app.secret_key, str)
    key = current_app.secret_key.encode()
    return hmac.new(key, f"mail:{kind}:".encode() + name, hashlib.sha256).digest()[:_SEAL_BYTES]
