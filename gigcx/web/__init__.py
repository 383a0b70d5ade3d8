"""HTML for people: one module for each audience, one small design system for all of them."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, request
from markupsafe import Markup, escape

from gigcx import ids, principal
from gigcx.desk.queries.tickets import MARKS
from gigcx.http import login
from gigcx.http.access import may
from gigcx.http.paging import cursor_after
from gigcx.masking import holds_tokens
from gigcx.web import account, admin, brand, customer, expert, finance, security

GOOD = frozenset(
    {"open", "available", "paid", "active", "completed", "confirmed", "assumed", "closed"}
    | {"succeeded", "valid", "finished", "resolved", "done", "met"}
)
WARN = frozenset(
    {"waiting_on_customer", "held", "paused", "pending", "submitted", "draft", "restricted"}
    | {"onboarding", "claimed", "executing", "running", "unknown", "created"}
    | {"investigating", "paused"}
)
BAD = frozenset(
    {"failed", "rejected", "dead", "disputed", "returned", "clawed_back", "cancelled", "expired"}
    | {"declined", "missed", "skipped", "suspended", "lost", "revoked", "merged"}
)


class Place(NamedTuple):
    """An entry of a console's menu."""

    name: str
    address: str


PLACES: dict[str, tuple[Place, ...]] = {
    "expert": (
        Place("Feed", "/expert"),
        Place("My tickets", "/expert/tickets"),
        Place("Statement", "/expert/statement"),
        Place("Account", "/expert/account"),
    ),
    "brand": (
        Place("Home", "/brand"),
        Place("Queues", "/brand/queues"),
        Place("Tickets", "/brand/tickets"),
        Place("Inbox", "/brand/inbox"),
        Place("Requests", "/brand/requests"),
        Place("Safety", "/brand/safety"),
        Place("Imports", "/brand/imports"),
        Place("Customers", "/brand/customers"),
        Place("Experts", "/brand/experts"),
        Place("Experiments", "/brand/experiments"),
        Place("Balance", "/brand/funding"),
    ),
    "finance": (
        Place("Runs", "/finance"),
        Place("Ledger", "/finance/ledger"),
        Place("Reconciliation", "/finance/reconciliation"),
    ),
    "admin": (
        Place("Brands", "/admin"),
        Place("People", "/admin/people"),
        Place("Deliveries", "/admin/deliveries"),
        Place("Operations", "/admin/schedule"),
    ),
}


NEEDS = {
    "/brand/customers": "customers.read",
    "/brand/experiments": "experiments.read",
    "/brand/experts": "experts.read",
    "/brand/funding": "console.balance",
    "/brand/imports": "imports.read",
    "/brand/requests": "actions.answer",
    "/brand/safety": "incidents.read",
}
"""Places of the brand's console that not all of its staff may go to."""


def register(app: Flask) -> None:
    """Add the consoles and what their templates ask."""
    for module in (account, security, expert, brand, finance, customer, admin):
        app.register_blueprint(module.bp)

    app.jinja_env.tests["masks"] = holds_tokens
    app.jinja_env.globals.update(
        places=_places,
        server_time=lambda: datetime.now(UTC).isoformat(),
        tone=_tone,
        cursor_after=cursor_after,
        with_cursor=lambda cursor: urlencode({**request.args, "cursor": cursor}),
        author_name=_author_name,
        shown=ids.shown,
        may=may,
        seen_as=login.seen_as,
        marked=_marked,
    )


def _places() -> tuple[Place, ...]:
    who = principal.current()
    for console in ("expert", "finance", "admin"):
        if who.has(console):
            return PLACES[console]
    return tuple(
        place for place in PLACES["brand"] if may(NEEDS.get(place.address, "console.brand"))
    )


def _marked(snippet: str) -> Markup:
    """Show what was searched for within a snippet."""
    opens, closes = MARKS
    told: str = escape(snippet).replace(opens, Markup("<mark>")).replace(closes, Markup("</mark>"))
    return Markup(told)  # noqa: S704 - escaped above


def _tone(word: str) -> str:
    """Return how a state is shown: a shape and a color besides its word."""
    for tone, words in (("good", GOOD), ("warn", WARN), ("bad", BAD)):
        if word in words:
            return tone
    return ""


def _author_name(message: Any, names: dict[Any, str]) -> str:
    if message.author in {"expert", "staff"}:
        return str(names.get(message.author_id, message.author.capitalize()))
    return str(message.author.capitalize())
