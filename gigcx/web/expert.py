"""The expert's console: find a question, answer it, see what it earned."""

import json
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal, switches
from gigcx.db import commit, now
from gigcx.desk.queries import incidents as register
from gigcx.desk.queries import requests as asked
from gigcx.desk.queries import tickets as queries
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.service import claims, conversation, handover, incidents, requests, resolving
from gigcx.earnings import queries as earnings
from gigcx.http.access import permit
from gigcx.http.downloads import Written, download
from gigcx.http.etag import conditional
from gigcx.money import Money
from gigcx.payouts.queries import runs
from gigcx.payouts.service import accounts
from gigcx.privacy import queries as privacy
from gigcx.privacy import service as forgetting
from gigcx.switches import Stoppable
from gigcx.tickets import queries as desks
from gigcx.web.forms import attempt, go, number, page, read, text

bp = Blueprint("web_expert", __name__, url_prefix="/expert")

SHOWN_MAX = 30
LONG = 20_000


@bp.get("")
@permit("feed.read")
def show_feed() -> ResponseReturnValue:
    """Show what can be claimed, the best match first."""
    who = principal.current()
    feed = list_feed(who, now=now(), limit=SHOWN_MAX)
    template = "expert/_feed.html" if "part" in request.args else "expert/feed.html"
    page_ = render_template(
        template,
        feed=feed,
        held=queries.list_held(who),
        now=now(),
        is_stopped=switches.is_stopped(Stoppable.CLAIMS),
    )
    return conditional(make_response(page_))


@bp.post("/tickets/<id(ticket):ticket_id>/claim")
@permit("tickets.claim")
def claim(ticket_id: UUID) -> ResponseReturnValue:
    """Claim a ticket for the reward that was shown."""
    seen = read(
        lambda: Money(
            number("amount_minor", "The reward", least=1, most=10**9),
            text("currency", "The currency", most=3),
        )
    )
    claimed = seen and attempt(
        "It is yours. The clock runs until your first reply.",
        claims.claim_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        seen=seen,
    )
    if claimed is None:
        return go(url_for("web_expert.show_feed"))
    return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))


@bp.post("/next")
@permit("tickets.claim")
def claim_next() -> ResponseReturnValue:
    """Claim the best ticket that nobody takes first."""
    claimed = attempt("It is yours.", claims.claim_next, who=principal.current())
    if claimed is None:
        return go(url_for("web_expert.show_feed"))
    return go(url_for("web_expert.show_ticket", ticket_id=claimed.ticket_id))


@bp.get("/tickets")
@permit("tickets.read")
def list_tickets() -> ResponseReturnValue:
    """Show what one holds and what one has held."""
    who = principal.current()
    return render_template(
        "expert/tickets.html",
        held=queries.list_held(who),
        found=queries.list_tickets(who, page()),
    )


@bp.get("/tickets/<id(ticket):ticket_id>")
@permit("tickets.read")
def show_ticket(ticket_id: UUID) -> Response:
    """Show a ticket's thread with everything to do about it."""
    view = queries.get_ticket(principal.current(), ticket_id)
    mine = (
        view.claim if view.claim and view.claim.claimant_id == principal.current().user_id else None
    )
    template = "expert/_thread.html" if "part" in request.args else "expert/ticket.html"
    dangers = [(danger, danger.replace("_", " ")) for danger in register.DANGERS]
    page_ = render_template(
        template,
        view=view,
        mine=mine,
        dangers=dangers,
        request_kinds=[(kind, kind.replace("_", " ")) for kind in asked.KINDS],
        asked=asked.requests_of(principal.current(), view.ticket),
        canned=desks.list_canned_answers([view.ticket.brand_id]) if mine else (),
    )
    return conditional(make_response(page_))


@bp.post("/tickets/<id(ticket):ticket_id>/request")
@permit("actions.request")
def request_action(ticket_id: UUID) -> ResponseReturnValue:
    """Ask the brand for what only it can do."""
    said = read(lambda: (_kind(), text("detail", "What exactly", most=2000), _fence()))
    if said is not None:
        kind, detail, fence = said
        attempt(
            "Asked. The answer shows here.",
            requests.request_action,
            who=principal.current(),
            ticket_id=ticket_id,
            fence=fence,
            kind=kind,
            detail=detail,
        )
    return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))


@bp.post("/tickets/<id(ticket):ticket_id>/flag")
@permit("tickets.flag")
def flag(ticket_id: UUID) -> ResponseReturnValue:
    """Send the ticket to the brand's safety lane."""
    said = read(
        lambda: (text("danger", "The danger"), text("evidence", "What shows it", most=2000))
    )
    if said is None or said[0] not in register.DANGERS:
        return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))
    attempt(
        "Thank you. The brand looks into it.",
        incidents.flag_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        danger=said[0],
        evidence=said[1],
    )
    return go(url_for("web_expert.show_feed"))


@bp.post("/tickets/<id(ticket):ticket_id>/reply")
@permit("tickets.reply")
def reply(ticket_id: UUID) -> ResponseReturnValue:
    """Answer the customer; with the other button, say that they are helped as well."""
    who = principal.current()
    written = read(lambda: (text("text", "Your answer", most=LONG), _fence()))
    if written is not None:
        answer, fence = written
        done = "Sent. The ticket waits for the customer now."
        sent = attempt(
            done, conversation.reply, who=who, ticket_id=ticket_id, text=answer, fence=fence
        )
        if sent is not None and "resolve" in request.form:
            attempt(
                "Resolved. The customer is asked to confirm it.",
                resolving.resolve_ticket,
                who=who,
                ticket_id=ticket_id,
                fence=fence,
            )
    return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))


@bp.post("/tickets/<id(ticket):ticket_id>/draft")
@permit("tickets.reply")
def save_draft(ticket_id: UUID) -> ResponseReturnValue:
    """Keep what one is writing."""
    commit(
        conversation.save_draft,
        who=principal.current(),
        ticket_id=ticket_id,
        text=request.form.get("text", "")[:LONG],
    )
    return "", 204


@bp.post("/tickets/<id(ticket):ticket_id>/resolve")
@permit("tickets.resolve")
def resolve(ticket_id: UUID) -> ResponseReturnValue:
    """Say that the customer is helped."""
    attempt(
        "Resolved. The customer is asked to confirm it.",
        resolving.resolve_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        fence=_fence(),
    )
    return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))


@bp.post("/tickets/<id(ticket):ticket_id>/release")
@permit("tickets.release")
def release(ticket_id: UUID) -> ResponseReturnValue:
    """Give the ticket back, which is free."""
    attempt(
        "Given back. Nothing is held against you.",
        handover.release_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        fence=_fence(),
    )
    return go(url_for("web_expert.show_feed"))


@bp.post("/tickets/<id(ticket):ticket_id>/hand-back")
@permit("tickets.hand_back")
def hand_back(ticket_id: UUID) -> ResponseReturnValue:
    """Give the ticket back with what was found out, or send it to the brand."""
    who, why = principal.current(), read(lambda: text("diagnosis", "What you found out", most=2000))
    if why is None:
        return go(url_for("web_expert.show_ticket", ticket_id=ticket_id))
    if "escalate" in request.form:
        attempt(
            "The brand's own staff has it now.",
            handover.escalate_ticket,
            who=who,
            ticket_id=ticket_id,
            reason=why,
        )
    else:
        attempt(
            "Handed back. The next one reads what you found out.",
            handover.hand_back,
            who=who,
            ticket_id=ticket_id,
            fence=_fence(),
            diagnosis=why,
        )
    return go(url_for("web_expert.show_feed"))


@bp.get("/statement")
@permit("statement.read")
def show_statement() -> ResponseReturnValue:
    """Show every earning with both its dates and where its money is."""
    who = principal.current()
    found = earnings.list_earnings(who, page())
    return render_template(
        "expert/statement.html",
        statement=earnings.statement(who, now()),
        found=found,
        pay_dates=earnings.pay_dates(found.items),
        whereabouts=runs.whereabouts_of(found.items),
        account=runs.find_account(who),
    )


@bp.post("/payout-account")
@permit("payout_account.write")
def open_account() -> ResponseReturnValue:
    """Ask for a payout account, or for a fresh link to it."""
    attempt(
        "Your link is being made. It shows here in a moment.",
        accounts.open_account,
        who=principal.current(),
        country="DE",
    )
    return go(url_for("web_expert.show_statement"))


@bp.get("/payout-account/refresh")
@permit("payout_account.write")
def refresh_account() -> ResponseReturnValue:
    """Bring somebody whose link was too old to a fresh one."""
    return go(url_for("web_expert.show_statement"))


def _kind() -> asked.RequestKind:
    return asked.kind_of(request.form.get("kind", ""))


def _fence() -> int:
    return number("fence", "The claim", least=0, most=10**9)


@bp.get("/account")
@permit("account.export")
def show_account() -> ResponseReturnValue:
    """Show what one may ask about one's own data."""
    return render_template("expert/account.html")


@bp.get("/account/data")
@permit("account.export")
def export_account() -> ResponseReturnValue:
    """Save all that is held about the expert."""
    told = privacy.export_expert(principal.current())
    return download(Written("my-data.json", json.dumps(told, indent=2).encode()))


@bp.post("/account/erase")
@permit("account.erase")
def erase_account() -> ResponseReturnValue:
    """Forget the expert, if nothing is owed on either side."""
    attempt("You are forgotten. Goodbye.", forgetting.erase_expert, who=principal.current())
    return go(url_for("web_expert.show_account"))
