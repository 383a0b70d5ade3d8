"""What an expert asks the brand to do inside a claim: the ticket and its reward stay theirs."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import outbox
from gigcx.db import db
from gigcx.desk.models import ActionRequest
from gigcx.desk.queries import tickets as views
from gigcx.desk.queries import wording
from gigcx.desk.rules import RequestKind, RequestState, may_answer_request
from gigcx.desk.service import leases
from gigcx.errors import Conflict, NotFound
from gigcx.ids import new_id
from gigcx.principal import Principal
from gigcx.tickets.service import tickets


class RequestNotFound(NotFound):
    """There is no such request, or it is not this person's to see."""

    code = "desk/request-not-found"
    title = "No such request"


class RequestAnswered(Conflict):
    """Somebody has answered it."""

    code = "desk/request-answered"
    title = "The request is answered"


def request_action(
    now: datetime, *, who: Principal, ticket_id: UUID, fence: int, kind: RequestKind, detail: str
) -> ActionRequest:
    """Ask the brand for something that only it can do. The claim goes on.

    :raises StaleFence: if the claim is over.
    """
    ticket = tickets.lock_ticket(ticket_id=ticket_id, among=views.visible_to(who))
    claim = leases.live_claim(who=who, ticket_id=ticket_id, fence=fence)
    asked = ActionRequest(
        brand_id=ticket.brand_id,
        id=new_id(),
        ticket_id=ticket_id,
        claim_id=claim.id,
        kind=kind,
        detail=wording.masked(ticket, detail),
        state=RequestState.OPEN,
        answer="",
        requested_by=who.user_id,
        requested_at=now,
    )
    db.session.add(asked)
    db.session.flush()
    return _told(now, ticket=ticket, who=who, kind="action_requested", request=asked)


def answer_request(
    now: datetime, *, who: Principal, request_id: UUID, is_done: bool, answer: str
) -> ActionRequest:
    """Say that what was asked for is done, or will not be, and why.

    :raises RequestNotFound: if it is another brand's.
    :raises RequestAnswered: if somebody was quicker.
    """
    asked = db.session.scalars(
        sa.select(ActionRequest)
        .where(ActionRequest.brand_id.in_(who.brand_ids), ActionRequest.id == request_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if asked is None:
        raise RequestNotFound("There is no such request.")
    wanted = RequestState.DONE if is_done else RequestState.DECLINED
    if not may_answer_request(RequestState(asked.state), wanted):
        raise RequestAnswered(f"It is {asked.state}.", state=asked.state)
    ticket = tickets.lock_ticket(ticket_id=asked.ticket_id, among=views.visible_to(who))
    asked.state, asked.answer = wanted, wording.masked(ticket, answer)
    asked.answered_by, asked.answered_at = who.user_id, now
    db.session.flush()
    return _told(now, ticket=ticket, who=who, kind="action_answered", request=asked)


def _told(
    now: datetime, *, ticket: tickets.Ticket, who: Principal, kind: str, request: ActionRequest
) -> ActionRequest:
    tickets.note_event(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        kind=kind,
        actor_id=who.user_id,
        detail=f"{request.kind.replace('_', ' ')}: {request.answer or request.detail}",
    )
    outbox.put(now, "desk.ticket_changed", brand_id=ticket.brand_id, ticket_id=str(ticket.id))
    return request
