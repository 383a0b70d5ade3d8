"""What the brand's people do with a ticket besides answering: reveal, tag, merge, move, act."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import ids, principal
from gigcx.desk.queries import attachments as files
from gigcx.desk.queries import requests as asked
from gigcx.desk.queries import reveals as originals
from gigcx.desk.service import merging, reveals, tagging
from gigcx.desk.service import requests as actions
from gigcx.http.access import permit
from gigcx.http.downloads import download
from gigcx.paging import Page
from gigcx.principal import for_purpose
from gigcx.tickets import queries as desks
from gigcx.tickets.service import workspace
from gigcx.web.brand import bp
from gigcx.web.forms import FormRefused, attempt, go, id_of, page, read, text

LONG = 20_000
WORDS = 2_000


@bp.post("/tickets/<id(ticket):ticket_id>/reveal")
@permit("originals.reveal")
def reveal_text(ticket_id: UUID) -> ResponseReturnValue:
    """Show what was really written, for a while and on record."""
    chosen = read(lambda: (_purpose(), _message()))
    if chosen is not None:
        purpose, message_id = chosen
        with for_purpose(purpose) as who:
            attempt(
                "Revealed to you for 15 minutes. The audit log says so.",
                reveals.reveal_text,
                who=who,
                ticket_id=ticket_id,
                message_id=message_id,
            )
    return _back(ticket_id)


@bp.post("/tickets/<id(ticket):ticket_id>/tags")
@permit("tickets.tag")
def save_tags(ticket_id: UUID) -> ResponseReturnValue:
    """Give a ticket these tags."""
    words = request.form.get("tags", "").replace(",", " ").split()
    attempt(
        "Tagged.",
        tagging.tag_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        tags=words[:20],
    )
    return _back(ticket_id)


@bp.post("/tickets/<id(ticket):ticket_id>/merge")
@permit("tickets.merge")
def merge_ticket(ticket_id: UUID) -> ResponseReturnValue:
    """Let another ticket stand for this one."""
    into = read(lambda: id_of("ticket", "into", "a ticket by its number"))
    if into is None:
        return _back(ticket_id)
    attempt(
        "Merged. Its messages are here now.",
        merging.merge_ticket,
        who=principal.current(),
        ticket_id=ticket_id,
        into_id=into,
    )
    return _back(into)


@bp.post("/tickets/<id(ticket):ticket_id>/move")
@permit("tickets.merge")
def move_to_queue(ticket_id: UUID) -> ResponseReturnValue:
    """Put an open ticket into another queue."""
    queue_id = read(lambda: id_of("queue", "queue", "a queue"))
    if queue_id is not None:
        attempt(
            "Moved.",
            merging.move_to_queue,
            who=principal.current(),
            ticket_id=ticket_id,
            queue_id=queue_id,
        )
    return _back(ticket_id)


@bp.get("/requests")
@permit("actions.answer")
def list_requests() -> ResponseReturnValue:
    """Show what experts ask the brand to do; what waits comes first."""
    who = principal.current()
    is_open = request.args.get("all") is None
    found = asked.list_requests(who, page(), is_open=is_open)
    return render_template("brand/requests.html", found=found, is_open=is_open)


@bp.post("/requests/<id(action_request):request_id>")
@permit("actions.answer")
def answer_request(request_id: UUID) -> ResponseReturnValue:
    """Say that it is done, or will not be."""
    answer = read(lambda: text("answer", "The answer", most=WORDS))
    if answer is not None:
        attempt(
            "Answered. The expert sees it in the ticket.",
            actions.answer_request,
            who=principal.current(),
            request_id=request_id,
            is_done="done" in request.form,
            answer=answer,
        )
    return go(url_for("web_brand.list_requests"))


@bp.get("/canned-answers")
@permit("answers.write")
def list_canned_answers() -> ResponseReturnValue:
    """Show the answers that are given often."""
    found = desks.list_canned_answers(principal.current().brand_ids)
    return render_template("brand/canned.html", found=found)


@bp.post("/canned-answers")
@permit("answers.write")
def save_canned_answer() -> ResponseReturnValue:
    """Keep an answer."""
    form = read(
        lambda: (
            text("title", "The title", most=200),
            text("answer", "The answer", most=LONG),
        )
    )
    if form is not None:
        attempt(
            "Kept.",
            workspace.save_canned_answer,
            brand_id=principal.current().brand_ids[0],
            title=form[0],
            answer=form[1],
        )
    return go(url_for("web_brand.list_canned_answers"))


@bp.post("/canned-answers/<id(canned_answer):canned_answer_id>/delete")
@permit("answers.write")
def delete_canned_answer(canned_answer_id: UUID) -> ResponseReturnValue:
    """Forget an answer."""
    attempt(
        "Deleted.",
        workspace.delete_canned_answer,
        brand_id=principal.current().brand_ids[0],
        canned_answer_id=canned_answer_id,
    )
    return go(url_for("web_brand.list_canned_answers"))


@bp.get("/tickets/<id(ticket):ticket_id>/files/<id(attachment):attachment_id>")
@permit("tickets.read")
def get_file(ticket_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """Save a file of a ticket."""
    return download(
        files.get_download(principal.current(), ticket_id=ticket_id, attachment_id=attachment_id)
    )


def queue_choices() -> list[tuple[str, str]]:
    """Return the queues that a ticket can move to."""
    found = desks.list_queues(principal.current(), Page(limit=100)).items
    return [(ids.shown("queue", queue.id), queue.name) for queue in found]


def _purpose() -> str:
    wanted = request.form.get("purpose", "")
    if wanted not in originals.PURPOSES:
        raise FormRefused("Choose what you need it for.")
    return wanted


def _message() -> UUID | None:
    return id_of("message", "message", "a message") if request.form.get("message") else None


def _back(ticket_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("web_brand.show_ticket", ticket_id=ticket_id), code=303)
