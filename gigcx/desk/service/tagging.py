"""Tags: words by which the brand finds its tickets again."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk.queries import tickets as views
from gigcx.principal import Principal
from gigcx.tickets.service import tickets, workspace


def tag_ticket(now: datetime, *, who: Principal, ticket_id: UUID, tags: Iterable[str]) -> list[str]:
    """Give a ticket these tags and no others.

    :raises TicketNotFound: if it is not this person's to see.
    :raises TagNotAWord: naming the one that is none.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    kept = workspace.save_tags(now, brand_id=ticket.brand_id, ticket_id=ticket_id, tags=tags)
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket_id))
    return kept
