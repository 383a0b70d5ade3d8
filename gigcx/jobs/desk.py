"""Jobs of tickets: clocks that ran out, search, and letters to customers."""

from uuid import UUID

from flask import current_app

from gigcx.channels import queries as threads
from gigcx.channels import service as channels
from gigcx.db import commit, now
from gigcx.desk.queries import incidents, letters
from gigcx.desk.queries import tickets as queries
from gigcx.desk.service import clocks, lapses, resolving
from gigcx.gateways.mail import Mail
from gigcx.http import links
from gigcx.tickets.service import search

BATCH = 500
"""Tickets that one sweep looks at before it looks again."""


def end_lapsed_claims(**_later_arguments: object) -> None:
    """Put back tickets whose lease is over; resolve those whose customer stays silent."""
    for brand_id, ticket_id in queries.list_lapsed(now(), limit=BATCH):
        commit(lapses.end_lapsed_claim, brand_id=brand_id, ticket_id=ticket_id)


def assume_confirmations(**_later_arguments: object) -> None:
    """Settle resolutions whose customer has said nothing for as long as was agreed."""
    while due := queries.list_silent(now(), limit=BATCH):
        settled = [
            commit(resolving.assume_confirmed, brand_id=brand_id, ticket_id=ticket_id)
            for brand_id, ticket_id in due
        ]
        if not any(settled):
            return


def index_ticket(*, brand_id: str, ticket_id: str, **_later_arguments: object) -> None:
    """Bring the search document of a ticket up to date."""
    index_tickets(brand_id=brand_id, ticket_ids=[ticket_id])


def index_tickets(*, brand_id: str, ticket_ids: list[str], **_later_arguments: object) -> None:
    """Bring the search documents of tickets up to date."""
    ids = [UUID(ticket_id) for ticket_id in ticket_ids]
    commit(search.index_tickets, brand_id=UUID(brand_id), ticket_ids=ids)


def write_to_customer(*, brand_id: str, ticket_id: str, **_later_arguments: object) -> None:
    """Tell a customer by mail that they have an answer, with the link to it."""
    letter = letters.find_letter(brand_id=UUID(brand_id), ticket_id=UUID(ticket_id))
    if letter is None:
        return
    token = links.sign(
        brand_id=letter.brand_id, ticket_id=letter.ticket_id, customer_id=letter.customer_id
    )
    name = current_app.extensions["gigcx.mail"].send(
        Mail(
            to=letter.email,
            subject=letter.subject,
            text=letter.text.replace("$link", f"{current_app.config['PUBLIC_URL']}/c/{token}"),
            reference=letter.reference,
            reply_to=links.reply_address(letter.ticket_id, sender=current_app.config["MAIL_FROM"]),
            answers=tuple(threads.thread_of(brand_id=letter.brand_id, ticket_id=letter.ticket_id)),
        )
    )
    commit(channels.note_sent, brand_id=letter.brand_id, ticket_id=letter.ticket_id, name=name)


def note_missed_clocks(**_later_arguments: object) -> None:
    """Write down which clocks have run out, so that the inbox shows them first."""
    while commit(clocks.note_missed) == clocks.MISSED_AT_ONCE:
        pass


def alarm_brand(*, brand_id: str, incident_id: str, **_later_arguments: object) -> None:
    """Tell the brand's owners and leads by mail that a ticket speaks of danger."""
    page = f"{current_app.config['PUBLIC_URL']}/brand/safety"
    alarm = incidents.alarm_of(brand_id=UUID(brand_id), incident_id=UUID(incident_id))
    for email in alarm.emails:
        current_app.extensions["gigcx.mail"].send(
            Mail(
                to=email,
                subject=alarm.subject,
                text=alarm.text.replace("$link", page),
                reference=f"{alarm.reference}.{email.partition('@')[0]}",
            )
        )
