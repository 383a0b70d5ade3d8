"""Attachments as one may see them: whoever may read the ticket may read its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.desk.queries import tickets as views
from gigcx.errors import NotFound
from gigcx.principal import Principal
from gigcx.tickets.models import Attachment, File, Message, Ticket


class AttachmentNotFound(NotFound):
    """There is no such file, or it is not this person's to see."""

    code = "desk/attachment-not-found"
    title = "No such file"


class MessageNotFound(NotFound):
    """There is no such message, or somebody else wrote it."""

    code = "desk/message-not-found"
    title = "No such message"


@dataclass(frozen=True, slots=True)
class Download:
    """A file with its bytes."""

    name: str
    type: str
    content: bytes
    sha256: bytes


def get_download(who: Principal, *, ticket_id: UUID, attachment_id: UUID) -> Download:
    """Return a file of a ticket; not to an expert: nobody can mask a picture.

    :raises TicketNotFound: if the ticket is not this person's to see.
    :raises AttachmentNotFound: if it has no such file.
    """
    ticket = views.get_ticket(who, ticket_id).ticket
    row = db.session.execute(
        sa.select(Attachment.name, Attachment.type, File.content, File.sha256)
        .join(
            File,
            sa.and_(File.brand_id == Attachment.brand_id, File.sha256 == Attachment.sha256),
        )
        .join(
            Message,
            sa.and_(Message.brand_id == Attachment.brand_id, Message.id == Attachment.message_id),
        )
        .where(Attachment.brand_id == ticket.brand_id, Attachment.ticket_id == ticket_id)
        .where(Attachment.id == attachment_id, _may_open(who))
    ).one_or_none()
    if row is None:
        raise AttachmentNotFound("The ticket has no such file.")
    return Download(*row)


def attachments_of(ticket: Ticket) -> Mapping[UUID, Sequence[Attachment]]:
    """Return message id → its files."""
    rows = db.session.scalars(
        sa.select(Attachment)
        .where(Attachment.brand_id == ticket.brand_id, Attachment.ticket_id == ticket.id)
        .order_by(Attachment.added_at, Attachment.id)
    )
    found: dict[UUID, list[Attachment]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


def get_own_message(who: Principal, *, ticket_id: UUID, message_id: UUID) -> Message:
    """Return a message that this person has written.

    :raises TicketNotFound: if the ticket is not theirs to see.
    :raises MessageNotFound: if they have not.
    """
    ticket = views.get_ticket(who, ticket_id).ticket
    message = db.session.get(Message, (ticket.brand_id, message_id))
    if message is None or (message.ticket_id, message.author_id) != (ticket_id, who.user_id):
        raise MessageNotFound("You have written no such message in this ticket.")
    return message


def get_first_message(ticket: Ticket) -> Message:
    """Return the message with which a ticket began."""
    return db.session.scalars(
        sa.select(Message)
        .where(Message.brand_id == ticket.brand_id, Message.ticket_id == ticket.id)
        .order_by(Message.sent_at, Message.id)
        .limit(1)
    ).one()


def get_ticket_of(message: Message) -> Ticket:
    """Return the ticket that a message belongs to."""
    return db.session.get_one(Ticket, (message.brand_id, message.ticket_id))


def _may_open(who: Principal) -> sa.ColumnElement[bool]:
    """R-desk-19: An expert opens only files that they sent themselves: what a customer's file shows
    cannot be masked, so the brand's staff tells them what they need of it.
    """
    return Message.author_id == who.user_id if who.has("expert") else sa.true()
