"""Which thread a mail belongs to, and what a mail of ours should say it answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx.channels.models import StoredMail
from gigcx.channels.rules import Direction
from gigcx.db import db
from gigcx.tickets.models import Ticket

NAMED_MAX = 10
"""Earlier mails that a mail names."""
_HOUR = timedelta(hours=1)


def find_ticket(*, ticket_id: UUID) -> Ticket | None:
    """Return a ticket of any brand; one that was merged leads to the one that it went into."""
    ticket = db.session.scalars(sa.select(Ticket).where(Ticket.id == ticket_id)).one_or_none()
    while ticket is not None and ticket.merged_into_id is not None:
        ticket = db.session.get(Ticket, (ticket.brand_id, ticket.merged_into_id))
    return ticket


def find_thread(names: Sequence[str]) -> Ticket | None:
    """Return the ticket of the first of these mails that is known."""
    for name in names:
        ticket_id = db.session.scalars(
            sa.select(StoredMail.ticket_id)
            .where(StoredMail.name == name, StoredMail.ticket_id.is_not(None))
            .limit(1)
        ).one_or_none()
        if ticket_id is not None:
            return find_ticket(ticket_id=ticket_id)
    return None


def is_known(*, brand_id: UUID, name: str) -> bool:
    """Say whether this mail has come in before."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.select(StoredMail.id)
                .where(StoredMail.brand_id == brand_id, StoredMail.name == name)
                .where(StoredMail.direction == Direction.IN)
                .exists()
            )
        )
    )


def count_recent(ticket: Ticket, *, now: datetime) -> int:
    """Return how many mails came in for a ticket within the last hour."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(StoredMail)
            .where(StoredMail.brand_id == ticket.brand_id, StoredMail.ticket_id == ticket.id)
            .where(StoredMail.direction == Direction.IN, StoredMail.at > now - _HOUR)
        )
        or 0
    )


def thread_of(*, brand_id: UUID, ticket_id: UUID) -> Sequence[str]:
    """Return the Message-IDs of a thread's latest mails, the oldest first, for References."""
    names = db.session.scalars(
        sa.select(StoredMail.name)
        .where(StoredMail.brand_id == brand_id, StoredMail.ticket_id == ticket_id)
        .order_by(StoredMail.at.desc(), StoredMail.id.desc())
        .limit(NAMED_MAX)
    ).all()
    return names[::-1]


def list_mails(*, brand_id: UUID, ticket_id: UUID) -> Sequence[StoredMail]:
    """Return what came and went for a ticket, the oldest first."""
    return db.session.scalars(
        sa.select(StoredMail)
        .where(StoredMail.brand_id == brand_id, StoredMail.ticket_id == ticket_id)
        .order_by(StoredMail.at, StoredMail.id)
    ).all()
