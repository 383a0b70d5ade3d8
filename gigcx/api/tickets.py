"""``/api/v1/tickets``: asking, reading, and what customers and staff do with a ticket."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from marshmallow import Schema

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import page_of
from gigcx.api.schemas.tickets import (
    BrandTicketSchema,
    DraftSchema,
    MessageRequestSchema,
    MessageSchema,
    RatingSchema,
    ReasonSchema,
    ResolutionSchema,
    ThreadSchema,
    TicketArgumentsSchema,
    TicketDetailSchema,
    TicketRequestSchema,
    TicketSchema,
    TokenSchema,
)
from gigcx.db import commit
from gigcx.desk.queries import tickets as queries
from gigcx.desk.service import conversation, handover, intake, rating, resolving
from gigcx.errors import Conflict
from gigcx.http import links, paging
from gigcx.http.access import permit, public
from gigcx.http.limits import limiter
from gigcx.principal import acting_as
from gigcx.tickets.service.tickets import Ticket

tickets = Resource("tickets", __name__, path="/tickets")
ratings = Resource("ratings", __name__, path="/ratings")

BY_LINK = "60 per minute"
"""How often an address may use customers' links."""


class ExternalIdKnown(Conflict):
    """The brand has sent this question before."""

    code = "tickets/external-id-known"
    title = "There is a ticket with this external id"


@tickets.get("")
@permit("tickets.read")
@tickets.arguments(TicketArgumentsSchema, location="query")
@tickets.response(200, page_of(BrandTicketSchema))
def list_tickets(arguments: dict[str, Any]) -> Response:
    """List the tickets that one may see, the latest first, narrowed by queue, state or words."""
    narrowed = {"queue_id": arguments.pop("queue", None), "q": arguments.pop("q", None)}
    state = arguments.pop("state", None)
    page = paging.page_of(**arguments)
    found = queries.list_tickets(principal.current(), page, state=state, **narrowed)
    rows = paged(found)
    return jsonify(rows | {"data": _shape().dump(rows["data"], many=True)})


@tickets.post("")
@permit("tickets.create")
@tickets.doc(**REPEATABLE)
@tickets.arguments(TicketRequestSchema)
@tickets.response(201, BrandTicketSchema)
def create_ticket(asked: dict[str, Any]) -> Response:
    """Ask a question in a customer's name. An external id makes one ticket, however often sent."""
    brand_id = principal.current().brand_ids[0]
    return create(BrandTicketSchema(), _ask, brand_id=brand_id, question=intake.Question(**asked))


@tickets.get("/<id(ticket):ticket_id>")
@permit("tickets.read")
@tickets.response(200, TicketDetailSchema)
def get_ticket(ticket_id: UUID) -> Response:
    """Show a ticket with its thread, history and claim."""
    view = queries.get_ticket(principal.current(), ticket_id)
    return jsonify(_shape().dump(view.ticket) | ThreadSchema().dump(view))


@tickets.post("/<id(ticket):ticket_id>/messages")
@permit("tickets.reply")
@tickets.doc(**REPEATABLE)
@tickets.arguments(MessageRequestSchema)
@tickets.response(201, MessageSchema)
def write_message(message: dict[str, Any], ticket_id: UUID) -> Response:
    """Answer the customer, with the claim's fence, or leave an internal note without.

    409 ``desk/stale-fence`` if the claim is over; what was written is kept as a draft.
    """
    who = principal.current()
    return create(MessageSchema(), conversation.reply, who=who, ticket_id=ticket_id, **message)


@tickets.put("/<id(ticket):ticket_id>/draft")
@permit("tickets.reply")
@tickets.arguments(DraftSchema)
@tickets.response(204)
def save_draft(draft: dict[str, Any], ticket_id: UUID) -> None:
    """Keep what one is writing."""
    commit(
        conversation.save_draft,
        who=principal.current(),
        ticket_id=ticket_id,
        text=draft["text"],
    )


@tickets.post("/<id(ticket):ticket_id>/escalate")
@permit("tickets.escalate")
@tickets.arguments(ReasonSchema)
@tickets.response(204)
def escalate_ticket(why: dict[str, Any], ticket_id: UUID) -> None:
    """Send the ticket to the brand's own inbox. An expert's claim ends with it."""
    commit(
        handover.escalate_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        reason=why["reason"],
    )


@tickets.post("/<id(ticket):ticket_id>/reopen")
@permit("tickets.reopen")
@tickets.arguments(ReasonSchema)
@tickets.response(204)
def reopen_ticket(why: dict[str, Any], ticket_id: UUID) -> None:
    """Open a resolved ticket again; its expert has the first right for some hours."""
    commit(
        resolving.reopen_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        reason=why["reason"],
    )


@tickets.post("/<id(ticket):ticket_id>/confirm")
@public
@limiter.limit(BY_LINK)
@tickets.arguments(TokenSchema)
@tickets.response(200, ResolutionSchema)
def confirm_resolution(sent: dict[str, Any], ticket_id: UUID) -> Any:
    """Confirm as the customer, by their signed token. Confirming twice is confirming once."""
    link = links.read_for(sent["token"], ticket_id)
    with acting_as(link.principal) as customer:
        return commit(
            resolving.confirm_resolution,
            who=customer,
            ticket_id=ticket_id,
        )


@ratings.post("/<token>")
@public
@limiter.limit(BY_LINK)
@ratings.arguments(RatingSchema)
@ratings.response(204)
def rate_resolution(said: dict[str, Any], token: str) -> None:
    """Rate the answer as the customer, by their signed token. It confirms nothing."""
    link = links.read(token)
    with acting_as(link.principal) as customer:
        commit(
            rating.rate_resolution,
            who=customer,
            ticket_id=link.ticket_id,
            stars=said["stars"],
            comment=said["comment"],
        )


def _ask(now: datetime, *, brand_id: UUID, question: intake.Question) -> Ticket:
    taken = intake.take_in(now, brand_id=brand_id, question=question)
    if taken is None:
        raise ExternalIdKnown(f"You have sent {question.external_id} before.")
    return taken


def _shape() -> Schema:
    """Return what of a ticket this person may see: experts are not told whose it is."""
    return TicketSchema() if principal.current().has("expert") else BrandTicketSchema()
