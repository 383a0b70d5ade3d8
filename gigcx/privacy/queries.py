"""A person's data in one file that a program can read. Source: GDPR, articles 15 and 20."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gigcx import ids
from gigcx.catalog.models import Certificate
from gigcx.customers.models import Contact, Order
from gigcx.customers.queries import get_customer
from gigcx.db import db
from gigcx.desk.models import Claim, Resolution
from gigcx.earnings.models import Earning
from gigcx.experiments.models import Assignment
from gigcx.experts.models import Application, Expert
from gigcx.identity.models import User
from gigcx.principal import Principal
from gigcx.quality.models import Rating
from gigcx.tickets.models import Attachment, Message, Original, Ticket

_USER = ("email", "name", "created_at")
_EXPERT = ("standing", "languages", "time_zone", "country", "paused_until", "created_at")


def export_customer(who: Principal, customer_id: UUID) -> dict[str, Any]:
    """Return all that a brand holds about a customer: in their own words, unmasked.

    ``who`` needs a purpose, without which the database shows no original.

    :raises CustomerNotFound: if they are not this brand's.
    """
    customer = get_customer(who, customer_id)
    of = {"brand_id": customer.brand_id, "customer_id": customer.id}
    return {
        "customer": _told(customer, "external_id", "name", "email", "language", "created_at"),
        "orders": [
            _told(order, "external_id", "amount_minor", "currency", "ordered_at")
            for order in _all(Order, **of)
        ],
        "contacts": [
            _told(contact, "external_id", "resolver", "status", "rating", "contacted_at")
            for contact in _all(Contact, **of)
        ],
        "experiments": [
            _told(draw, "arm", "assigned_at", ("experiment_id", "experiment"))
            for draw in _all(Assignment, **of)
        ],
        "tickets": [_ticket(ticket) for ticket in _all(Ticket, **of)],
    }


def _ticket(ticket: Ticket) -> dict[str, Any]:
    of = {"brand_id": ticket.brand_id, "ticket_id": ticket.id}
    messages = [message for message in _all(Message, **of) if not message.is_internal]
    originals = _originals(ticket.brand_id, [ticket.id, *(message.id for message in messages)])
    return {
        "id": ids.shown("ticket", ticket.id),
        "subject": originals.get((ticket.id, "subject"), ticket.subject),
        **_told(ticket, "external_id", "state", "opened_at", "language", "intention"),
        "messages": [
            _told(message, "author", "sent_at")
            | {"text": originals.get((message.id, "text"), message.masked_text)}
            for message in messages
        ],
        "files": [_told(file, "name", "size_bytes", "added_at") for file in _all(Attachment, **of)],
        "ratings": [_told(rating, "stars", "comment", "rated_at") for rating in _all(Rating, **of)],
    }


def export_expert(who: Principal) -> dict[str, Any]:
    """Return all that is held about the expert who asks: what they are, did and earned."""
    user = db.session.get_one(User, who.user_id)
    expert = db.session.get_one(Expert, who.user_id)
    of = {"expert_id": who.user_id}
    earnings = ("amount_minor", "currency", "state", "created_at", "release_on")
    return {
        "person": _told(user, *_USER) | _told(expert, *_EXPERT),
        "brands": [_told(one, "state", "badge", "applied_at") for one in _all(Application, **of)],
        "certificates": [
            _told(one, "state", "score_bps", "issued_at", "valid_until")
            for one in _all(Certificate, **of)
        ],
        "claims": [
            _told(one, "state", "claimed_at", "ended_at", ("ticket_id", "ticket"))
            for one in _all(Claim, claimant_id=who.user_id)
        ],
        "resolutions": [
            _told(one, "state", "submitted_at", ("ticket_id", "ticket"))
            for one in db.session.scalars(
                sa.select(Resolution)
                .join(
                    Claim,
                    sa.and_(Claim.brand_id == Resolution.brand_id, Claim.id == Resolution.claim_id),
                )
                .where(Claim.claimant_id == who.user_id)
            )
        ],
        "earnings": [_told(one, *earnings) for one in _all(Earning, **of)],
        "messages": [
            _told(one, "masked_text", "sent_at", ("ticket_id", "ticket"))
            for one in _all(Message, author_id=who.user_id)
        ],
        "ratings": [
            _told(one, "stars", "comment", "rated_at")
            for one in _all(Rating, claimant_id=who.user_id)
        ],
    }


def _all(model: type[Any], **equal: UUID) -> Sequence[Any]:
    return db.session.scalars(sa.select(model).filter_by(**equal)).all()


def _originals(brand_id: UUID, of: Sequence[UUID]) -> dict[tuple[UUID, str], str]:
    rows = db.session.scalars(
        sa.select(Original).where(Original.brand_id == brand_id, Original.id.in_(of))
    )
    return {(row.id, row.field): row.original for row in rows}


def _told(row: Any, *names: str | tuple[str, str]) -> dict[str, Any]:
    """Return columns of a row; one that is an id, as (column, thing), is shown with its prefix."""
    return {
        name if isinstance(name, str) else name[1]: _plain(getattr(row, name))
        if isinstance(name, str)
        else ids.shown(name[1], getattr(row, name[0]))
        for name in names
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
