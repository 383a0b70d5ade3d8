"""Queues as one may see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal
from gigcx.tickets.models import CannedAnswer, Contract, Queue, Tag, Ticket
from gigcx.tickets.rules import QueueState

CANNED_MAX = 500


class QueueNotFound(NotFound):
    """There is no such queue, or it is not this person's to see."""

    code = "tickets/queue-not-found"
    title = "No such queue"


def queues_visible_to(who: Principal) -> sa.Select[Queue]:
    """R-tickets-3: Staff see their brand's queues, experts those of their brands that are posted,
    finance and admin all of them.
    """
    queues = sa.select(Queue)
    if who.has("finance", "admin", "system"):
        return queues
    queues = queues.where(Queue.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return queues
    if who.has("expert"):
        return queues.where(Queue.state.in_([QueueState.OPEN, QueueState.PAUSED]))
    return queues.where(sa.false())


def list_queues(who: Principal, page: Page) -> Slice[Queue]:
    """Return the queues that one may see, the latest first."""
    return read(
        queues_visible_to(who),
        page,
        by=(Queue.created_at, Queue.id),
        key=lambda queue: (queue.created_at, queue.id),
    )


def get_queue(who: Principal, queue_id: UUID) -> Queue:
    """Return one queue.

    :raises QueueNotFound: if it is not this person's to see.
    """
    queue = db.session.scalars(queues_visible_to(who).where(Queue.id == queue_id)).one_or_none()
    if queue is None:
        raise QueueNotFound("There is no such queue.")
    return queue


def get_queue_of(*, brand_id: UUID, queue_id: UUID) -> Queue:
    """Return a brand's queue for a service.

    :raises QueueNotFound: if the brand has no such queue.
    """
    queue = db.session.get(Queue, (brand_id, queue_id))
    if queue is None:
        raise QueueNotFound("There is no such queue.")
    return queue


def find_queue_by_name(*, brand_id: UUID, name: str) -> Queue | None:
    """Return a brand's queue of this name."""
    return db.session.scalars(
        sa.select(Queue).where(Queue.brand_id == brand_id, Queue.name == name)
    ).one_or_none()


def current_contract(*, brand_id: UUID, queue_id: UUID, now: datetime) -> Contract:
    """Return the contract that holds for a queue now."""
    return db.session.scalars(
        sa.select(Contract)
        .where(Contract.brand_id == brand_id, Contract.queue_id == queue_id)
        .where(Contract.effective_from <= now)
        .order_by(Contract.version.desc())
        .limit(1)
    ).one()


def names_of(queue_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return queue id → name."""
    return dict(
        db.session.execute(sa.select(Queue.id, Queue.name).where(Queue.id.in_(queue_ids))).all()
    )


def find_queue(queue_id: UUID) -> Queue | None:
    """Return a queue of any brand, for mail that names nothing else."""
    return db.session.scalars(sa.select(Queue).where(Queue.id == queue_id)).one_or_none()


def tags_of(ticket: Ticket) -> Sequence[str]:
    """Return a ticket's tags, in order."""
    return db.session.scalars(
        sa.select(Tag.tag)
        .where(Tag.brand_id == ticket.brand_id, Tag.ticket_id == ticket.id)
        .order_by(Tag.tag)
    ).all()


def list_canned_answers(brand_ids: Sequence[UUID]) -> Sequence[CannedAnswer]:
    """Return the answers that these brands give often, by title."""
    return db.session.scalars(
        sa.select(CannedAnswer)
        .where(CannedAnswer.brand_id.in_(brand_ids))
        .order_by(CannedAnswer.title, CannedAnswer.id)
        .limit(CANNED_MAX)
    ).all()
