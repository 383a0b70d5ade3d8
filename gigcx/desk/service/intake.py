"""A customer's question becomes a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gigcx import outbox
from gigcx.catalog import queries as catalog
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.desk.queries import wording
from gigcx.desk.service import clocks, routing
from gigcx.ids import new_id
from gigcx.tickets import queries as queues
from gigcx.tickets.rules import QueueState
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
    :raises TopicNotFound: if the catalogue has no such topic.
    """
    if question.topic_id is not None:
        catalog.get_topic_of(brand_id=brand_id, topic_id=question.topic_id)
    (ticket_id,) = take_in_all(now, brand_id=brand_id, questions=[question])
    if ticket_id is None:
        return None
    return tickets.lock_ticket_of(brand_ids=(brand_id,), ticket_id=ticket_id)


def take_in_all(
    now: datetime, *, brand_id: UUID, questions: Sequence[Question]
) -> list[UUID | None]:
    """Do for many questions what :func:`take_in` does for one; return the id of each ticket, or
    None where the brand knows the external id already.

    :raises QueueNotFound: if the brand has no such queue.
    :raises CustomerNotFound: if the brand has no such customer.
    """
    words = _words(brand_id, questions)
    asked = [one.asked for one in words]
    understood = routing.understand(now, brand_id=brand_id, asked=asked)
    routed = routing.route(now, brand_id=brand_id, asked=asked, understood=understood)
    ids = tickets.insert_tickets(
        [
            _new_ticket(now, brand_id=brand_id, question=question, words=one, read=read, way=way)
            for question, one, read, way in zip(questions, words, understood, routed, strict=True)
        ]
    )
    fresh = [
        (ticket_id, question, read, way)
        for ticket_id, question, read, way in zip(ids, questions, understood, routed, strict=True)
        if ticket_id is not None
    ]
    clocks.start_all(
        now, brand_id=brand_id, queue_of={id_: question.queue_id for id_, question, _, _ in fresh}
    )
    routing.log_routings(
        now, brand_id=brand_id, routings=[(id_, read, way) for id_, _, read, way in fresh]
    )
    if fresh:
        taken = [str(id_) for id_, _, _, _ in fresh]
        outbox.put(now, "desk.tickets_taken_in", brand_id=brand_id, ticket_ids=taken)
    return ids


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


@dataclass(frozen=True, slots=True)
class _Words:
    """A question as others read it, and who asks."""

    subject: str
    text: str
    asker_id: UUID | None
    asked: routing.Asked


def _words(brand_id: UUID, questions: Sequence[Question]) -> list[_Words]:
    languages = {
        queue_id: queues.get_queue_of(brand_id=brand_id, queue_id=queue_id).language
        for queue_id in {question.queue_id for question in questions}
    }
    askers = customers.customers_of(
        brand_id=brand_id, customer_ids={question.customer_id for question in questions}
    )
    found = []
    for question in questions:
        customer = askers.get(question.customer_id)
        if customer is None:
            raise customers.CustomerNotFound("There is no such customer.")
        masked = wording.masker(brand_id=brand_id, customer_name=customer.name)
        subject, text = masked(question.subject), masked(question.text)
        asked = routing.Asked(
            text=f"{subject}\n{text}",
            topic_id=question.topic_id,
            language=question.language or languages[question.queue_id],
            customer_id=customer.merged_into_id or customer.id,
            wants_staff=question.wants_staff,
            objects=customer.objects_to_experiments,
        )
        found.append(_Words(subject, text, customer.user_id, asked))
    return found


def _new_ticket(
    now: datetime,
    *,
    brand_id: UUID,
    question: Question,
    words: _Words,
    read: routing.Understood,
    way: routing.Routed,
) -> tickets.NewTicket:
    """Return the ticket to store: what was told counts, the rest is what was read."""
    reading = read.reading
    return tickets.NewTicket(
        brand_id=brand_id,
        queue_id=question.queue_id,
        customer_id=question.customer_id,
        asker_id=words.asker_id,
        topic_id=read.topic_id,
        external_id=question.external_id,
        route=way.path.route,
        priority=reading.urgency if question.priority is None else question.priority,
        complexity=question.complexity or reading.complexity,
        language=question.language or reading.language,
        intention=reading.intention,
        subject=words.subject,
        subject_original=question.subject,
        text=words.text,
        text_original=question.text,
        opened_at=question.asked_at or now,
    )
