"""What is written to a customer about their ticket."""

from dataclasses import dataclass
from string import Template
from uuid import UUID

import sqlalchemy as sa

from gigcx.customers import queries as customers
from gigcx.db import db
from gigcx.identity import queries as identity
from gigcx.tickets.models import Message, Original, Ticket
from gigcx.tickets.rules import Author, TicketState

_ANSWERED = """Hello $name,

$brand has an answer to your question "$subject":

$answer

Read it, write back, or say that it helped:
$link
"""
_RESOLVED = """Hello $name,

$brand believes that your question "$subject" is answered.

Did it help? One click confirms it, and you can rate the answer:
$link

If you say nothing, we take it that it did.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to a customer, but for the link that its sender signs."""

    brand_id: UUID
    ticket_id: UUID
    customer_id: UUID
    email: str
    subject: str
    text: str
    """Holds ``$link`` where the link goes."""
    reference: str
    """Names the mail, so that it is sent once."""


def find_letter(*, brand_id: UUID, ticket_id: UUID) -> Letter | None:
    """Return the letter that a ticket's state calls for; None to a customer without an
    address, or whose address is known not to work.
    """
    ticket = db.session.get_one(Ticket, (brand_id, ticket_id))
    customer = customers.get_customer_of(brand_id=brand_id, customer_id=ticket.customer_id)
    if customer.email is None or customer.mail_bounced_at is not None:
        return None
    original = db.session.get(Original, (brand_id, ticket_id, "subject"))
    subject = original.original if original else ticket.subject
    brand = identity.get_brand(brand_id).name
    last = db.session.scalars(
        sa.select(Message)
        .where(Message.brand_id == brand_id, Message.ticket_id == ticket_id)
        .where(Message.author.in_([Author.EXPERT, Author.STAFF]), ~Message.is_internal)
        .order_by(Message.sent_at.desc())
        .limit(1)
    ).one_or_none()
    is_resolved = ticket.state == TicketState.RESOLVED
    if last is None and not is_resolved:
        return None
    words = {
        "name": customer.name or "there",
        "brand": brand,
        "subject": subject,
        "answer": last.masked_text if last else "",
    }
    template = Template(_RESOLVED if is_resolved else _ANSWERED)
    return Letter(
        brand_id,
        ticket_id,
        customer.id,
        customer.email,
        f"Re: {subject}",
        template.safe_substitute(words),
        f"{ticket_id}.{last.id if last else 'resolved'}.{ticket.state}",
    )
