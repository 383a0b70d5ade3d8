"""The customer's pages: ask, follow by a signed link, confirm, rate. No account, no password."""

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx.db import commit, db, now
from gigcx.desk.queries import attachments, supply
from gigcx.desk.queries import tickets as queries
from gigcx.desk.service import conversation, intake, rating, resolving
from gigcx.http import links
from gigcx.http.access import public
from gigcx.http.downloads import download
from gigcx.http.etag import conditional
from gigcx.http.limits import limiter, takes_files
from gigcx.ids import new_id
from gigcx.principal import Principal, acting_as
from gigcx.tickets import queries as queues
from gigcx.tickets.service.workspace import Upload
from gigcx.web.forms import attempt, go, number, read, text

bp = Blueprint("web_customer", __name__)

LONG = 20_000
ASKS = "20 per hour"
"""How many questions an address may ask."""


@bp.get("/ask/<id(brand):brand_id>/<id(queue):queue_id>")
@public
def show_ask(brand_id: UUID, queue_id: UUID) -> ResponseReturnValue:
    """Ask for a question."""
    with acting_as(_visitor(brand_id)):
        queue = queues.get_queue_of(brand_id=brand_id, queue_id=queue_id)
        return render_template(
            "customer/ask.html", queue=queue, form={}, supply=supply.supply_of(queue, now=now())
        )


@bp.post("/ask/<id(brand):brand_id>/<id(queue):queue_id>")
@public
@limiter.limit(ASKS)
def ask(brand_id: UUID, queue_id: UUID) -> ResponseReturnValue:
    """Take a question in and lead to its page."""
    with acting_as(_visitor(brand_id)):
        form = read(
            lambda: (
                text("name", "Your name", most=120),
                text("email", "Your e-mail", most=200),
                text("subject", "What it is about", most=200),
                text("text", "Your question", most=LONG),
            )
        )
        if form is None:
            queue = queues.get_queue_of(brand_id=brand_id, queue_id=queue_id)
            wait = supply.supply_of(queue, now=now())
            form_ = request.form
            return render_template("customer/ask.html", queue=queue, form=form_, supply=wait), 422
        name, email, subject, question = form
        ticket = commit(
            intake.ask,
            brand_id=brand_id,
            queue_id=queue_id,
            name=name,
            email=email,
            subject=subject,
            text=question,
            wants_staff="wants_staff" in request.form,
            objects_to_experiments="objects" in request.form,
        )
        token = links.sign(brand_id=brand_id, ticket_id=ticket.id, customer_id=ticket.customer_id)
    return go(url_for("web_customer.show_thread", token=token))


@bp.get("/c/<token>")
@public
def show_thread(token: str) -> ResponseReturnValue:
    """Show the customer's own ticket."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        view = queries.get_ticket(who, link.ticket_id)
        template = "customer/_thread.html" if "part" in request.args else "customer/thread.html"
        page = render_template(
            template,
            view=view,
            token=token,
            originals=queries.originals_of(who, view.ticket),
            files=attachments.attachments_of(view.ticket),
        )
        db.session.close()
    return conditional(make_response(page))


@bp.get("/c/<token>/files/<id(attachment):attachment_id>")
@public
def get_file(token: str, attachment_id: UUID) -> ResponseReturnValue:
    """Save a file of one's own ticket."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        return download(
            attachments.get_download(who, ticket_id=link.ticket_id, attachment_id=attachment_id)
        )


@bp.post("/c/<token>/reply")
@public
@takes_files
def reply(token: str) -> ResponseReturnValue:
    """Write back; a resolved ticket opens again by it."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        words = read(lambda: text("text", "Your message", most=LONG))
        if words is not None:
            attempt(
                "Sent.",
                conversation.reply,
                who=who,
                ticket_id=link.ticket_id,
                text=words,
                files=_uploads(),
            )
    return go(url_for("web_customer.show_thread", token=token))


@bp.post("/c/<token>/confirm")
@public
def confirm(token: str) -> ResponseReturnValue:
    """Say that the answer helped."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        attempt(
            "Thank you. Would you rate the answer?",
            resolving.confirm_resolution,
            who=who,
            ticket_id=link.ticket_id,
        )
    return go(url_for("web_customer.show_thread", token=token))


@bp.post("/c/<token>/reopen")
@public
def reopen(token: str) -> ResponseReturnValue:
    """Say that it did not help."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        attempt(
            "It is open again. Who answered has the first right to go on.",
            resolving.reopen_ticket,
            who=who,
            ticket_id=link.ticket_id,
            reason="The customer says that it is not solved.",
        )
    return go(url_for("web_customer.show_thread", token=token))


@bp.post("/c/<token>/rate")
@public
def rate(token: str) -> ResponseReturnValue:
    """Rate the answer, once."""
    link = links.read(token)
    with acting_as(link.principal) as who:
        form = read(
            lambda: (
                number("stars", "Your rating", least=1, most=5),
                text("comment", "Your comment", most=2000, is_needed=False),
            )
        )
        if form is not None:
            stars, comment = form
            attempt(
                "Thank you for your rating.",
                rating.rate_resolution,
                who=who,
                ticket_id=link.ticket_id,
                stars=stars,
                comment=comment,
            )
    return go(url_for("web_customer.show_thread", token=token))


def _visitor(brand_id: UUID) -> Principal:
    """Return somebody who asks a brand before we know who they are."""
    return Principal(new_id(), (brand_id,), frozenset({"customer"}))


def _uploads() -> list[Upload]:
    return [
        Upload(file.filename, file.content_type or "", file.read())
        for file in request.files.getlist("files")
        if file.filename
    ]
