"""A customer's question becomes a ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.desk.queries import wording
from gigcx.desk.service import clocks, routing
from gigcx.ids import new_id
from gigcx.tickets import queries as queues
from gigcx.tickets.rules import Author, QueueState, Route
from gigcx.tickets.service import tickets


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks, in their own words. What is not told is read from them."""

    queue_id: UUID
    customer_id: UUID
    subject: str
    text: str
    topic_id: UUID | None = None
    external_id: str | None = None
    language: str | None = None
    complexity: int | None = None
    priority: int | None = None
    wants_staff: bool = False
    """Whether the customer asks for the brand's own staff."""
    asked_at: datetime | None = None
    """When it was asked, for one that comes from elsewhere."""


def take_in(now: datetime, *, brand_id: UUID, question: Question) -> tickets.Ticket | None:
    """Understand a question, route it, and store it as a ticket: masked, with its original apart.

    Return None if the brand knows the external id already: asking twice makes one ticket.

    :raises QueueNotFound: if the brand has no such queue.
    :raises CustomerNotFound: if the brand has no such customer.
    """
    queue = queues.get_queue_of(brand_id=brand_id, queue_id=question.queue_id)
    customer = customers.get_customer_of(brand_id=brand_id, customer_id=question.customer_id)
    masked = wording.masker(brand_id=brand_id, customer_name=customer.name)
    subject, text = masked(question.subject), masked(question.text)
    understood = routing.understand(
        now,
        brand_id=brand_id,
        topic_id=question.topic_id,
        language=question.language or queue.language,
        text=f"{subject}\n{text}",
    )
    routed = routing.route_question(
        now,
        brand_id=brand_id,
        customer_id=customer.merged_into_id or customer.id,
        understood=understood,
        wants_staff=question.wants_staff,
        objects=customer.objects_to_experiments,
    )
    ticket_id = tickets.insert_ticket(
        _new_ticket(
            now,
            question=question,
            asker_id=customer.user_id,
            subject=subject,
            understood=understood,
            brand_id=brand_id,
            route=routed.path.route,
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
        masked_text=text,
        original=question.text,
    )
    clocks.start_all(now, ticket=ticket)
    routing.log_routing(
        now, brand_id=brand_id, ticket_id=ticket_id, understood=understood, routed=routed
    )
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
    wants_staff: bool = False,
    objects_to_experiments: bool = False,
) -> tickets.Ticket:
    """Take in what a visitor asks on the brand's page, in the name of a customer of this e-mail.

    :param wants_staff: whether they ask for the brand's own staff.
    :param objects_to_experiments: whether no draw may decide who answers them.
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
        objects_to_experiments=objects_to_experiments,
    )
    taken = take_in(
        now,
        brand_id=brand_id,
        question=Question(
            queue_id=queue_id,
            customer_id=customer_id,
            subject=subject,
            text=text,
            wants_staff=wants_staff,
        ),
    )
    assert taken is not None, "a question without an external id is always new"
    return taken


def _new_ticket(
    now: datetime,
    *,
    brand_id: UUID,
    question: Question,
    asker_id: UUID | None,
    subject: str,
    understood: routing.Understood,
    route: Route,
) -> tickets.NewTicket:
    """Return the ticket to store: what was told counts, the rest is what was read."""
    reading = understood.reading
    return tickets.NewTicket(
        brand_id=brand_id,
        queue_id=question.queue_id,
        customer_id=question.customer_id,
        asker_id=asker_id,
        topic_id=understood.topic_id,
        external_id=question.external_id,
        route=route,
        priority=reading.urgency if question.priority is None else question.priority,
        complexity=question.complexity or reading.complexity,
        language=question.language or reading.language,
        intention=reading.intention,
        subject=subject,
        subject_original=question.subject,
        opened_at=question.asked_at or now,
    )
