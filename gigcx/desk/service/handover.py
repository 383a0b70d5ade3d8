"""Giving a ticket away: back to the queue, to another expert, to the brand."""

from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk import rules
from gigcx.desk.models import Claim
from gigcx.desk.queries import clocks, eligibility, wording
from gigcx.desk.queries import tickets as views
from gigcx.desk.rules import Claimant, ClaimEnd
from gigcx.desk.service import leases
from gigcx.desk.service.claims import claim_taken
from gigcx.errors import Conflict
from gigcx.experts import service as experts
from gigcx.principal import Principal
from gigcx.tickets.rules import Route, TicketState
from gigcx.tickets.service import tickets


class NotForThem(Conflict):
    """The expert that a ticket is to go to may not have it."""

    code = "desk/not-for-them"
    title = "That expert cannot take the ticket"


def release_ticket(now: datetime, *, who: Principal, ticket_id: UUID, fence: int) -> None:
    """Give the ticket back to the queue, where it keeps its place. Releasing is free.

    :raises StaleFence: if the claim is over.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.live_claim(who=who, ticket_id=ticket_id, fence=fence)
    leases.end_claim(now, claim=claim, reason=ClaimEnd.RELEASED)
    tickets.move_ticket(ticket, TicketState.OPEN)
    _tell(now, ticket=ticket, who=who, kind="released")
    leases.return_reservation(now, claim=claim)


def hand_back(
    now: datetime, *, who: Principal, ticket_id: UUID, fence: int, diagnosis: str
) -> None:
    """Give the ticket back with what was found out, for the next one to read.

    :raises StaleFence: if the claim is over.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.live_claim(who=who, ticket_id=ticket_id, fence=fence)
    leases.end_claim(now, claim=claim, reason=ClaimEnd.HANDED_BACK)
    tickets.move_ticket(ticket, TicketState.OPEN)
    _tell(now, ticket=ticket, who=who, kind="handed_back", detail=diagnosis)
    leases.return_reservation(now, claim=claim)


def escalate_ticket(now: datetime, *, who: Principal, ticket_id: UUID, reason: str) -> None:
    """Send the ticket to the brand's own inbox. An expert's claim ends with it, unpaid.

    :raises TicketNotFound: if it is not this person's to see.
    :raises WrongState: if it is resolved.
    :raises StaleFence: if an expert escalates what they do not hold.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if who.has("expert") and (claim is None or claim.claimant_id != who.user_id):
        raise leases.StaleFence("Only who holds the ticket can escalate it.")
    if claim is not None:
        leases.end_claim(now, claim=claim, reason=ClaimEnd.HANDED_BACK)
    tickets.move_ticket(ticket, TicketState.OPEN, route=Route.IN_HOUSE, escalated_at=now)
    _tell(now, ticket=ticket, who=who, kind="escalated", detail=reason)
    if claim is not None:
        leases.return_reservation(now, claim=claim)


def transfer_ticket(
    now: datetime, *, who: Principal, ticket_id: UUID, fence: int, to_expert_id: UUID
) -> Claim:
    """Hand the claim to another expert, who must be able to take the ticket.

    :raises StaleFence: if the claim is over.
    :raises NotForThem: if rule R-desk-7 forbids it to the other expert.
    :raises BrandOutOfFunds: if the reward has risen beyond the balance.
    """
    for expert_id in sorted((who.user_id, to_expert_id)):
        experts.lock_expert(expert_id=expert_id)
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.live_claim(who=who, ticket_id=ticket_id, fence=fence)
    leases.end_claim(now, claim=claim, reason=ClaimEnd.TRANSFERRED)
    tickets.move_ticket(ticket, TicketState.OPEN)
    other = Principal(to_expert_id, (ticket.brand_id,), frozenset({"expert"}))
    taken = tickets.take_if_open(
        ticket_id=ticket_id,
        brand_ids=other.brand_ids,
        among=eligibility.eligible(other, now=now, ticket_id=ticket_id),
    )
    if taken is None:
        raise NotForThem(
            "They are not certified for it, have no room, or do not work for this brand."
        )
    _tell(now, ticket=ticket, who=who, kind="transferred")
    leases.return_reservation(now, claim=claim)
    return claim_taken(now, taken=taken, expert_id=to_expert_id)


def take_over(now: datetime, *, who: Principal, ticket_id: UUID) -> Claim:
    """Let a person of the brand take the ticket, whoever holds it. Their claim costs nothing.

    :raises TicketNotFound: if it is another brand's.
    :raises WrongState: if it is resolved or merged.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    held = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket_id)
    if held is not None and held.claimant_id == who.user_id:
        return held
    if ticket.state not in {
        TicketState.OPEN,
        TicketState.CLAIMED,
        TicketState.WAITING_ON_CUSTOMER,
    }:
        raise tickets.WrongState(
            "A resolved ticket is reopened first, then taken over.", state=ticket.state
        )
    if held is not None:
        leases.end_claim(now, claim=held, reason=ClaimEnd.TAKEN_OVER)
    taken = tickets.take_again(
        ticket, route=rules.staff_route(Route(ticket.route)), assignee_id=who.user_id
    )
    times = clocks.clocks_of(brand_id=taken.brand_id, queue_id=taken.queue_id, now=now)
    mine = leases.open_claim(
        now,
        taken=taken,
        claimant=Claimant.STAFF,
        claimant_id=who.user_id,
        lease_until=rules.lease_from_follow_up(now, follow_up_hours=times.follow_up_hours),
    )
    _tell(now, ticket=ticket, who=who, kind="taken_over")
    if held is not None:
        leases.return_reservation(now, claim=held)
    return mine


def assign_ticket(
    now: datetime, *, who: Principal, ticket_id: UUID, assignee_id: UUID | None
) -> None:
    """Say who of the brand's own staff is to answer the ticket."""
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    tickets.move_ticket(
        ticket,
        TicketState(ticket.state),
        route=rules.staff_route(Route(ticket.route)),
        assignee_id=assignee_id,
    )
    _tell(now, ticket=ticket, who=who, kind="assigned", detail=str(assignee_id or ""))


def _tell(
    now: datetime, *, ticket: tickets.Ticket, who: Principal, kind: str, detail: str = ""
) -> None:
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        kind=kind,
        actor_id=who.user_id,
        detail=wording.masked(ticket, detail),
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket.id))
