"""Revealing: one text of one ticket, to one person, for a purpose and a while, on record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gigcx import audit
from gigcx.db import db
from gigcx.desk import rules
from gigcx.desk.models import Reveal
from gigcx.desk.queries import reveals as queries
from gigcx.desk.queries import tickets as views
from gigcx.errors import NotFound
from gigcx.ids import new_id
from gigcx.principal import Principal


class NothingMasked(NotFound):
    """There is no original of this text."""

    code = "desk/nothing-masked"
    title = "There is nothing to reveal"


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a person really wrote, and until when its reader sees it."""

    text: str
    until: datetime


def reveal_text(
    now: datetime, *, who: Principal, ticket_id: UUID, message_id: UUID | None
) -> Revealed:
    """Show a message of a ticket, or its subject, as it was written; the audit says who and why.

    The purpose is that of ``who``: without one the database shows nothing.

    :param message_id: None for the ticket's subject.
    :raises TicketNotFound: if the ticket is not this person's to see.
    :raises NothingMasked: if the ticket has no such message.
    """
    ticket = views.get_ticket(who, ticket_id).ticket
    original = queries.find_original(ticket, message_id=message_id)
    if original is None:
        raise NothingMasked("The ticket has no such message.")
    until = now + rules.REVEALED_FOR
    db.session.add(
        Reveal(
            brand_id=ticket.brand_id,
            id=new_id(),
            ticket_id=ticket_id,
            original_id=original.id,
            field=original.field,
            user_id=who.user_id,
            purpose=who.purpose,
            revealed_at=now,
            until=until,
        )
    )
    db.session.flush()
    audit.note(
        now,
        "desk.text_revealed",
        subject=f"ticket:{ticket_id}",
        brand_id=ticket.brand_id,
        original_id=str(original.id),
        field=original.field,
    )
    return Revealed(original.original, until)
