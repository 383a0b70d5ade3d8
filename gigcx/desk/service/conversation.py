"""The thread: what customer, expert and staff write to each other, and who answers next."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk import rules
from gigcx.desk.queries import clocks, wording
from gigcx.desk.queries import tickets as views
from gigcx.desk.service import attachments, leases, resolving
from gigcx.desk.service import clocks as sla
from gigcx.principal import Principal
from gigcx.tickets.rules import Author, TicketState
from gigcx.tickets.service import tickets
from gigcx.tickets.service.workspace import Upload


def reply(
    now: datetime,
    *,
    who: Principal,
    ticket_id: UUID,
    text: str,
    fence: int | None = None,
    is_internal: bool = False,
    files: Sequence[Upload] = (),
) -> tickets.Message:
    """Write to the thread. Whoever answers the customer then waits for them; a customer who
    answers wakes the ticket, or opens it again if it was resolved.

    :param files: of a customer; what is not taken leaves a line in the history.
    :param fence: of the writer's claim; a customer and an internal note have none.
    :raises TicketNotFound: if it is not this person's to see.
    :raises StaleFence: if the claim is over; the text is kept as a draft.
    :raises TooLateToReopen: if a customer writes after the contract's window.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    if who.has("customer"):
        message = _write(now, ticket=ticket, who=who, author=Author.CUSTOMER, text=text)
        attachments.attach_files(now, message=message, files=files)
        _wake(now, who=who, ticket=ticket)
        return message
    if is_internal and not who.has("expert"):
        return _write(now, ticket=ticket, who=who, author=Author.STAFF, text=text, is_internal=True)
    author = Author.EXPERT if who.has("expert") else Author.STAFF
    message = _answer(now, ticket=ticket, who=who, author=author, text=text, fence=fence or 0)
    outbox.put(
        now,
        "desk.customer_answered",
        brand_id=ticket.brand_id,
        ticket_id=str(ticket_id),
        message_id=str(message.id),
    )
    return message


def save_draft(now: datetime, *, who: Principal, ticket_id: UUID, text: str) -> None:
    """Keep what somebody is writing, also after their claim is over."""
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    tickets.save_draft(
        now, brand_id=ticket.brand_id, ticket_id=ticket_id, user_id=who.user_id, draft=text
    )


def _answer(
    now: datetime,
    *,
    ticket: tickets.Ticket,
    who: Principal,
    author: Author,
    text: str,
    fence: int,
) -> tickets.Message:
    try:
        claim = leases.live_claim(who=who, ticket_id=ticket.id, fence=fence)
    except leases.StaleFence as stale:
        # A late reply is refused, but what was written is not lost.
        stale.afterwards = lambda later: tickets.save_draft(
            later,
            brand_id=ticket.brand_id,
            ticket_id=ticket.id,
            user_id=who.user_id,
            draft=text,
        )
        raise
    message = _write(now, ticket=ticket, who=who, author=author, text=text, fence=fence)
    tickets.save_draft(
        now, brand_id=ticket.brand_id, ticket_id=ticket.id, user_id=who.user_id, draft=""
    )
    times = clocks.clocks_of(brand_id=ticket.brand_id, queue_id=ticket.queue_id, now=now)
    if claim.first_replied_at is None:
        claim.first_replied_at = now
    leases.set_lease(claim, until=rules.lease_from_reply(now, silence_hours=times.silence_hours))
    tickets.move_ticket(ticket, TicketState.WAITING_ON_CUSTOMER)
    sla.answered(now, ticket=ticket)
    return message


def _wake(now: datetime, *, who: Principal, ticket: tickets.Ticket) -> None:
    """Let the ticket's claimant go on, or open it again for the one who knows it."""
    if ticket.state in {TicketState.RESOLVED, TicketState.CLOSED}:
        resolving.reopen_ticket(
            now, who=who, ticket_id=ticket.id, reason="The customer wrote again."
        )
        return
    claim = leases.find_active_claim(brand_id=ticket.brand_id, ticket_id=ticket.id)
    if claim is None or ticket.state != TicketState.WAITING_ON_CUSTOMER:
        return
    sla.woken(now, ticket=ticket)
    times = clocks.clocks_of(brand_id=ticket.brand_id, queue_id=ticket.queue_id, now=now)
    leases.set_lease(
        claim, until=rules.lease_from_follow_up(now, follow_up_hours=times.follow_up_hours)
    )
    tickets.move_ticket(ticket, TicketState.CLAIMED)


def _write(
    now: datetime,
    *,
    ticket: tickets.Ticket,
    who: Principal,
    author: Author,
    text: str,
    fence: int | None = None,
    is_internal: bool = False,
) -> tickets.Message:
    message = tickets.add_message(
        now,
        ticket=ticket,
        author=author,
        author_id=who.user_id,
        masked_text=wording.masked(ticket, text),
        original=text,
        fence=fence,
        is_internal=is_internal,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket.id))
    return message
