"""Tickets, and whole desks at which somebody may start to work."""

from dataclasses import dataclass
from uuid import UUID

from gigcx.db import commit
from gigcx.desk.models import Claim
from gigcx.desk.service import claims, intake, resolving
from gigcx.money import Money
from gigcx.principal import Principal
from gigcx.tickets.models import Ticket
from tests.acting import acting
from tests.factories import catalog, customers, experts, identity, tickets
from tests.factories.identity import owner_of
from tests.factories.rewards import TEN_EUROS


@dataclass(frozen=True)
class Desk:
    """A brand with an open, funded queue, an expert who is certified, and a customer."""

    brand_id: UUID
    queue_id: UUID
    topic_id: UUID
    expert: Principal
    customer: Principal
    pays: Money

    @property
    def owner(self) -> Principal:
        """Whoever acts for the brand."""
        return owner_of(self.brand_id)

    def another_expert(self, **changes) -> Principal:
        """Make one more expert who may claim here."""
        return experts.expert(self.brand_id, self.topic_id, **changes)


def desk(*, pays: Money = TEN_EUROS, brand_id: UUID | None = None, **queue) -> Desk:
    """Make all that must be there before a ticket may be claimed."""
    brand_id = brand_id or identity.brand().id
    opened = tickets.queue(brand_id, pays=pays, **queue)
    topic_id = catalog.topic(brand_id)
    return Desk(
        brand_id,
        opened.id,
        topic_id,
        experts.expert(brand_id, topic_id),
        customers.customer(brand_id),
        pays,
    )


def ticket(at: Desk, **changes) -> Ticket:
    """Take in a question of the desk's customer."""
    asked = {
        "queue_id": at.queue_id,
        "customer_id": at.customer.user_id,
        "topic_id": at.topic_id,
        "subject": "Where is my parcel?",
        "text": "I ordered two weeks ago.",
    }
    question = intake.Question(**asked | changes)
    with acting(at.owner):
        taken = commit(intake.take_in, brand_id=at.brand_id, question=question)
    assert taken is not None, "the external id is known"
    return taken


def claim(at: Desk, ticket_id: UUID, who: Principal | None = None) -> Claim:
    """Let the desk's expert, or another, claim a ticket."""
    with acting(who or at.expert) as claimant:
        return commit(claims.claim_ticket, who=claimant, ticket_id=ticket_id, seen=at.pays)


def resolved(at: Desk) -> Ticket:
    """Take in a ticket that the desk's expert claims and resolves."""
    asked = ticket(at)
    claimed = claim(at, asked.id)
    with acting(at.expert):
        commit(resolving.resolve_ticket, who=at.expert, ticket_id=asked.id, fence=claimed.fence)
    return asked
