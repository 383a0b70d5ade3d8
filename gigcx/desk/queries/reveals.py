"""What a person really wrote, and what of it is revealed to whom. Read with a purpose only."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.models import Reveal
from gigcx.desk.rules import Purpose
from gigcx.principal import Principal
from gigcx.tickets.models import Message, Original, Ticket

PURPOSES: Sequence[str] = tuple(Purpose)
"""What a reveal may be for."""


def find_original(ticket: Ticket, *, message_id: UUID | None) -> Original | None:
    """Return a message of a ticket as it was written, or its subject; None if there is none."""
    of_ticket = sa.select(Message.id).where(
        Message.brand_id == ticket.brand_id, Message.ticket_id == ticket.id
    )
    originals = sa.select(Original).where(Original.brand_id == ticket.brand_id)
    if message_id is None:
        return db.session.scalars(originals.where(Original.id == ticket.id)).one_or_none()
    return db.session.scalars(
        originals.where(Original.id == message_id, Original.id.in_(of_ticket))
    ).one_or_none()


def revealed_to(who: Principal, *, ticket_id: UUID, now: datetime) -> Mapping[UUID, str]:
    """Return message id → what was written, of what this person has revealed and may still see.

    The subject stands under the ticket's own id. Nothing, if ``who`` has no purpose.
    """
    rows = db.session.execute(
        sa.select(Original.id, Original.original)
        .join(
            Reveal,
            sa.and_(
                Reveal.brand_id == Original.brand_id,
                Reveal.original_id == Original.id,
                Reveal.field == Original.field,
            ),
        )
        .where(Reveal.brand_id.in_(who.brand_ids), Reveal.ticket_id == ticket_id)
        .where(Reveal.user_id == who.user_id, Reveal.until > now)
    )
    return dict(rows.all())
