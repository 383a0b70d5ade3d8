"""The clocks that a queue and its contract set for a ticket, and how they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from gigcx.db import db
from gigcx.desk.models import ClockEvent
from gigcx.desk.rules.clocks import Clock, ClockMove, Line, due_at
from gigcx.tickets.models import Contract, Queue, Ticket
from gigcx.tickets.rules import Hours


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long everybody has, by the queue and the contract that holds now."""

    first_reply_minutes: int
    follow_up_hours: int
    contract_id: UUID
    contract_version: int
    silence_hours: int
    hold_days: int
    reopen_days: int


_COLUMNS = (
    Queue.first_reply_minutes,
    Queue.follow_up_hours,
    Contract.id,
    Contract.version,
    Contract.silence_hours,
    Contract.hold_days,
    Contract.reopen_days,
)
_JOINED = sa.and_(Contract.brand_id == Queue.brand_id, Contract.queue_id == Queue.id)


def clocks_of(*, brand_id: UUID, queue_id: UUID, now: datetime) -> Clocks:
    """Return the clocks of a queue under its newest contract."""
    row = db.session.execute(
        sa.select(*_COLUMNS)
        .join(Contract, _JOINED)
        .where(Queue.brand_id == brand_id, Queue.id == queue_id)
        .where(Contract.effective_from <= now)
        .order_by(Contract.version.desc())
        .limit(1)
    ).one()
    return Clocks(*row)


def clocks_by_contract(*, brand_id: UUID, contract_id: UUID) -> Clocks:
    """Return the clocks under the contract that a resolution was submitted with."""
    row = db.session.execute(
        sa.select(*_COLUMNS)
        .join(Contract, _JOINED)
        .where(Contract.brand_id == brand_id, Contract.id == contract_id)
    ).one()
    return Clocks(*row)


def hours_of(ticket: Ticket) -> Hours:
    """Return when the clocks of a ticket's queue run."""
    return _queue(ticket.brand_id, ticket.queue_id).hours


def due_in(
    now: datetime, *, brand_id: UUID, queue_id: UUID, clock: Clock, spent: int = 0
) -> datetime:
    """Return when a queue's time for this is over.

    :param spent: minutes of business hours that have gone by.
    """
    queue = _queue(brand_id, queue_id)
    left = max(_minutes(queue, clock) - spent, 0)
    return due_at(now, minutes=left, hours=queue.hours)


def logs_of(ticket: Ticket) -> Mapping[Clock, Sequence[Line]]:
    """Return clock → its log, the oldest line first."""
    rows = db.session.scalars(
        sa.select(ClockEvent)
        .where(ClockEvent.brand_id == ticket.brand_id, ClockEvent.ticket_id == ticket.id)
        .order_by(ClockEvent.at, ClockEvent.id)
    )
    logs: dict[Clock, list[Line]] = {}
    for row in rows:
        logs.setdefault(Clock(row.clock), []).append(
            Line(ClockMove(row.kind), row.at, row.spent_minutes)
        )
    return logs


@dataclass(frozen=True, slots=True)
class Standing:
    """How a clock stands."""

    clock: Clock
    kind: ClockMove
    due_at: datetime | None


def standings_of(
    brand_ids: Sequence[UUID], ticket_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[Standing]]:
    """Return ticket id → how each of its clocks stands."""
    rows = db.session.scalars(
        sa.select(ClockEvent)
        .ext(distinct_on(ClockEvent.ticket_id, ClockEvent.clock))
        .where(ClockEvent.brand_id.in_(brand_ids), ClockEvent.ticket_id.in_(ticket_ids))
        .order_by(ClockEvent.ticket_id, ClockEvent.clock, ClockEvent.id.desc())
    )
    found: dict[UUID, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(
            Standing(Clock(row.clock), ClockMove(row.kind), row.due_at)
        )
    return found


def list_due(now: datetime, *, limit: int) -> Sequence[tuple[Ticket, Clock, int]]:
    """Return (ticket, clock, minutes that it had) of the clocks that have run out unnoticed."""
    later = aliased(ClockEvent)
    rows = db.session.execute(
        sa.select(Ticket, ClockEvent.clock)
        .join(ClockEvent, _of_ticket(ClockEvent))
        .where(ClockEvent.due_at <= now)
        .where(
            ~sa.select(later.id)
            .where(_of_ticket(later), later.clock == ClockEvent.clock, later.id > ClockEvent.id)
            .exists()
        )
        .order_by(ClockEvent.due_at)
        .limit(limit)
    ).all()
    return [
        (ticket, Clock(clock), _minutes(_queue(ticket.brand_id, ticket.queue_id), Clock(clock)))
        for ticket, clock in rows
    ]


def _of_ticket(event: type[ClockEvent]) -> sa.ColumnElement[bool]:
    return sa.and_(event.brand_id == Ticket.brand_id, event.ticket_id == Ticket.id)


def _queue(brand_id: UUID, queue_id: UUID) -> Queue:
    return db.session.get_one(Queue, (brand_id, queue_id))


def _minutes(queue: Queue, clock: Clock) -> int:
    """Return how many minutes of business hours a queue gives for this."""
    return {
        Clock.FIRST_REPLY: queue.first_reply_minutes,
        Clock.NEXT_REPLY: queue.follow_up_hours * 60,
        Clock.RESOLUTION: queue.resolution_hours * 60,
    }[clock]
