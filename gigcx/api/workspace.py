"""``/api/v1/tickets/{id}/…``: reveal, tag, merge, move, ask the brand, attach."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import page_of
from gigcx.api.schemas.workspace import (
    ActionAnswerSchema,
    ActionArgumentsSchema,
    ActionRequestSchema,
    ActionSchema,
    AttachmentArgumentsSchema,
    AttachmentSchema,
    MergeSchema,
    MoveSchema,
    RevealedSchema,
    RevealRequestSchema,
    TagsSchema,
)
from gigcx.db import commit
from gigcx.desk.queries import attachments as files
from gigcx.desk.queries import requests as asked
from gigcx.desk.queries import tickets as views
from gigcx.desk.service import attachments, merging, reveals, tagging
from gigcx.desk.service import requests as actions
from gigcx.http import paging
from gigcx.http.access import permit
from gigcx.http.downloads import download
from gigcx.http.limits import takes_files
from gigcx.principal import for_purpose
from gigcx.tickets import queries as desks
from gigcx.tickets.service import workspace
from gigcx.tickets.service.workspace import Upload

tickets = Resource("workspace", __name__, path="/tickets")
requests = Resource("requests", __name__, path="/requests")

ANY_FILE = {
    "requestBody": {
        "content": {kind: {"schema": {"type": "string"}} for kind in sorted(workspace.TYPES)}
    }
}


@tickets.post("/<id(ticket):ticket_id>/reveal")
@permit("originals.reveal")
@tickets.arguments(RevealRequestSchema)
@tickets.response(200, RevealedSchema)
def reveal_text(why: dict[str, Any], ticket_id: UUID) -> Any:
    """Show what a customer really wrote, for a purpose; the audit log says who and why."""
    with for_purpose(why["purpose"]) as who:
        return commit(
            reveals.reveal_text, who=who, ticket_id=ticket_id, message_id=why["message_id"]
        )


@tickets.get("/<id(ticket):ticket_id>/tags")
@permit("tickets.tag")
@tickets.response(200, TagsSchema)
def get_tags(ticket_id: UUID) -> Any:
    """Show a ticket's tags."""
    ticket = views.get_ticket(principal.current(), ticket_id).ticket
    return {"tags": desks.tags_of(ticket)}


@tickets.put("/<id(ticket):ticket_id>/tags")
@permit("tickets.tag")
@tickets.arguments(TagsSchema)
@tickets.response(200, TagsSchema)
def save_tags(wanted: dict[str, Any], ticket_id: UUID) -> Any:
    """Give a ticket these tags and no others."""
    kept = commit(tagging.tag_ticket, who=principal.current(), ticket_id=ticket_id, **wanted)
    return {"tags": kept}


@tickets.post("/<id(ticket):ticket_id>/merge")
@permit("tickets.merge")
@tickets.arguments(MergeSchema)
@tickets.response(204)
def merge_ticket(target: dict[str, Any], ticket_id: UUID) -> None:
    """Let another ticket stand for this one. It cannot be undone."""
    commit(merging.merge_ticket, who=principal.current(), ticket_id=ticket_id, **target)


@tickets.post("/<id(ticket):ticket_id>/move")
@permit("tickets.merge")
@tickets.arguments(MoveSchema)
@tickets.response(204)
def move_to_queue(target: dict[str, Any], ticket_id: UUID) -> None:
    """Put an open ticket into another queue; its clocks are reckoned anew."""
    commit(merging.move_to_queue, who=principal.current(), ticket_id=ticket_id, **target)


@tickets.post("/<id(ticket):ticket_id>/requests")
@permit("actions.request")
@tickets.doc(**REPEATABLE)
@tickets.arguments(ActionRequestSchema)
@tickets.response(201, ActionSchema)
def request_action(wanted: dict[str, Any], ticket_id: UUID) -> Response:
    """Ask the brand for what only it can do; the claim and its reward stay."""
    who = principal.current()
    return create(ActionSchema(), actions.request_action, who=who, ticket_id=ticket_id, **wanted)


@tickets.post("/<id(ticket):ticket_id>/messages/<id(message):message_id>/attachments")
@permit("tickets.reply")
@takes_files
@tickets.doc(**ANY_FILE)
@tickets.arguments(AttachmentArgumentsSchema, location="query")
@tickets.response(201, AttachmentSchema)
def attach_file(named: dict[str, Any], ticket_id: UUID, message_id: UUID) -> Any:
    """Add a file, sent as the body, to a message of one's own."""
    return commit(
        attachments.attach_file,
        who=principal.current(),
        ticket_id=ticket_id,
        message_id=message_id,
        file=Upload(named["file_name"], request.content_type or "", request.get_data()),
    )


@tickets.get("/<id(ticket):ticket_id>/attachments/<id(attachment):attachment_id>")
@permit("tickets.read")
@tickets.response(200)
def get_attachment(ticket_id: UUID, attachment_id: UUID) -> Response:
    """Return a file's bytes, to be saved and not shown."""
    return download(
        files.get_download(principal.current(), ticket_id=ticket_id, attachment_id=attachment_id)
    )


@requests.get("")
@permit("tickets.read")
@requests.arguments(ActionArgumentsSchema, location="query")
@requests.response(200, page_of(ActionSchema))
def list_requests(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List what experts asked of the brand, or what one has asked oneself, the latest first."""
    is_open = arguments.pop("is_open")
    page = paging.page_of(**arguments)
    return paged(asked.list_requests(principal.current(), page, is_open=is_open))


@requests.post("/<id(action_request):request_id>/answer")
@permit("actions.answer")
@requests.arguments(ActionAnswerSchema)
@requests.response(200, ActionSchema)
def answer_request(said: dict[str, Any], request_id: UUID) -> Any:
    """Say that it is done, or will not be, and why."""
    return commit(actions.answer_request, who=principal.current(), request_id=request_id, **said)
