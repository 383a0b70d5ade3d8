"""A customer's question becomes a ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.catalog import service as catalog
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.desk.queries import wording
from gigcx.ids import new_id
from gigcx.tickets import queries as queues
from gigcx.tickets.rules import Author, QueueState, Route
from gigcx.tickets.service import tickets

GENERAL = "General"
"""The topic of a question whose product is not told."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks, in their own words."""

    queue_id: UUID
    customer_id: UUID
    topic_id: UUID
    subject: str
    text: str
    external_id: str | None = None
    language: str = "en"
    complexity: int = 1
    priority: int = 0
    route: Route = Route.EXPERT
    asked_at: datetime | None = None
    """When it was asked, for one that comes from elsewhere."""


def take_in(now: datetime, *, brand_id: UUID, question: Question) -> tickets.Ticket | None:
    """Store a question as a ticket, masked, with its original apart.

    Return None if the brand knows the external id already: asking twice makes one ticket.

    :raises QueueNotFound: if the brand has no such queue.
    :raises CustomerNotFound: if the brand has no such customer.
    """
    queues.get_queue_of(brand_id=brand_id, queue_id=question.queue_id)
    customer = customers.get_customer_of(brand_id=brand_id, customer_id=question.customer_id)
    masked = wording.masker(brand_id=brand_id, customer_name=customer.name)
    ticket_id = tickets.insert_ticket(
        tickets.NewTicket(
            brand_id=brand_id,
            queue_id=question.queue_id,
            customer_id=question.customer_id,
            asker_id=customer.user_id,
            topic_id=question.topic_id,
            external_id=question.external_id,
            route=question.route,
            priority=question.priority,
            complexity=question.complexity,
            language=question.language,
            subject=masked(question.subject),
            subject_original=question.subject,
            opened_at=question.asked_at or now,
        )
    )
    if ticket_id is None:
        return None
    ticket = tickets.lock_ticket_of(brand_ids=(brand_id,), ticket_id=ticket_id)
    tickets.add_message(
        question.asked_at or now,
        ticket=ticket,
        author=Author.CUSTOMER,
        author_id=question.customer_id,
        masked_text=masked(question.text),
        original=question.text,
    )
    outbox.put(now, "desk.ticket_changed", brand_id=brand_id, ticket_id=str(ticket_id))
    return ticket


def ask(
    now: datetime,
    *,
    brand_id: UUID,
    queue_id: UUID,
    name: str,
    email: str,
    subject: str,
    text: str,
) -> tickets.Ticket:
    """Take in what a visitor asks on the brand's page, in the name of a customer of this e-mail.

    :raises QueueNotFound: if the brand has no such queue, or it takes no questions.
    """
    queue = queues.get_queue_of(brand_id=brand_id, queue_id=queue_id)
    if queue.state != QueueState.OPEN:
        raise queues.QueueNotFound("This queue takes no questions now.")
    # Anybody can write any address: what they ask is theirs alone, whoever has the address.
    customer_id = customer_service.save_customer(
        now,
        brand_id=brand_id,
        external_id=f"ask:{new_id()}",
        name=name,
        email=email.strip().lower(),
        language=queue.language,
    )
    taken = take_in(
        now,
        brand_id=brand_id,
        question=Question(
            queue_id=queue_id,
            customer_id=customer_id,
            topic_id=catalog.topic_of_path(now, brand_id=brand_id, names=[GENERAL]),
            subject=subject,
            text=text,
            language=queue.language,
        ),
    )
    assert taken is not None, "a question without an external id is always new"
    return taken
