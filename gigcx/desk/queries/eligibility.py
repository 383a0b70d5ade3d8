"""Who may take which ticket: one set of named conditions for feed, claim and explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from gigcx import switches
from gigcx.catalog.models import Certificate, Topic
from gigcx.catalog.rules import CertificateState
from gigcx.db import db
from gigcx.desk.models import Claim
from gigcx.desk.rules import Claimant, ClaimState
from gigcx.experts.models import Application, Expert
from gigcx.experts.rules import ApplicationState, Standing
from gigcx.identity.models import Brand
from gigcx.principal import Principal
from gigcx.switches import Stoppable
from gigcx.tickets.models import Queue, Ticket
from gigcx.tickets.rules import QueueState, Route, TicketState

_Held = aliased(Ticket)

SENTENCES: Mapping[str, str] = {
    "claims_run": "Nobody can claim for the moment: the platform has stopped it.",
    "brand_active": "The brand is suspended.",
    "queue_open": "The queue is not open.",
    "queue_funded": "The brand's balance does not cover another ticket.",
    "application": "You are not active with this brand.",
    "standing": "Your work with us is suspended.",
    "not_paused": "You are on pause.",
    "capacity": "You hold as many tickets as you take at once.",
    "ticket_open": "Somebody else has the ticket, or it is resolved.",
    "route": "The brand's own staff answers this ticket.",
    "topic": "You have no valid certificate for its topic.",
    "language": "It is in a language that you did not name.",
    "not_own": "It is your own question.",
    "first_right": "The expert who knows it has the first right for some hours.",
}
"""What is said when a condition does not hold."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether an expert may claim a ticket, and if not, why."""

    is_eligible: bool
    reasons: tuple[str, ...]


def queue_conditions(expert: Principal, *, now: datetime) -> dict[str, sa.ColumnElement[bool]]:
    """Return what must hold of a queue, its brand and the expert, by name."""
    return {
        "claims_run": switches.runs(Stoppable.CLAIMS),
        "brand_active": sa.exists().where(Brand.id == Queue.brand_id, Brand.suspended_at.is_(None)),
        "queue_open": Queue.state == QueueState.OPEN,
        "queue_funded": Queue.is_funded.is_(True),
        "application": sa.exists().where(
            Application.brand_id == Queue.brand_id,
            Application.expert_id == expert.user_id,
            Application.state == ApplicationState.ACTIVE,
        ),
        "standing": _fact(expert, Expert.standing != Standing.SUSPENDED),
        "not_paused": _fact(expert, sa.func.coalesce(Expert.paused_until, now) <= now),
        "capacity": _fact(expert, Expert.claims_max > _slots_in_use(expert)),
    }


def ticket_conditions(expert: Principal, *, now: datetime) -> dict[str, sa.ColumnElement[bool]]:
    """Return what must hold of a ticket, by name."""
    return {
        "ticket_open": Ticket.state == TicketState.OPEN,
        "route": Ticket.route == Route.EXPERT,
        "topic": Ticket.topic_id.in_(_certified_topics(expert, now=now)),
        "language": _fact(expert, Ticket.language == sa.any_(Expert.languages)),
        "not_own": Ticket.asker_id.is_distinct_from(expert.user_id),
        "first_right": sa.or_(
            Ticket.first_until.is_(None),
            Ticket.first_until <= now,
            Ticket.first_expert_id == expert.user_id,
        ),
    }


def eligible(expert: Principal, *, now: datetime, ticket_id: UUID) -> sa.Select[UUID, UUID]:
    """R-desk-7: An expert may take an open ticket of an open and funded queue, on a topic that
    they are certified for and in a language they speak, while they have room and are not paused;
    never their own question, nor one that waits for the expert who knows it.

    Return (brand id, ticket id) if the expert may take this ticket, or nothing. The feed ranks
    what the same conditions hold: what is shown can be claimed, and what can be claimed was shown.
    """
    return (
        sa.select(Ticket.brand_id, Ticket.id)
        .join(Queue, sa.and_(Queue.brand_id == Ticket.brand_id, Queue.id == Ticket.queue_id))
        .where(
            # Row-level security says so too, but slower.
            Ticket.brand_id.in_(expert.brand_ids),
            Ticket.id == ticket_id,
            *queue_conditions(expert, now=now).values(),
            *ticket_conditions(expert, now=now).values(),
        )
    )


def eligibility_of(who: Principal, *, ticket_id: UUID, now: datetime) -> Eligibility | None:
    """Say whether the expert may claim the ticket, and why not; None if they cannot know of it."""
    conditions = queue_conditions(who, now=now) | ticket_conditions(who, now=now)
    row = db.session.execute(
        sa.select(*(condition.label(name) for name, condition in conditions.items()))
        .select_from(Ticket)
        .join(Queue, sa.and_(Queue.brand_id == Ticket.brand_id, Queue.id == Ticket.queue_id))
        .where(Ticket.brand_id.in_(who.brand_ids), Ticket.id == ticket_id)
    ).one_or_none()
    if row is None:
        return None
    unmet = tuple(SENTENCES[name] for name in conditions if not row._mapping[name])  # noqa: SLF001 - the name is SQLAlchemy's
    return Eligibility(not unmet, unmet)


def _fact(expert: Principal, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Expert.id == expert.user_id, condition)


def _certified_topics(expert: Principal, *, now: datetime) -> sa.Select[UUID]:
    """A certificate covers its topic and all below it."""
    return (
        sa.select(Topic.id)
        .join(
            Certificate,
            sa.and_(
                Certificate.brand_id == Topic.brand_id,
                Certificate.topic_id == sa.any_(Topic.path),
            ),
        )
        .where(
            Topic.brand_id.in_(expert.brand_ids),
            Certificate.expert_id == expert.user_id,
            Certificate.state == CertificateState.VALID,
            Certificate.valid_until > now,
        )
    )


def _slots_in_use(expert: Principal) -> sa.ScalarSelect[int]:
    """Count active claims; while the customer is to answer they use no slot."""
    return (
        sa.select(sa.func.count())
        .select_from(Claim)
        .join(_Held, sa.and_(_Held.brand_id == Claim.brand_id, _Held.id == Claim.ticket_id))
        .where(
            Claim.brand_id.in_(expert.brand_ids),
            Claim.claimant_id == expert.user_id,
            Claim.claimant == Claimant.EXPERT,
            Claim.state == ClaimState.ACTIVE,
            _Held.state == TicketState.CLAIMED,
        )
        .scalar_subquery()
    )
