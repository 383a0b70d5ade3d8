"""Leases that are over, ended by the next claimer or by the sweep, whoever comes first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk.rules import Claimant, ClaimEnd
from gigcx.desk.service import leases, resolving
from gigcx.principal import NO_ONE_ID
from gigcx.tickets.rules import TicketState
from gigcx.tickets.service import tickets


def end_lapsed(now: datetime, *, ticket_id: UUID, brand_ids: Sequence[UUID]) -> bool:
    """End the ticket's claim if its lease is over, and say whether the ticket is open now.

    Where the customer was to answer, their silence resolves the ticket instead.
    """
    try:
        ticket = tickets.lock_ticket_of(ticket_id=ticket_id, brand_ids=brand_ids)
    except tickets.TicketNotFound:
        return False
    claim = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if claim is None or claim.lease_until > now:
        return False
    if ticket.state == TicketState.WAITING_ON_CUSTOMER:
        resolving.resolve_by_silence(now, ticket=ticket, claim=claim)
        return False
    if claim.claimant == Claimant.STAFF:
        return False
    leases.end_claim(now, claim=claim, reason=ClaimEnd.EXPIRED)
    tickets.move_ticket(ticket, TicketState.OPEN)
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket_id,
        kind="expired",
        actor_id=NO_ONE_ID,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket_id))
    leases.return_reservation(now, claim=claim)
    return True


def end_lapsed_claim(now: datetime, *, brand_id: UUID, ticket_id: UUID) -> bool:
    """End one ticket's claim if its lease is over: the sweep's unit of work."""
    return end_lapsed(now, ticket_id=ticket_id, brand_ids=(brand_id,))
