"""``/api/v1/canned-answers``: what the brand's people say often."""

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
)
from gigcx.db import commit
from gigcx.http.access import permit
from gigcx.tickets import queries
from gigcx.tickets.service import workspace

answers = Resource("canned-answers", __name__, path="/canned-answers")


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
