"""Whom the brand knows, and what they may ask: their data, and to be forgotten."""

import json
from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.customers import queries, service
from gigcx.db import commit
from gigcx.http.access import permit
from gigcx.http.downloads import Written, download
from gigcx.privacy import service as privacy
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, id_of, page, read


@bp.get("/customers")
@permit("customers.read")
def list_customers() -> ResponseReturnValue:
    """Show the customers, the latest first."""
    found = queries.list_customers(principal.current(), page())
    return render_template("brand/customers.html", found=found)


@bp.get("/customers/<id(customer):customer_id>")
@permit("customers.read")
def show_customer(customer_id: UUID) -> ResponseReturnValue:
    """Show a customer, who may be the same person, and who was found to be."""
    customer = queries.get_customer(principal.current(), customer_id)
    return render_template(
        "brand/customer.html",
        customer=customer,
        alike=queries.list_alike(customer),
        merged=queries.list_merged(customer),
        orders=queries.orders_of(brand_id=customer.brand_id, customer_id=customer_id),
    )


@bp.post("/customers/<id(customer):customer_id>/merge")
@permit("customers.merge")
def merge_customer(customer_id: UUID) -> ResponseReturnValue:
    """Find that another customer is this one, by another channel."""
    other_id = read(lambda: id_of("customer", "customer", "the other customer"))
    if other_id is not None:
        attempt(
            "From now on they are read as one.",
            service.merge_customers,
            who=principal.current(),
            customer_id=other_id,
            into_id=customer_id,
        )
    return go(url_for("web_brand.show_customer", customer_id=customer_id))


@bp.post("/customers/<id(customer):customer_id>/unmerge")
@permit("customers.merge")
def undo_merge(customer_id: UUID) -> ResponseReturnValue:
    """Let a merged customer be one of their own again."""
    attempt(
        "They are two again.",
        service.undo_merge,
        who=principal.current(),
        customer_id=customer_id,
    )
    return go(url_for("web_brand.show_customer", customer_id=customer_id))


@bp.post("/customers/<id(customer):customer_id>/export")
@permit("customers.export")
def export_customer(customer_id: UUID) -> ResponseReturnValue:
    """Save all that is held about a customer, to send it to them."""
    with principal.for_purpose("own_data") as who:
        told = commit(privacy.hand_out, who=who, customer_id=customer_id)
    return download(Written(f"customer-{customer_id}.json", json.dumps(told, indent=2).encode()))


@bp.post("/customers/<id(customer):customer_id>/erase")
@permit("customers.erase")
def erase_customer(customer_id: UUID) -> ResponseReturnValue:
    """Forget a customer."""
    attempt(
        "They are being forgotten.",
        privacy.order_erasure,
        who=principal.current(),
        customer_id=customer_id,
    )
    return go(url_for("web_brand.list_customers"))
