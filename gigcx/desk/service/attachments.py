"""Files that come with a message: what is not taken is told in the thread, the message stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gigcx.desk.queries import attachments as queries
from gigcx.desk.queries import wording
from gigcx.principal import Principal
from gigcx.tickets.service import tickets, workspace

FILES_MAX = 10
"""Files of one message."""
NAME_MAX = 120


def attach_files(
    now: datetime, *, message: tickets.Message, files: Sequence[workspace.Upload]
) -> Sequence[workspace.Attachment]:
    """Keep the files of a message; those that are refused leave a line in the ticket's history."""
    kept = []
    for file in files[:FILES_MAX]:
        try:
            kept.append(_attach(now, message=message, file=file))
        except workspace.FileNotTaken as refusal:
            tickets.note_event(
                now,
                brand_id=message.brand_id,
                ticket_id=message.ticket_id,
                kind="file_refused",
                actor_id=message.author_id or message.ticket_id,
                detail=refusal.detail,
            )
    return kept


def attach_file(
    now: datetime, *, who: Principal, ticket_id: UUID, message_id: UUID, file: workspace.Upload
) -> workspace.Attachment:
    """Add a file to a message of one's own.

    :raises TicketNotFound: if the ticket is not this person's to see.
    :raises MessageNotFound: if they have written no such message there.
    :raises FileNotTaken: if it is too large or of another kind.
    """
    message = queries.get_own_message(who, ticket_id=ticket_id, message_id=message_id)
    return _attach(now, message=message, file=file)


def _attach(
    now: datetime, *, message: tickets.Message, file: workspace.Upload
) -> workspace.Attachment:
    ticket = queries.get_ticket_of(message)
    name = " ".join(file.name.replace("/", " ").replace("\\", " ").split())[:NAME_MAX] or "file"
    return workspace.attach(
        now,
        message=message,
        upload=replace(file, name=name),
        masked_name=wording.masked(ticket, name),
    )
