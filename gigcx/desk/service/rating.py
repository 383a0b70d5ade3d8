"""A customer rates the answer that they got."""

from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.desk.queries import tickets as views
from gigcx.desk.service import resolving
from gigcx.principal import Principal
from gigcx.quality import service as quality
from gigcx.tickets.service import tickets


def rate_resolution(
    now: datetime, *, who: Principal, ticket_id: UUID, stars: int, comment: str = ""
) -> None:
    """Keep the customer's rating of the ticket's latest answer; rating it confirms nothing.

    :param stars: 1 to 5.
    :raises TicketNotFound: if it is not theirs.
    :raises NothingToConfirm: if nobody has resolved it.
    :raises RatedAlready: if they have rated this answer.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    resolution, claim = resolving.latest_of(ticket)
    quality.save_rating(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket_id,
        resolution_id=resolution.id,
        claimant_id=claim.claimant_id,
        stars=stars,
        comment=comment,
    )
    outbox.put(
        now,
        "desk.answer_rated",
        brand_id=ticket.brand_id,
        ticket_id=str(ticket_id),
        stars=stars,
    )
