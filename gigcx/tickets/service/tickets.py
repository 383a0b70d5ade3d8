"""A ticket's own moves. Who may make them, and what they cost, is decided above."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx import bulk
from gigcx.db import db
from gigcx.errors import Conflict, NotFound
from gigcx.ids import new_id
from gigcx.tickets.models import Draft, Message, Original, Ticket, TicketEvent
from gigcx.tickets.rules import Author, Route, TicketState, may_become

__all__ = ["Message", "Ticket"]  # What the signatures of callers name.


class TicketNotFound(NotFound):
    """There is no such ticket, or it is not this person's to see."""

    code = "tickets/ticket-not-found"
    title = "No such ticket"


class WrongState(Conflict):
    """The ticket's state does not allow this move."""

    code = "tickets/wrong-state"
    title = "The ticket is in another state"


@dataclass(frozen=True, slots=True)
class Taken:
    """What the winner of a ticket must know to go on."""

    brand_id: UUID
    ticket_id: UUID
    queue_id: UUID
    topic_id: UUID
    complexity: int
    language: str
    fence: int


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket before it is stored; texts are masked already."""

    brand_id: UUID
    queue_id: UUID
    customer_id: UUID
    asker_id: UUID | None
    topic_id: UUID
    external_id: str | None
    route: Route
    priority: int
    complexity: int
    language: str
    intention: str
    subject: str
    subject_original: str
    text: str
    text_original: str
    opened_at: datetime


def insert_tickets(new: Sequence[NewTicket]) -> list[UUID | None]:
    """Store tickets with their first message; return the id of each, or None for one whose
    external id is known to the brand.
    """
    ids = [new_id() for _ in new]
    stored = bulk.insert_new(
        Ticket,
        [{"id": id_} | _columns(ticket) for id_, ticket in zip(ids, new, strict=True)],
        known_by=("brand_id", "external_id"),
        where=Ticket.external_id.is_not(None),
    )
    fresh = [(id_, one) for id_, one in zip(ids, new, strict=True) if id_ in stored]
    messages = [_question(ticket_id, ticket) for ticket_id, ticket in fresh]
    bulk.insert_all(Message, messages)
    bulk.insert_all(
        Original,
        [
            {"brand_id": one.brand_id, "id": id_, "field": field, "original": original}
            for (ticket_id, one), message in zip(fresh, messages, strict=True)
            for id_, field, original in (
                (ticket_id, "subject", one.subject_original),
                (message["id"], "text", one.text_original),
            )
        ],
    )
    return [id_ if id_ in stored else None for id_ in ids]


def _columns(ticket: NewTicket) -> dict[str, Any]:
    return {
        name: getattr(ticket, name)
        for name in NewTicket.__slots__
        if not name.startswith("text") and not name.endswith("original")
    }


def _question(ticket_id: UUID, ticket: NewTicket) -> dict[str, Any]:
    return {
        "brand_id": ticket.brand_id,
        "id": new_id(),
        "ticket_id": ticket_id,
        "author": Author.CUSTOMER,
        "author_id": ticket.customer_id,
        "masked_text": ticket.text,
        "is_internal": False,
        "sent_at": ticket.opened_at,
    }


def take_if_open(
    *, ticket_id: UUID, brand_ids: Sequence[UUID], among: sa.Select[UUID, UUID]
) -> Taken | None:
    """Move an open ticket to claimed and raise its fence, or return None.

    This statement is the arbiter between rivals. They queue up for the row, and PostgreSQL
    checks the outer ``state`` again on the version that the winner has committed; ``among``
    it does not check again. That is why the state is asked for here as well.

    :param among: (brand id, ticket id) of the tickets that may be taken.
    """
    row = db.session.execute(
        sa.update(Ticket)
        .where(Ticket.brand_id.in_(brand_ids))
        .where(Ticket.id == ticket_id, Ticket.state == TicketState.OPEN)
        .where(sa.tuple_(Ticket.brand_id, Ticket.id).in_(among))
        .values(state=TicketState.CLAIMED, fence=Ticket.fence + 1)
        .returning(
            Ticket.brand_id,
            Ticket.id,
            Ticket.queue_id,
            Ticket.topic_id,
            Ticket.complexity,
            Ticket.language,
            Ticket.fence,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else Taken(*row)


def lock_ticket(*, ticket_id: UUID, among: sa.Select[Ticket]) -> Ticket:
    """Return the ticket, locked until the end of the transaction.

    :param among: the tickets that the person may know of.
    :raises TicketNotFound: if it is none of them.
    """
    ticket = db.session.scalars(
        among.where(Ticket.id == ticket_id)
        .with_for_update(key_share=True, of=Ticket)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if ticket is None:
        raise TicketNotFound("There is no such ticket.")
    return ticket


def lock_ticket_of(*, brand_ids: Sequence[UUID], ticket_id: UUID) -> Ticket:
    """Return a ticket of these brands, locked: for work that is nobody's request.

    :raises TicketNotFound: if none of them has it.
    """
    return lock_ticket(
        ticket_id=ticket_id, among=sa.select(Ticket).where(Ticket.brand_id.in_(brand_ids))
    )


def take_again(ticket: Ticket, **columns: object) -> Taken:
    """Give a locked ticket to the next claimant, from whatever state it may be claimed in.

    The fence grows, so that every write of the claimant before is refused from now on.
    """
    move_ticket(ticket, TicketState.CLAIMED, fence=ticket.fence + 1, **columns)
    return Taken(
        ticket.brand_id,
        ticket.id,
        ticket.queue_id,
        ticket.topic_id,
        ticket.complexity,
        ticket.language,
        ticket.fence,
    )


def move_ticket(ticket: Ticket, wanted: TicketState, **columns: object) -> None:
    """Move a locked ticket along its map.

    :param columns: what else changes with the move.
    :raises WrongState: if rule R-tickets-1 forbids it.
    """
    state = TicketState(ticket.state)
    if state is not wanted and not may_become(state, wanted):
        raise WrongState(
            f"The ticket is {state.replace('_', ' ')} and cannot become"
            f" {wanted.replace('_', ' ')}.",
            state=state,
        )
    db.session.execute(
        sa.update(Ticket)
        .where(Ticket.brand_id == ticket.brand_id, Ticket.id == ticket.id)
        .values(state=wanted, **columns)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(ticket)


def keep_original(*, brand_id: UUID, id: UUID, field: str, original: str) -> None:  # noqa: A002 - the column's name
    """Keep what a person really wrote apart from what others see."""
    db.session.execute(
        sa.insert(Original).values(brand_id=brand_id, id=id, field=field, original=original)
    )


def add_message(
    now: datetime,
    *,
    ticket: Ticket,
    author: Author,
    author_id: UUID | None,
    masked_text: str,
    original: str,
    fence: int | None = None,
    is_internal: bool = False,
) -> Message:
    """Append a message to the ticket's thread. An expert's carries the fence of their claim."""
    message = Message(
        brand_id=ticket.brand_id,
        id=new_id(),
        ticket_id=ticket.id,
        author=author,
        author_id=author_id,
        fence=fence if author is Author.EXPERT else None,
        masked_text=masked_text,
        is_internal=is_internal,
        sent_at=now,
    )
    db.session.add(message)
    db.session.flush()
    keep_original(brand_id=ticket.brand_id, id=message.id, field="text", original=original)
    return message


def note_event(
    now: datetime, *, brand_id: UUID, ticket_id: UUID, kind: str, actor_id: UUID, detail: str = ""
) -> None:
    """Write one line of the ticket's history."""
    db.session.execute(
        sa.insert(TicketEvent).values(
            brand_id=brand_id,
            id=new_id(),
            ticket_id=ticket_id,
            kind=kind,
            actor_id=actor_id,
            detail=detail,
            at=now,
        )
    )


def save_draft(
    now: datetime, *, brand_id: UUID, ticket_id: UUID, user_id: UUID, draft: str
) -> None:
    """Keep what somebody is writing; an empty draft is forgotten."""
    mine = (Draft.brand_id == brand_id, Draft.ticket_id == ticket_id, Draft.user_id == user_id)
    if not draft.strip():
        db.session.execute(
            sa.delete(Draft).where(*mine).execution_options(synchronize_session=False)
        )
        return
    db.session.execute(
        insert(Draft)
        .values(brand_id=brand_id, ticket_id=ticket_id, user_id=user_id, draft=draft, saved_at=now)
        .on_conflict_do_update(
            index_elements=["brand_id", "ticket_id", "user_id"],
            set_={"draft": draft, "saved_at": now},
        )
    )
