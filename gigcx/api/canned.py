"""``/api/v1/canned-answers`` and ``/api/v1/customers``: what the brand keeps for its people."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import page_of
from gigcx.api.schemas.workspace import (
    CannedAnswerRequestSchema,
    CannedAnswerSchema,
    CustomerMergeRequestSchema,
    CustomerMergeSchema,
)
from gigcx.customers import service as customer_service
from gigcx.db import commit
from gigcx.http.access import permit
from gigcx.tickets import queries
from gigcx.tickets.service import workspace

answers = Resource("canned-answers", __name__, path="/canned-answers")
customers = Resource("customers", __name__, path="/customers")


@answers.get("")
@permit("tickets.tag")
@answers.response(200, page_of(CannedAnswerSchema))
def list_canned_answers() -> Response:
    """List the answers that are given often, by title; all of them."""
    found = queries.list_canned_answers(principal.current().brand_ids)
    return jsonify({"data": CannedAnswerSchema().dump(found, many=True), "next_cursor": None})


@answers.post("")
@permit("answers.write")
@answers.doc(**REPEATABLE)
@answers.arguments(CannedAnswerRequestSchema)
@answers.response(201, CannedAnswerSchema)
def save_canned_answer(wanted: dict[str, Any]) -> Response:
    """Store an answer that is given often."""
    brand_id = principal.current().brand_ids[0]
    return create(CannedAnswerSchema(), workspace.save_canned_answer, brand_id=brand_id, **wanted)


@answers.put("/<id(canned_answer):canned_answer_id>")
@permit("answers.write")
@answers.arguments(CannedAnswerRequestSchema)
@answers.response(200, CannedAnswerSchema)
def change_canned_answer(wanted: dict[str, Any], canned_answer_id: UUID) -> Any:
    """Change a canned answer."""
    return commit(
        workspace.save_canned_answer,
        brand_id=principal.current().brand_ids[0],
        canned_answer_id=canned_answer_id,
        **wanted,
    )


@answers.delete("/<id(canned_answer):canned_answer_id>")
@permit("answers.write")
@answers.response(204)
def delete_canned_answer(canned_answer_id: UUID) -> None:
    """Forget a canned answer."""
    commit(
        workspace.delete_canned_answer,
        brand_id=principal.current().brand_ids[0],
        canned_answer_id=canned_answer_id,
    )


@customers.post("/<id(customer):customer_id>/merge")
@permit("customers.merge")
@customers.arguments(CustomerMergeRequestSchema)
@customers.response(200, CustomerMergeSchema)
def merge_customers(target: dict[str, Any], customer_id: UUID) -> Any:
    """Find that a customer is one whom the brand knows by another channel."""
    who = principal.current()
    return commit(customer_service.merge_customers, who=who, customer_id=customer_id, **target)


@customers.post("/<id(customer):customer_id>/unmerge")
@permit("customers.merge")
@customers.response(200, CustomerMergeSchema)
def undo_merge(customer_id: UUID) -> Any:
    """Let a merged customer be one of their own again."""
    return commit(customer_service.undo_merge, who=principal.current(), customer_id=customer_id)
