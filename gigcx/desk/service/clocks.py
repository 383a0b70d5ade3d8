"""The clocks of a ticket: each move is one line of a log, so that nothing is overwritten."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import bulk, outbox
from gigcx.db import db
from gigcx.desk.models import ClockEvent
from gigcx.desk.queries import clocks as queries
from gigcx.desk.rules.clocks import RUNS, Clock, ClockMove, spent_minutes
from gigcx.ids import new_id
from gigcx.tickets.service import tickets

MISSED_AT_ONCE = 500


def start(now: datetime, *, ticket: tickets.Ticket, clock: Clock) -> None:
    """Start a clock anew, with all of its queue's time."""
    _write(now, ticket=ticket, clock=clock, kind=ClockMove.STARTED, spent=0)


def start_all(now: datetime, *, brand_id: UUID, queue_of: Mapping[UUID, UUID]) -> None:
    """Start what the customers of new tickets wait for: a first reply and a resolution.

    :param queue_of: ticket id → queue id.
    """
    first = (Clock.FIRST_REPLY, Clock.RESOLUTION)
    due = {
        (queue_id, clock): queries.due_in(now, brand_id=brand_id, queue_id=queue_id, clock=clock)
        for queue_id in set(queue_of.values())
        for clock in first
    }
    bulk.insert_all(
        ClockEvent,
        [
            {
                "brand_id": brand_id,
                "id": new_id(),
                "ticket_id": ticket_id,
                "clock": clock,
                "kind": ClockMove.STARTED,
                "spent_minutes": 0,
                "due_at": due[queue_id, clock],
                "at": now,
            }
            for ticket_id, queue_id in queue_of.items()
            for clock in first
        ],
    )


def move(now: datetime, *, ticket: tickets.Ticket, moves: Mapping[Clock, ClockMove]) -> None:
    """Pause, resume, meet, move or stop those of the ticket's clocks that have not ended.

    A move that changes nothing, as pausing a paused clock, is no line.
    """
    logs = queries.logs_of(ticket)
    hours = queries.hours_of(ticket)
    for clock, kind in moves.items():
        log = logs.get(clock, ())
        if not log or not _changes(log[-1].kind, kind):
            continue
        spent = spent_minutes(log, now=now, hours=hours)
        _write(now, ticket=ticket, clock=clock, kind=kind, spent=spent)


def answered(now: datetime, *, ticket: tickets.Ticket) -> None:
    """The customer has an answer: what they waited for is met, the rest waits for them."""
    move(
        now,
        ticket=ticket,
        moves={
            Clock.FIRST_REPLY: ClockMove.MET,
            Clock.NEXT_REPLY: ClockMove.MET,
            Clock.RESOLUTION: ClockMove.PAUSED,
        },
    )


def woken(now: datetime, *, ticket: tickets.Ticket) -> None:
    """The customer has written again: they wait for the next reply."""
    start(now, ticket=ticket, clock=Clock.NEXT_REPLY)
    move(now, ticket=ticket, moves={Clock.RESOLUTION: ClockMove.RESUMED})


def ended(now: datetime, *, ticket: tickets.Ticket, kind: ClockMove) -> None:
    """Nobody waits any more: the ticket is resolved, or merged into another."""
    move(now, ticket=ticket, moves=dict.fromkeys(Clock, kind))


def moved(now: datetime, *, ticket: tickets.Ticket) -> None:
    """The ticket has another queue: its running clocks are reckoned by that one's hours."""
    move(now, ticket=ticket, moves=dict.fromkeys(Clock, ClockMove.MOVED))


def note_missed(now: datetime) -> int:
    """Write down which clocks have run out; the inbox shows them first. Return how many."""
    due = queries.list_due(now, limit=MISSED_AT_ONCE)
    for ticket, clock, spent in due:
        _write(now, ticket=ticket, clock=clock, kind=ClockMove.MISSED, spent=spent)
        outbox.put(
            now,
            "desk.clock_missed",
            brand_id=ticket.brand_id,
            ticket_id=str(ticket.id),
            clock=clock,
        )
    return len(due)


def _changes(now_is: ClockMove, wanted: ClockMove) -> bool:
    if wanted is ClockMove.RESUMED:
        return now_is is ClockMove.PAUSED
    if wanted in {ClockMove.PAUSED, ClockMove.MOVED}:
        return now_is in RUNS
    return now_is in RUNS | {ClockMove.PAUSED}


def _write(
    now: datetime, *, ticket: tickets.Ticket, clock: Clock, kind: ClockMove, spent: int
) -> None:
    due = None
    if kind in RUNS:
        due = queries.due_in(
            now, brand_id=ticket.brand_id, queue_id=ticket.queue_id, clock=clock, spent=spent
        )
    db.session.execute(
        sa.insert(ClockEvent).values(
            brand_id=ticket.brand_id,
            id=new_id(),
            ticket_id=ticket.id,
            clock=clock,
            kind=kind,
            spent_minutes=spent,
            due_at=due,
            at=now,
        )
    )
