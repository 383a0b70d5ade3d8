"""Files of a brand's own data: ``…/import`` takes one, ``/api/v1/imports`` tells."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import ACCEPTED, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.imports import ImportArgumentsSchema, ImportSchema, RefusalSchema
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.db import commit
from gigcx.desk.queries import imports as queries
from gigcx.desk.service import imports as service
from gigcx.http import paging
from gigcx.http.access import permit
from gigcx.http.limits import takes_files, uploaded
from gigcx.tickets.queries import get_queue

intake = Resource("import", __name__, path="")
imports = Resource("imports", __name__, path="/imports")

_FILE = {"type": "string", "format": "binary"}
FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "JSON lines or CSV with a header, UTF-8: as a form's ``file`` or as it is.",
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
            },
            "application/octet-stream": {"schema": _FILE},
            "application/x-ndjson": {"schema": _FILE},
            "text/csv": {"schema": _FILE},
        },
    }
}


@intake.post("/tickets/import")
@takes_files
@permit("tickets.import")
@intake.doc(**FILE_BODY)
@intake.arguments(ImportArgumentsSchema, location="query")
@intake.response(202, ImportSchema)
def import_tickets(told: dict[str, Any]) -> Response:
    """Take a file of questions. A job reads it; refused lines are told with their reasons."""
    return _start("tickets", told)


@intake.post("/customers/import")
@takes_files
@permit("customers.import")
@intake.doc(**FILE_BODY)
@intake.arguments(ImportArgumentsSchema, location="query")
@intake.response(202, ImportSchema)
def import_customers(told: dict[str, Any]) -> Response:
    """Take a file of customers."""
    return _start("customers", told)


@intake.post("/orders/import")
@takes_files
@permit("orders.import")
@intake.doc(**FILE_BODY)
@intake.arguments(ImportArgumentsSchema, location="query")
@intake.response(202, ImportSchema)
def import_orders(told: dict[str, Any]) -> Response:
    """Take a file of orders."""
    return _start("orders", told)


@intake.post("/contacts/import")
@takes_files
@permit("orders.import")
@intake.doc(**FILE_BODY)
@intake.arguments(ImportArgumentsSchema, location="query")
@intake.response(202, ImportSchema)
def import_contacts(told: dict[str, Any]) -> Response:
    """Take a file of questions that were answered elsewhere: resolver, status, rating, cost."""
    return _start("contacts", told)


@imports.get("")
@permit("imports.read")
@imports.arguments(PageArgumentsSchema, location="query")
@imports.response(200, page_of(ImportSchema))
def list_imports(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the brand's imports, the latest first."""
    return paged(queries.list_imports(principal.current(), paging.page_of(**arguments)))


@imports.get("/<id(import):import_id>")
@permit("imports.read")
@imports.response(200, ImportSchema)
def get_import(import_id: UUID) -> Response:
    """Show how far an import is."""
    return jsonify(ImportSchema().dump(queries.get_import(principal.current(), import_id)))


@imports.get("/<id(import):import_id>/refusals")
@permit("imports.read")
@imports.arguments(PageArgumentsSchema, location="query")
@imports.response(200, page_of(RefusalSchema))
def list_refusals(arguments: dict[str, Any], import_id: UUID) -> ResponseReturnValue:
    """List the lines that were refused, the last first, with what is wrong with each."""
    page = paging.page_of(**arguments)
    return paged(queries.list_refusals(principal.current(), import_id, page))


@imports.post("/<id(import):import_id>/stop")
@permit("tickets.import")
@imports.response(200, ImportSchema)
def stop_import(import_id: UUID) -> Response:
    """Stop an import; giving the same file again goes on with it."""
    stopped = commit(service.stop_import, who=principal.current(), import_id=import_id)
    return jsonify(ImportSchema().dump(stopped))


def _start(kind: str, told: dict[str, Any]) -> Response:
    who = principal.current()
    queue_id: UUID | None = told.get("queue")
    if queue_id is not None:
        get_queue(who, queue_id)
    with uploaded() as (file_name, content):
        started = commit(
            service.start_import,
            who=who,
            kind=kind,
            file_name=told.get("file_name") or file_name or kind,
            content=content,
            queue_id=queue_id,
            mapping=dict(pair.split("=", 1) for pair in told.get("map", ())),
        )
    response = jsonify(ImportSchema().dump(started))
    response.status_code = ACCEPTED
    return response
