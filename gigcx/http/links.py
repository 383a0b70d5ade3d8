"""Signed links, with which a customer who has no account reads and answers their own ticket."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from gigcx import ids
from gigcx.errors import Conflict, NotFound
from gigcx.principal import Principal

LASTS = timedelta(days=30)
"""Longer than a contract's window for reopening."""


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
        return Principal(self.customer_id, (self.brand_id,), frozenset({"customer"}))


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
    return URLSafeTimedSerializer(current_app.secret_key, salt="customer-link")
