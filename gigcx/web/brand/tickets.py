"""Tickets as the brand sees them: find one, take it over, answer it in-house."""

from collections.abc import Mapping
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import ids, principal
from gigcx.channels import queries as channels
from gigcx.db import db, now
from gigcx.desk.queries import attachments, clocks, incidents, requests, reveals
from gigcx.desk.queries import tickets as queries
from gigcx.desk.service import conversation, handover, resolving
from gigcx.http.access import permit
from gigcx.http.downloads import download_table
from gigcx.http.etag import conditional
from gigcx.identity import queries as identity
from gigcx.paging import LIMIT_MAX, Page
from gigcx.principal import for_purpose
from gigcx.tickets import queries as queues
from gigcx.web.brand import bp
from gigcx.web.brand.workspace import queue_choices
from gigcx.web.forms import attempt, go, number, page, read, text

LONG = 20_000


@bp.get("/tickets")
@permit("tickets.read")
def list_tickets() -> ResponseReturnValue:
    """Show the brand's tickets, narrowed by state or words."""
    who = principal.current()
    wanted, words = _wanted(), _words()
    found = queries.list_tickets(who, page(), state=wanted or None, q=words or None)
    return render_template(
        "brand/tickets.html",
        found=found,
        states=[("", "Any state"), *((s, s.replace("_", " ")) for s in queries.STATES)],
        state=wanted,
        words=words,
        queues=queues.names_of([ticket.queue_id for ticket in found.items]),
        snippets=queries.snippets_of(found.items, words) if words else {},
    )


@bp.get("/tickets.csv")
@permit("tickets.read")
def export_tickets() -> ResponseReturnValue:
    """Save the tickets that the same words and state find, as a table for a spreadsheet."""
    who = principal.current()
    found = queries.iterate_tickets(who, state=_wanted() or None, q=_words() or None)
    names = {queue.id: queue.name for queue in queues.list_queues(who, Page(limit=LIMIT_MAX)).items}
    return download_table(
        "tickets.csv",
        ("id", "external_id", "subject", "queue", "state", "route", "opened_at", "resolved_at"),
        (
            (
                ids.shown("ticket", ticket.id),
                ticket.external_id,
                ticket.subject,
                names.get(ticket.queue_id, ""),
                ticket.state,
                ticket.route,
                ticket.opened_at.isoformat(),
                ticket.resolved_at.isoformat() if ticket.resolved_at else "",
            )
            for ticket in found
        ),
    )


@bp.get("/inbox")
@permit("tickets.read")
def show_inbox() -> ResponseReturnValue:
    """Show what the brand's own staff is to answer."""
    who = principal.current()
    found = queries.list_inbox(who, page())
    template = "brand/_inbox.html" if "part" in request.args else "brand/inbox.html"
    names = identity.names_of({t.assignee_id for t in found.items if t.assignee_id})
    standings = clocks.standings_of(who.brand_ids, [ticket.id for ticket in found.items])
    page_ = render_template(template, found=found, names=names, clocks=standings)
    return conditional(make_response(page_))


@bp.get("/tickets/<id(ticket):ticket_id>")
@permit("tickets.read")
def show_ticket(ticket_id: UUID) -> ResponseReturnValue:
    """Show a ticket with its history and what staff can do about it."""
    who = principal.current()
    revealed = _revealed(ticket_id)
    view = queries.get_ticket(who, ticket_id)
    mine = view.claim if view.claim and view.claim.claimant_id == who.user_id else None
    template = "brand/_thread.html" if "part" in request.args else "brand/ticket.html"
    page_ = render_template(
        template,
        view=view,
        mine=mine,
        people=identity.list_people(who, Page(limit=100)).items,
        routing=incidents.find_routing(brand_id=view.ticket.brand_id, ticket_id=ticket_id),
        dangers=[(danger, danger.replace("_", " ")) for danger in incidents.DANGERS],
        revealed=revealed,
        files=attachments.attachments_of(view.ticket),
        tags=queues.tags_of(view.ticket),
        canned=queues.list_canned_answers(who.brand_ids),
        asked=requests.requests_of(who, view.ticket),
        clocks=clocks.standings_of(who.brand_ids, [ticket_id]).get(ticket_id, ()),
        mails=channels.list_mails(brand_id=view.ticket.brand_id, ticket_id=ticket_id),
        queue_choices=queue_choices(),
    )
    return conditional(make_response(page_))


@bp.post("/tickets/<id(ticket):ticket_id>/take-over")
@permit("tickets.take_over")
def take_over(ticket_id: UUID) -> ResponseReturnValue:
    """Take the ticket, whoever holds it."""
    attempt(
        "The ticket is yours.", handover.take_over, who=principal.current(), ticket_id=ticket_id
    )
    return go(url_for("web_brand.show_ticket", ticket_id=ticket_id))


@bp.post("/tickets/<id(ticket):ticket_id>/reply")
@permit("tickets.reply")
def reply_in_house(ticket_id: UUID) -> ResponseReturnValue:
    """Answer the customer, or leave a note that they do not see."""
    who = principal.current()
    is_note = "note" in request.form
    written = read(lambda: (text("text", "The text", most=LONG), _fence()))
    if written is not None:
        words, fence = written
        sent = attempt(
            "Noted." if is_note else "Sent.",
            conversation.reply,
            who=who,
            ticket_id=ticket_id,
            text=words,
            fence=fence,
            is_internal=is_note,
        )
        if sent is not None and "resolve" in request.form:
            attempt(
                "Resolved.",
                resolving.resolve_ticket,
                who=who,
                ticket_id=ticket_id,
                fence=fence,
            )
    return go(url_for("web_brand.show_ticket", ticket_id=ticket_id))


@bp.post("/tickets/<id(ticket):ticket_id>/assign")
@permit("tickets.assign")
def assign(ticket_id: UUID) -> ResponseReturnValue:
    """Say who of the staff is to answer."""
    wanted = request.form.get("person", "")
    people = identity.list_people(principal.current(), Page(limit=100)).items
    chosen = next((person.id for person in people if str(person.id) == wanted), None)
    attempt(
        "Assigned.",
        handover.assign_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        assignee_id=chosen,
    )
    return go(url_for("web_brand.show_ticket", ticket_id=ticket_id))


def _wanted() -> str:
    """Return the state that the list is narrowed to; empty for any."""
    state = request.args.get("state", "")
    return state if state in queries.STATES else ""


def _words() -> str:
    return request.args.get("q", "").replace("\x00", "").strip()[:200]


def _revealed(ticket_id: UUID) -> Mapping[UUID, str]:
    """Return what this person has revealed and may still see; read first, with its purpose."""
    with for_purpose("revealed") as reader:
        found = reveals.revealed_to(reader, ticket_id=ticket_id, now=now())
        db.session.close()
    return found


def _fence() -> int:
    return number("fence", "The claim", least=0, most=10**9)
