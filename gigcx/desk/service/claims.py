"""Claiming: exactly one claimant at a time, and money set aside for what it can cost."""

from datetime import datetime
from uuid import UUID

from gigcx.desk import rules
from gigcx.desk.models import Claim
from gigcx.desk.queries import eligibility, feed
from gigcx.desk.queries.prices import price_of
from gigcx.desk.rules import Claimant
from gigcx.desk.service import lapses, leases
from gigcx.errors import Conflict
from gigcx.experts import service as experts
from gigcx.money import Money
from gigcx.principal import Principal
from gigcx.tickets.service import tickets

CANDIDATES_TRIED = 20
"""Tickets that claim-next tries before it says that there is nothing."""


class TicketNotOpen(Conflict):
    """The ticket is taken, or it is not for this expert."""

    code = "desk/ticket-not-open"
    title = "The ticket cannot be claimed"


class NothingToClaim(Conflict):
    """No ticket is open to this expert now."""

    code = "desk/nothing-to-claim"
    title = "Nothing to claim now"


def claim_ticket(now: datetime, *, who: Principal, ticket_id: UUID, seen: Money) -> Claim:
    """Give the ticket to the expert alone and reserve the most that it can cost.

    :param seen: the reward that the expert was shown.
    :raises TicketNotOpen: if it is taken, or rule R-desk-7 forbids it.
    :raises RewardChanged: if rule R-desk-1 forbids it.
    :raises BrandOutOfFunds: if the brand cannot cover it; its queue is offered no more.
    """
    # Two claims by one expert queue up here, so the second one counts the first.
    experts.lock_expert(expert_id=who.user_id)
    taken = _take(now, who=who, ticket_id=ticket_id)
    if taken is None:
        raise TicketNotOpen(
            "Somebody was faster, or the ticket is not for you. Its eligibility says why."
        )
    return claim_taken(now, taken=taken, expert_id=who.user_id, seen=seen)


def claim_next(now: datetime, *, who: Principal) -> Claim:
    """Claim the best ticket of the expert's feed that nobody takes first.

    :raises NothingToClaim: if the feed is empty or others were faster with all of it.
    :raises BrandOutOfFunds: if the brand of the best one cannot cover it.
    """
    experts.lock_expert(expert_id=who.user_id)
    for item in feed.list_feed(who, now=now, limit=CANDIDATES_TRIED):
        taken = _take(now, who=who, ticket_id=item.ticket_id)
        if taken is not None:
            return claim_taken(now, taken=taken, expert_id=who.user_id)
    raise NothingToClaim("There is nothing for you to claim right now.")


def claim_taken(
    now: datetime, *, taken: tickets.Taken, expert_id: UUID, seen: Money | None = None
) -> Claim:
    """Open an expert's claim of a ticket that was just taken and reserve its money, last.

    :param seen: the reward that the expert was shown; None where they choose no single ticket.
    """
    price = price_of(
        brand_id=taken.brand_id,
        queue_id=taken.queue_id,
        topic_id=taken.topic_id,
        complexity=taken.complexity,
        language=taken.language,
        now=now,
    )
    if price is None:
        raise TicketNotOpen("The queue has no reward for this ticket.")
    if seen is not None:
        rules.check_terms(seen=seen, reward=price.reward)
    claim = leases.open_claim(
        now,
        taken=taken,
        claimant=Claimant.EXPERT,
        claimant_id=expert_id,
        lease_until=rules.lease_from_claim(now, first_reply_minutes=price.first_reply_minutes),
    )
    leases.reserve(now, claim=claim, price=price, queue_id=taken.queue_id)
    return claim


def _take(now: datetime, *, who: Principal, ticket_id: UUID) -> tickets.Taken | None:
    """Take the ticket if it is open to the expert; only who is refused looks for a lapsed lease."""
    among = eligibility.eligible(who, now=now, ticket_id=ticket_id)
    taken = tickets.take_if_open(ticket_id=ticket_id, brand_ids=who.brand_ids, among=among)
    if taken is None and lapses.end_lapsed(now, ticket_id=ticket_id, brand_ids=who.brand_ids):
        taken = tickets.take_if_open(ticket_id=ticket_id, brand_ids=who.brand_ids, among=among)
    return taken
