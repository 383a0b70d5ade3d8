"""What experts have asked of the brand, as one may see it."""

from collections.abc import Sequence

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.models import ActionRequest
from gigcx.desk.rules import RequestKind, RequestState
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal
from gigcx.tickets.models import Ticket

__all__ = ["RequestKind"]  # What the signatures of callers name.

KINDS: Sequence[str] = tuple(RequestKind)
"""What an expert may ask for."""


def kind_of(word: str) -> RequestKind:
    """Return what somebody asks for; anything unknown is something else."""
    return RequestKind(word) if word in KINDS else RequestKind.OTHER


def visible_to(who: Principal) -> sa.Select[ActionRequest]:
    """R-desk-20: The brand's staff sees what was asked of it, an expert what they asked."""
    asked = sa.select(ActionRequest)
    if who.has("system"):
        return asked
    asked = asked.where(ActionRequest.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return asked
    if who.has("expert"):
        return asked.where(ActionRequest.requested_by == who.user_id)
    return asked.where(sa.false())


def list_requests(who: Principal, page: Page, *, is_open: bool = False) -> Slice[ActionRequest]:
    """Return the requests that one may see, the latest first."""
    asked = visible_to(who)
    if is_open:
        asked = asked.where(ActionRequest.state == RequestState.OPEN)
    return read(
        asked,
        page,
        by=(ActionRequest.requested_at, ActionRequest.id),
        key=lambda request: (request.requested_at, request.id),
    )


def requests_of(who: Principal, ticket: Ticket) -> Sequence[ActionRequest]:
    """Return what was asked for in a ticket, the oldest first."""
    return db.session.scalars(
        visible_to(who)
        .where(ActionRequest.brand_id == ticket.brand_id, ActionRequest.ticket_id == ticket.id)
        .order_by(ActionRequest.requested_at)
    ).all()
