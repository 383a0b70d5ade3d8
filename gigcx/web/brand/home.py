"""Home and balance: what to do next, and with which money."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.desk.queries import tickets
from gigcx.funding import queries as fundings
from gigcx.funding import service as funding
from gigcx.http.access import may, permit
from gigcx.identity import queries as identity
from gigcx.ledger import queries as ledger
from gigcx.paging import Page
from gigcx.tickets import queries as queues
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, money, page, read, text


@bp.get("")
@permit("console.brand")
def show_home() -> ResponseReturnValue:
    """Show what there is and what to do next."""
    who = principal.current()
    available, reserved = ledger.funds_of(who.brand_ids[0]) if may("ledger.read") else ([], [])
    return render_template(
        "brand/home.html",
        brand=identity.get_brand(who.brand_ids[0]),
        available=available,
        reserved=reserved,
        queues=queues.list_queues(who, Page(limit=20)).items,
        counts=sorted(tickets.count_by_state(who).items()),
        inbox=tickets.list_inbox(who, Page(limit=5)).items,
    )


@bp.get("/funding")
@permit("console.balance")
def show_funding() -> ResponseReturnValue:
    """Show the balance and what was paid in."""
    who = principal.current()
    if "paid" in request.args:
        flash("Thank you. The balance grows as soon as Stripe confirms the payment.", "done")
    available, reserved = ledger.funds_of(who.brand_ids[0])
    return render_template(
        "brand/funding.html",
        available=available,
        reserved=reserved,
        found=fundings.list_fundings(who, page()),
    )


@bp.post("/funding")
@permit("funding.write")
def start_funding() -> ResponseReturnValue:
    """Ask for a page on which to pay in."""
    amount = read(lambda: money("amount", "The amount", text("currency", "The currency", most=3)))
    if amount is not None:
        attempt(
            "Your payment page is being made. It shows below in a moment.",
            funding.start_funding,
            who=principal.current(),
            amount=amount,
        )
    return go(url_for("web_brand.show_funding"))
