"""Two tickets of one question become one, and a ticket finds the right queue."""

from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk import rules
from gigcx.desk.queries import tickets as views
from gigcx.desk.rules import ClaimEnd
from gigcx.desk.rules.clocks import ClockMove
from gigcx.desk.service import clocks, leases
from gigcx.errors import Conflict
from gigcx.principal import Principal
from gigcx.tickets import queries as queues
from gigcx.tickets.rules import TicketState
from gigcx.tickets.service import tickets


class NotMergeable(Conflict):
    """These two tickets cannot become one now."""

    code = "desk/not-mergeable"
    title = "The tickets cannot be merged"


def merge_ticket(now: datetime, *, who: Principal, ticket_id: UUID, into_id: UUID) -> None:
    """Let another ticket stand for this one: its messages are read there, its claim ends unpaid.

    :raises TicketNotFound: if one of them is not this person's to see.
    :raises NotMergeable: if rule R-desk-15 forbids it, or it is the same ticket.
    """
    if ticket_id == into_id:
        raise NotMergeable("A ticket cannot be merged into itself. Name another one.")
    both = {
        one: tickets.lock_ticket(ticket_id=one, among=views.visible_to(who))
        for one in sorted((ticket_id, into_id))
    }
    ticket, target = both[ticket_id], both[into_id]
    if not rules.may_merge(TicketState(ticket.state)):
        raise NotMergeable(f"It is {ticket.state}. Wait until the customer has confirmed it.")
    if target.state == TicketState.MERGED:
        raise NotMergeable("The other one is merged itself. Name the ticket that it went into.")
    claim = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if claim is not None:
        leases.end_claim(now, claim=claim, reason=ClaimEnd.TAKEN_OVER)
    clocks.ended(now, ticket=ticket, kind=ClockMove.STOPPED)
    tickets.move_ticket(ticket, TicketState.MERGED, merged_into_id=into_id)
    for one, kind in ((ticket, "merged_into"), (target, "merged_with")):
        tickets.note_event(
            now, brand_id=one.brand_id, ticket_id=one.id, kind=kind, actor_id=who.user_id
        )
        outbox.put(now, "desk.ticket_changed", brand_id=one.brand_id, ticket_id=str(one.id))
    if claim is not None:
        leases.return_reservation(now, claim=claim)


def move_to_queue(now: datetime, *, who: Principal, ticket_id: UUID, queue_id: UUID) -> None:
    """Put a ticket that nobody holds into another queue; its clocks are reckoned by that one's.

    :raises TicketNotFound: if it is not this person's to see.
    :raises QueueNotFound: if the brand has no such queue.
    :raises WrongState: if somebody holds it, or it is answered.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    queue = queues.get_queue_of(brand_id=ticket.brand_id, queue_id=queue_id)
    if ticket.state != TicketState.OPEN:
        raise tickets.WrongState("Only an open ticket moves to another queue.", state=ticket.state)
    tickets.move_ticket(ticket, TicketState.OPEN, queue_id=queue_id)
    clocks.moved(now, ticket=ticket)
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket_id,
        kind="moved",
        actor_id=who.user_id,
        detail=queue.name,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket_id))
