"""Whom the brand knows, and what they may ask: their data, and to be forgotten."""

import json
from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.customers import queries
from gigcx.db import commit
from gigcx.http.access import permit
from gigcx.http.downloads import Written, download
from gigcx.privacy import service as privacy
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, page


@bp.get("/customers")
@permit("customers.read")
def list_customers() -> ResponseReturnValue:
    """Show the customers, the latest first."""
    found = queries.list_customers(principal.current(), page())
    return render_template("brand/customers.html", found=found)


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
