"""Tickets as one may see them: list, search, detail, inbox."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from gigcx.catalog import queries as catalog
from gigcx.customers import queries as customers
from gigcx.db import db
from gigcx.desk.models import Claim, Reservation, Resolution
from gigcx.desk.rules import Claimant, ClaimState
from gigcx.identity import queries as identity
from gigcx.money import Money
from gigcx.paging import LIMIT_MAX, Page, Slice, read
from gigcx.principal import Principal
from gigcx.tickets.models import Draft, Message, Original, Queue, Ticket, TicketEvent
from gigcx.tickets.rules import Author, Route, TicketState
from gigcx.tickets.service.tickets import TicketNotFound

T = TypeVar("T", Claim, Resolution, Message, TicketEvent)

STATES: Sequence[str] = tuple(TicketState)
"""By which a list can be narrowed."""
STUCK_AFTER = timedelta(minutes=10)
"""Beyond a lease's end; it is freed each minute."""
MARKS = "\ue000", "\ue001"
"""Stand around what was searched for: characters that no text of people holds."""
FOUND_MAX = 200
"""Tickets that a search finds at most."""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything that its page shows."""

    ticket: Ticket
    queue: Queue
    topic: str
    customer: str
    """The customer's name as this person may see it."""
    messages: Sequence[Message]
    events: Sequence[TicketEvent]
    claims: Sequence[Claim]
    resolution: Resolution | None
    reward: Money | None
    """The reward that the active or last claim reserved."""
    draft: str
    names: Mapping[UUID, str]
    """Names of the experts and people in the history."""

    @property
    def claim(self) -> Claim | None:
        """The active claim."""
        return next((claim for claim in self.claims if claim.state == ClaimState.ACTIVE), None)


def visible_to(who: Principal) -> sa.Select[Ticket]:
    """R-desk-8: Staff see their brand's tickets, experts those that they hold or held, customers
    their own. List, detail, search and export all start here and only narrow it down.
    """
    tickets = sa.select(Ticket)
    if who.has("system"):
        return tickets
    tickets = tickets.where(Ticket.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return tickets
    if who.has("customer"):
        return tickets.where(Ticket.customer_id.in_(customers.one_with(who)))
    if who.has("expert"):
        held = sa.select(Claim.brand_id, Claim.ticket_id).where(
            Claim.brand_id.in_(who.brand_ids),
            Claim.claimant == Claimant.EXPERT,
            Claim.claimant_id == who.user_id,
        )
        return tickets.where(sa.tuple_(Ticket.brand_id, Ticket.id).in_(held))
    return tickets.where(sa.false())


def list_tickets(
    who: Principal,
    page: Page,
    *,
    queue_id: UUID | None = None,
    state: str | None = None,
    q: str | None = None,
) -> Slice[Ticket]:
    """Return the tickets that one may see, the latest first, narrowed by queue, state or words."""
    tickets = visible_to(who)
    if queue_id is not None:
        tickets = tickets.where(Ticket.queue_id == queue_id)
    if state is not None:
        tickets = tickets.where(Ticket.state == state)
    if q:
        tickets = tickets.where(Ticket.id.in_(_found(who, q)))
    return _paged(tickets, page)


def iterate_tickets(who: Principal, *, state: str | None, q: str | None) -> Iterator[Ticket]:
    """Yield all that ``list_tickets`` shows, page by page."""
    page: Page | None = Page(limit=LIMIT_MAX)
    while page is not None:
        found = list_tickets(who, page, state=state, q=q)
        yield from found.items
        page = Page(LIMIT_MAX, found.next_after) if found.next_after else None


def list_inbox(who: Principal, page: Page) -> Slice[Ticket]:
    """Return what the brand's own staff is to answer, the latest first."""
    return _paged(
        visible_to(who).where(
            Ticket.route.in_([Route.IN_HOUSE, Route.SAFETY]),
            Ticket.state.in_(
                [TicketState.OPEN, TicketState.CLAIMED, TicketState.WAITING_ON_CUSTOMER]
            ),
        ),
        page,
    )


def list_held(who: Principal) -> Sequence[tuple[Ticket, Claim]]:
    """Return the tickets that one holds now, the shortest lease first."""
    rows = db.session.execute(
        visible_to(who)
        .join(Claim, sa.and_(Claim.brand_id == Ticket.brand_id, Claim.ticket_id == Ticket.id))
        .where(Claim.claimant_id == who.user_id, Claim.state == ClaimState.ACTIVE)
        .add_columns(Claim)
        .order_by(Claim.lease_until)
    )
    return [(ticket, claim) for ticket, claim in rows]


def get_ticket(who: Principal, ticket_id: UUID) -> TicketView:
    """Return a ticket with its thread, history and claim.

    :raises TicketNotFound: if it is not this person's to see.
    """
    ticket = db.session.scalars(visible_to(who).where(Ticket.id == ticket_id)).one_or_none()
    if ticket is None:
        raise TicketNotFound("There is no such ticket.")
    claims = _of(Claim, ticket, Claim.fence)
    resolutions = _of(Resolution, ticket, Resolution.fence)
    messages = _messages_of(ticket)
    if not who.has("owner", "lead", "agent", "analyst", "system"):
        messages = [message for message in messages if not message.is_internal]
    events = _of(TicketEvent, ticket, TicketEvent.at)
    people = {claim.claimant_id for claim in claims} | {event.actor_id for event in events}
    return TicketView(
        ticket=ticket,
        queue=db.session.get_one(Queue, (ticket.brand_id, ticket.queue_id)),
        topic=catalog.topics_by_id(ticket.brand_id, {ticket.topic_id})[ticket.topic_id].name,
        customer=_name_for(who, ticket),
        messages=messages,
        events=events,
        claims=claims,
        resolution=resolutions[-1] if resolutions else None,
        reward=_reward_of(claims),
        draft=_draft_of(who, ticket),
        names=identity.names_of(people),
    )


def originals_of(who: Principal, ticket: Ticket) -> Mapping[UUID, str]:
    """Return message id → what a customer wrote, unmasked, for that customer alone."""
    if not who.has("customer"):
        return {}
    rows = db.session.execute(
        sa.select(Original.id, Original.original)
        .join(Message, sa.and_(Message.brand_id == Original.brand_id, Message.id == Original.id))
        .where(Original.brand_id == ticket.brand_id, Message.ticket_id.in_(_with_merged(ticket)))
        .where(Message.author == Author.CUSTOMER, Original.field == "text")
    )
    return dict(rows.all())


def list_lapsed(now: datetime, *, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (brand id, ticket id) of leases that are over, the oldest first, for the sweep."""
    rows = db.session.execute(
        sa.select(Claim.brand_id, Claim.ticket_id)
        .join(Ticket, sa.and_(Ticket.brand_id == Claim.brand_id, Ticket.id == Claim.ticket_id))
        .where(Claim.state == ClaimState.ACTIVE, Claim.lease_until <= now)
        .where(
            sa.or_(
                Claim.claimant != Claimant.STAFF,
                Ticket.state == TicketState.WAITING_ON_CUSTOMER,
            )
        )
        .order_by(Claim.lease_until)
        .limit(limit)
    )
    return [(row.brand_id, row.ticket_id) for row in rows]


def list_stuck(now: datetime) -> Sequence[sa.Row[tuple[str, UUID, datetime]]]:
    """Return (brand's name, ticket id, lease's end) of leases that the sweep should have freed."""
    stuck = sa.func.stuck_leases(now - STUCK_AFTER).table_valued(
        sa.column("brand_name", sa.Text),
        sa.column("ticket_id", sa.Uuid),
        sa.column("lease_until", sa.DateTime(timezone=True)),
    )
    return db.session.execute(sa.select(*stuck.c)).all()


def list_silent(now: datetime, *, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return (brand id, ticket id) of resolutions whose silence is over, for the sweep."""
    rows = db.session.execute(
        sa.select(Resolution.brand_id, Resolution.ticket_id)
        .where(Resolution.state == "submitted", Resolution.assumed_at <= now)
        .order_by(Resolution.assumed_at)
        .limit(limit)
    )
    return [(row.brand_id, row.ticket_id) for row in rows]


def count_by_state(who: Principal) -> Mapping[str, int]:
    """Return state → number of the tickets that one may see."""
    seen = visible_to(who).subquery()
    rows = db.session.execute(sa.select(seen.c.state, sa.func.count()).group_by(seen.c.state))
    return dict(rows.all())


def count_open(who: Principal) -> Mapping[UUID, int]:
    """Return queue id → number of open tickets that one may see."""
    seen = visible_to(who).where(Ticket.state == TicketState.OPEN).subquery()
    rows = db.session.execute(sa.select(seen.c.queue_id, sa.func.count()).group_by(seen.c.queue_id))
    return dict(rows.all())


def _paged(tickets: sa.Select[Ticket], page: Page) -> Slice[Ticket]:
    return read(
        tickets,
        page,
        by=(Ticket.opened_at, Ticket.id),
        key=lambda ticket: (ticket.opened_at, ticket.id),
    )


def snippets_of(tickets: Sequence[Ticket], words: str) -> Mapping[UUID, str]:
    """Return ticket id → where the words stand in its subject and thread, each between ``MARKS``.

    Masked, and without internal notes, as the search itself.
    """
    said = sa.func.concat_ws(
        " … ", Ticket.subject, sa.func.string_agg(Message.masked_text, sa.literal(" … "))
    )
    options = f"StartSel={MARKS[0]}, StopSel={MARKS[1]}, MaxFragments=2, MaxWords=16, MinWords=6"
    query = sa.func.websearch_to_tsquery("simple", words)
    rows = db.session.execute(
        sa.select(Ticket.id, sa.func.ts_headline("simple", said, query, options))
        .outerjoin(
            Message,
            sa.and_(
                Message.brand_id == Ticket.brand_id,
                Message.ticket_id == Ticket.id,
                ~Message.is_internal,
            ),
        )
        .where(
            Ticket.brand_id.in_({ticket.brand_id for ticket in tickets}),
            Ticket.id.in_([ticket.id for ticket in tickets]),
        )
        .group_by(Ticket.brand_id, Ticket.id)
    )
    return dict(rows.all())


def _found(who: Principal, words: str) -> sa.Select[UUID]:
    brands = sa.cast(list(who.brand_ids), sa.ARRAY(sa.Uuid))
    found = sa.func.search(brands, words, FOUND_MAX).table_valued(
        "brand_id", sa.column("kind", sa.Text), sa.column("id", sa.Uuid), "rank"
    )
    return sa.select(found.c.id).where(found.c.kind == "ticket")


def _of(model: type[T], ticket: Ticket, order: InstrumentedAttribute[Any]) -> Sequence[T]:
    """Return what belongs to a ticket, in order."""
    return db.session.scalars(
        sa.select(model).filter_by(brand_id=ticket.brand_id, ticket_id=ticket.id).order_by(order)
    ).all()


def _messages_of(ticket: Ticket) -> Sequence[Message]:
    """Return a ticket's messages and those of the tickets that were merged into it, in order."""
    return db.session.scalars(
        sa.select(Message)
        .where(Message.brand_id == ticket.brand_id)
        .where(Message.ticket_id.in_(_with_merged(ticket)))
        .order_by(Message.sent_at, Message.id)
    ).all()


def _with_merged(ticket: Ticket) -> sa.CompoundSelect[UUID]:
    merged = sa.select(Ticket.id).where(
        Ticket.brand_id == ticket.brand_id, Ticket.merged_into_id == ticket.id
    )
    return sa.union_all(sa.select(sa.literal(ticket.id, sa.Uuid)), merged)


def _reward_of(claims: Sequence[Claim]) -> Money | None:
    if not claims:
        return None
    reservation = db.session.scalars(
        sa.select(Reservation).where(
            Reservation.brand_id == claims[-1].brand_id, Reservation.claim_id == claims[-1].id
        )
    ).one_or_none()
    return None if reservation is None else reservation.reward


def _draft_of(who: Principal, ticket: Ticket) -> str:
    draft = db.session.get(Draft, (ticket.brand_id, ticket.id, who.user_id))
    return draft.draft if draft else ""


def _name_for(who: Principal, ticket: Ticket) -> str:
    """Return the customer's name for themselves and the brand; to everybody else they are one."""
    if who.has("expert"):
        return "Customer"
    return customers.get_customer_of(brand_id=ticket.brand_id, customer_id=ticket.customer_id).name
