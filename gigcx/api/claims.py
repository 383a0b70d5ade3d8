"""Claiming a ticket, and what only the holder of a claim may do."""

from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import page_of
from gigcx.api.schemas.tickets import (
    ClaimRequestSchema,
    ClaimSchema,
    EligibilitySchema,
    FeedArgumentsSchema,
    FeedItemSchema,
    FenceSchema,
    HandBackSchema,
    ResolutionSchema,
    TransferSchema,
)
from gigcx.db import commit, now
from gigcx.desk.queries.eligibility import eligibility_of
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.service import claims as service
from gigcx.desk.service import handover, resolving
from gigcx.http.access import permit
from gigcx.tickets.service.tickets import TicketNotFound

claims = Resource("claims", __name__, path="/tickets")
feed = Resource("feed", __name__, path="/feed")


@feed.get("")
@permit("feed.read")
@feed.arguments(FeedArgumentsSchema, location="query")
@feed.response(200, page_of(FeedItemSchema))
def show_feed(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List what the expert may claim now, the best match first, each with its reasons."""
    items = list_feed(principal.current(), now=now(), limit=arguments["limit"])
    return {"data": items, "next_cursor": None}


@feed.post("/claim-next")
@permit("tickets.claim")
@feed.response(201, ClaimSchema)
def claim_next() -> Any:
    """Claim the best ticket that nobody takes first; 409 ``desk/nothing-to-claim``."""
    return commit(service.claim_next, who=principal.current())


@claims.get("/<id(ticket):ticket_id>/eligibility")
@permit("feed.read")
@claims.response(200, EligibilitySchema)
def show_eligibility(ticket_id: UUID) -> ResponseReturnValue:
    """Say whether the expert may claim the ticket, and why not."""
    found = eligibility_of(principal.current(), ticket_id=ticket_id, now=now())
    if found is None:
        raise TicketNotFound("There is no such ticket.")
    return found  # type: ignore[return-value] # dumped by the decorator


@claims.post("/<id(ticket):ticket_id>/claim")
@permit("tickets.claim")
@claims.arguments(ClaimRequestSchema)
@claims.response(201, ClaimSchema)
def claim_ticket(terms: dict[str, Any], ticket_id: UUID) -> Any:
    """Claim an open ticket for the signed-in expert.

    201 with the claim; 409 ``desk/ticket-not-open``, ``desk/reward-changed`` or
    ``desk/brand-out-of-funds``. Sent twice, the second is refused by the ticket's state.
    """
    return commit(
        service.claim_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        seen=terms["reward"],
    )


@claims.post("/<id(ticket):ticket_id>/release")
@permit("tickets.release")
@claims.arguments(FenceSchema)
@claims.response(204)
def release_ticket(held: dict[str, Any], ticket_id: UUID) -> None:
    """Give the ticket back to the queue. Releasing is free."""
    commit(handover.release_ticket, who=principal.current(), ticket_id=ticket_id, **held)


@claims.post("/<id(ticket):ticket_id>/transfer")
@permit("tickets.transfer")
@claims.arguments(TransferSchema)
@claims.response(201, ClaimSchema)
def transfer_ticket(to: dict[str, Any], ticket_id: UUID) -> Any:
    """Hand the claim to another expert, who must be able to take the ticket."""
    return commit(handover.transfer_ticket, who=principal.current(), ticket_id=ticket_id, **to)


@claims.post("/<id(ticket):ticket_id>/take-over")
@permit("tickets.take_over")
@claims.response(201, ClaimSchema)
def take_over(ticket_id: UUID) -> Any:
    """Take the ticket as a person of the brand, whoever holds it."""
    return commit(handover.take_over, who=principal.current(), ticket_id=ticket_id)


@claims.post("/<id(ticket):ticket_id>/resolve")
@permit("tickets.resolve")
@claims.arguments(FenceSchema)
@claims.response(201, ResolutionSchema)
def resolve_ticket(held: dict[str, Any], ticket_id: UUID) -> Any:
    """Say that the customer is helped. The customer confirms, or their silence does."""
    return commit(resolving.resolve_ticket, who=principal.current(), ticket_id=ticket_id, **held)


@claims.post("/<id(ticket):ticket_id>/hand-back")
@permit("tickets.hand_back")
@claims.arguments(HandBackSchema)
@claims.response(204)
def hand_back(found: dict[str, Any], ticket_id: UUID) -> None:
    """Give the ticket back with what was found out, for the next one to read."""
    commit(handover.hand_back, who=principal.current(), ticket_id=ticket_id, **found)
