"""Words of tickets are forgotten; that there was a ticket is not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.tickets.models import Attachment, Draft, File, Message, Original, Ticket
from gigcx.tickets.rules import TicketState
from gigcx.tickets.service import search

ERASED = "[erased]"
"""Stands where words were."""
_ENDED = frozenset({TicketState.RESOLVED, TicketState.CLOSED, TicketState.MERGED})


def list_of_customers(
    *, brand_id: UUID, customer_ids: Collection[UUID]
) -> Sequence[tuple[UUID, bool]]:
    """Return (ticket id, whether somebody still waits) of these customers' tickets."""
    rows = db.session.execute(
        sa.select(Ticket.id, Ticket.state).where(
            Ticket.brand_id == brand_id, Ticket.customer_id.in_(customer_ids)
        )
    )
    return [(ticket_id, state not in _ENDED) for ticket_id, state in rows]


def erase_words(now: datetime, *, brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Erase subjects, messages, originals, drafts and files of tickets, and their search."""
    _run(
        sa.update(Ticket)
        .where(Ticket.brand_id == brand_id, Ticket.id.in_(ticket_ids))
        .values(subject=ERASED)
    )
    _delete_originals(brand_id, ticket_ids)
    _run(
        sa.update(Message)
        .where(Message.brand_id == brand_id, Message.ticket_id.in_(ticket_ids))
        .values(masked_text=ERASED)
    )
    _run(sa.delete(Draft).where(Draft.brand_id == brand_id, Draft.ticket_id.in_(ticket_ids)))
    _erase_files(brand_id, ticket_ids)
    search.index_tickets(now, brand_id=brand_id, ticket_ids=ticket_ids)


def _erase_files(brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Delete attachments, and the bytes that no other ticket's attachment shares."""
    gone = db.session.scalars(
        sa.delete(Attachment)
        .where(Attachment.brand_id == brand_id, Attachment.ticket_id.in_(ticket_ids))
        .returning(Attachment.sha256)
        .execution_options(synchronize_session=False)
    ).all()
    shared = sa.select(Attachment.sha256).where(Attachment.brand_id == brand_id)
    _run(
        sa.delete(File).where(
            File.brand_id == brand_id, File.sha256.in_(set(gone)), File.sha256.not_in(shared)
        )
    )


def forget_originals(_now: datetime, *, before: datetime, limit: int) -> int:
    """Delete the originals of tickets that were closed before a time; return how many tickets."""
    messages = (
        sa.exists()
        .where(Original.brand_id == Ticket.brand_id)
        .where(
            sa.or_(
                Original.id == Ticket.id,
                Original.id.in_(
                    sa.select(Message.id).where(
                        Message.brand_id == Ticket.brand_id, Message.ticket_id == Ticket.id
                    )
                ),
            )
        )
    )
    due = db.session.execute(
        sa.select(Ticket.brand_id, Ticket.id)
        .where(Ticket.state == TicketState.CLOSED, Ticket.closed_at < before, messages)
        .limit(limit)
    ).all()
    for brand_id, ticket_id in due:
        _delete_originals(brand_id, [ticket_id])
    return len(due)


def _delete_originals(brand_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    messages = sa.select(Message.id).where(
        Message.brand_id == brand_id, Message.ticket_id.in_(ticket_ids)
    )
    _run(
        sa.delete(Original).where(
            Original.brand_id == brand_id,
            sa.or_(Original.id.in_(ticket_ids), Original.id.in_(messages)),
        )
    )


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
