"""A mail becomes a message of its thread, a new ticket, or a line of the log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from gigcx.channels import queries
from gigcx.channels.models import StoredMail
from gigcx.channels.rules import Direction, InboundMail, MailKind, is_theirs, kind_of
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.db import db
from gigcx.desk.queries import attachments as files
from gigcx.desk.service import attachments, conversation, intake, resolving
from gigcx.ids import new_id
from gigcx.principal import Principal
from gigcx.tickets import queries as queues
from gigcx.tickets.service import tickets
from gigcx.tickets.service.workspace import Upload

LINE = 200
"""Characters of a subject that are kept."""
LETTER = 20_000
NO_SUBJECT = "(no subject)"


def receive_mail(
    now: datetime,
    *,
    mail: InboundMail,
    own_address: str,
    ticket_id: UUID | None = None,
    queue_id: UUID | None = None,
) -> UUID | None:
    """Take a mail in and return the id of the ticket it belongs to; None if it belongs nowhere.

    The same mail again changes nothing. Only a message wakes a ticket: a bounce marks the
    customer's address, an automatic answer and a loop are lines of the log.

    :param own_address: from which our mails go out.
    :param ticket_id: of the reply address that it was sent to.
    :param queue_id: of the queue's address that it was sent to.
    """
    ticket = _thread_of(mail, ticket_id)
    if ticket is None:
        return _ask(now, mail=mail, own_address=own_address, queue_id=queue_id)
    if queries.is_known(brand_id=ticket.brand_id, name=mail.name):
        return ticket.id
    recent = queries.count_recent(ticket, now=now)
    kind = kind_of(mail, own_address=own_address, recent=recent)
    message_id = None
    if kind is MailKind.MESSAGE:
        ticket, message_id = _write(now, ticket=ticket, mail=mail)
    elif kind is MailKind.BOUNCE:
        customer_service.note_bounce(now, brand_id=ticket.brand_id, customer_id=ticket.customer_id)
        tickets.note_event(
            now,
            brand_id=ticket.brand_id,
            ticket_id=ticket.id,
            kind="mail_bounced",
            actor_id=ticket.customer_id,
        )
    _keep(now, ticket=ticket, mail=mail, kind=kind, message_id=message_id)
    return ticket.id


def note_sent(
    now: datetime, *, brand_id: UUID, ticket_id: UUID, name: str, message_id: UUID | None = None
) -> None:
    """Write down that a mail went out, so that its answers find their thread."""
    _insert(
        now,
        brand_id=brand_id,
        ticket_id=ticket_id,
        message_id=message_id,
        direction=Direction.OUT,
        kind=MailKind.MESSAGE,
        name=name,
    )


def _thread_of(mail: InboundMail, ticket_id: UUID | None) -> tickets.Ticket | None:
    if ticket_id is not None:
        return queries.find_ticket(ticket_id=ticket_id)
    ticket = queries.find_thread((*filter(None, [mail.bounced]), *mail.answers))
    if ticket is None or mail.bounced is not None:
        return ticket
    customer = customers.get_customer_of(brand_id=ticket.brand_id, customer_id=ticket.customer_id)
    return ticket if is_theirs(mail, known=[customer.email]) else None


def _write(
    now: datetime, *, ticket: tickets.Ticket, mail: InboundMail
) -> tuple[tickets.Ticket, UUID | None]:
    """Write a mail into its thread; after the window for reopening it is a question of its own."""
    customer = Principal(
        ticket.customer_id, (ticket.brand_id,), frozenset({"customer"}), database="worker"
    )
    customer_service.note_mail(now, brand_id=ticket.brand_id, customer_id=ticket.customer_id)
    try:
        message = conversation.reply(
            now,
            who=customer,
            ticket_id=ticket.id,
            text=mail.text[:LETTER] or "(attached)",
            files=_uploads(mail),
        )
    except resolving.TooLateToReopen:
        return _taken_in(
            now,
            mail=mail,
            brand_id=ticket.brand_id,
            queue_id=ticket.queue_id,
            customer_id=ticket.customer_id,
        ), None
    return ticket, message.id


def _uploads(mail: InboundMail) -> list[Upload]:
    return [Upload(file.name, file.type, file.content) for file in mail.files]


def _ask(
    now: datetime, *, mail: InboundMail, own_address: str, queue_id: UUID | None
) -> UUID | None:
    """Take in what was written to a queue's address."""
    queue = queues.find_queue(queue_id) if queue_id is not None else None
    if queue is None or queries.is_known(brand_id=queue.brand_id, name=mail.name):
        return None
    kind = kind_of(mail, own_address=own_address, recent=0)
    if kind is not MailKind.MESSAGE:
        _insert(now, brand_id=queue.brand_id, direction=Direction.IN, kind=kind, name=mail.name)
        return None
    # Anybody can write any sender: who writes by mail is a customer of that address until
    # somebody of the brand finds that they are one whom it knows.
    customer_id = customer_service.save_customer(
        now,
        brand_id=queue.brand_id,
        external_id=f"mail:{mail.sender}",
        name=mail.sender_name,
        email=mail.sender,
        language=queue.language,
    )
    ticket = _taken_in(
        now, mail=mail, brand_id=queue.brand_id, queue_id=queue.id, customer_id=customer_id
    )
    _keep(now, ticket=ticket, mail=mail, kind=kind, message_id=None)
    return ticket.id


def _taken_in(
    now: datetime, *, mail: InboundMail, brand_id: UUID, queue_id: UUID, customer_id: UUID
) -> tickets.Ticket:
    taken = intake.take_in(
        now,
        brand_id=brand_id,
        question=intake.Question(
            queue_id=queue_id,
            customer_id=customer_id,
            subject=mail.subject.strip()[:LINE] or NO_SUBJECT,
            text=mail.text[:LETTER] or "(attached)",
        ),
    )
    assert taken is not None, "a question without an external id is always new"
    attachments.attach_files(now, message=files.get_first_message(taken), files=_uploads(mail))
    return taken


def _keep(
    now: datetime,
    *,
    ticket: tickets.Ticket,
    mail: InboundMail,
    kind: MailKind,
    message_id: UUID | None,
) -> None:
    _insert(
        now,
        brand_id=ticket.brand_id,
        ticket_id=ticket.id,
        message_id=message_id,
        direction=Direction.IN,
        kind=kind,
        name=mail.name,
    )


def _insert(now: datetime, **columns: object) -> None:
    db.session.execute(
        insert(StoredMail)
        .values(id=new_id(), at=now, detail="", **columns)
        .on_conflict_do_nothing(constraint="mail_name_is_new")
    )
