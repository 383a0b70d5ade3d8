"""Home, balance and imports: what to do next, and with which money."""

from uuid import UUID

from flask import flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.desk.queries import imports as queries
from gigcx.desk.queries import tickets
from gigcx.desk.service import imports
from gigcx.funding import queries as fundings
from gigcx.funding import service as funding
from gigcx.http.access import may, permit
from gigcx.http.etag import conditional
from gigcx.identity import queries as identity
from gigcx.ledger import queries as ledger
from gigcx.paging import Page
from gigcx.tickets import queries as queues
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, id_of, money, page, read, text

KINDS = ("tickets", "customers", "orders")


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


@bp.get("/imports")
@permit("imports.read")
def list_imports() -> ResponseReturnValue:
    """Show the files that were read, and take another."""
    who = principal.current()
    return render_template(
        "brand/imports.html",
        found=queries.list_imports(who, page()),
        queues=queues.list_queues(who, Page(limit=100)).items,
        kinds=KINDS,
    )


@bp.post("/imports")
@permit("tickets.import")
def start_import() -> ResponseReturnValue:
    """Take a file and let a job read it."""
    file = request.files.get("file")
    kind = request.form.get("kind", "tickets")
    if file is None or not file.filename or kind not in KINDS:
        flash("Choose a file: CSV with a header, or JSON lines.", "error")
        return go(url_for("web_brand.list_imports"))
    queue_id = (
        read(lambda: id_of("queue", "queue", "a queue")) if request.form.get("queue") else None
    )
    started = attempt(
        "",
        imports.start_import,
        who=principal.current(),
        kind=kind,
        file_name=file.filename[:200],
        content=file.read(),
        queue_id=queue_id,
    )
    if started is None:
        return go(url_for("web_brand.list_imports"))
    return go(url_for("web_brand.show_import", import_id=started.id))


@bp.get("/imports/<id(import):import_id>")
@permit("imports.read")
def show_import(import_id: UUID) -> ResponseReturnValue:
    """Show how far an import is and which lines it refused."""
    who = principal.current()
    found = queries.get_import(who, import_id)
    template = "brand/_import.html" if "part" in request.args else "brand/import.html"
    page_ = render_template(
        template,
        found=found,
        refusals=queries.list_refusals(who, import_id, page()),
        topics=queries.certified_experts(found.brand_id)[:50] if found.kind == "tickets" else [],
    )
    return conditional(make_response(page_))
