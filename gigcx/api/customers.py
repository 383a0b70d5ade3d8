"""``/api/v1/customers``: whom the brand knows, who is the same, and who wants to be forgotten."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.customers import (
    CustomerExportSchema,
    CustomerMergeRequestSchema,
    CustomerMergeSchema,
    CustomerSchema,
)
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.customers import queries
from gigcx.customers import service as customer_service
from gigcx.db import commit
from gigcx.http import paging
from gigcx.http.access import permit
from gigcx.privacy import service as privacy

customers = Resource("customers", __name__, path="/customers")


@customers.get("")
@permit("customers.read")
@customers.arguments(PageArgumentsSchema, location="query")
@customers.response(200, page_of(CustomerSchema))
def list_customers(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the customers that the brand knows, the latest first."""
    return paged(queries.list_customers(principal.current(), paging.page_of(**arguments)))


@customers.get("/<id(customer):customer_id>/export")
@permit("customers.export")
@customers.response(200, CustomerExportSchema)
def export_customer(customer_id: UUID) -> Response:
    """Give a customer all that is held about them, in their own words; it is on record."""
    with principal.for_purpose("own_data") as who:
        return jsonify(commit(privacy.hand_out, who=who, customer_id=customer_id))


@customers.post("/<id(customer):customer_id>/erase")
@permit("customers.erase")
@customers.response(202, CustomerSchema)
def erase_customer(customer_id: UUID) -> Any:
    """Forget a customer: name, address and words go, money and the audit stay by number.

    409 ``privacy/still-needed`` while a question of theirs is not answered.
    """
    who = principal.current()
    commit(privacy.order_erasure, who=who, customer_id=customer_id)
    return queries.get_customer(who, customer_id)


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
