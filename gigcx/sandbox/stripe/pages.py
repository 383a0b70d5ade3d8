"""The pages that people see at Stripe: identity, and payment."""

from decimal import Decimal

import flask
from babel.numbers import format_currency, get_currency_precision
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gigcx.sandbox.stripe import accounts, checkout
from gigcx.sandbox.stripe.refusals import find
from gigcx.sandbox.stripe.store import Object, Store

_PAGE = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title}</title></head><body><main><h1>{title}</h1><p>{text}</p>"
    '<form method="post"><button>{button}</button></form>{more}</main></body></html>'
)


def add_pages(app: flask.Flask, store: Store) -> None:
    """Add the pages to which links and sessions lead."""

    @app.route("/onboard/<account>/<token>", methods=["GET", "POST"])
    def onboard(account: str, token: str) -> ResponseReturnValue:
        """Source: docs.stripe.com/api/account_links/create (what ``refresh_url`` is for)."""
        link = find(store, "link", token)
        is_over = link["expires_at"] < store.now() or link["is_used"]
        if is_over or link["account"] != account:
            return flask.redirect(link["refresh_url"])
        if flask.request.method == "GET":
            return _PAGE.format(
                title="Verify your identity",
                text="This stands in for Stripe. It asks nothing and believes everything.",
                button="Complete identity check",
                more="",
            )
        accounts.use_link(store, link)
        return flask.redirect(link["return_url"])

    @app.route("/checkout/<session_id>", methods=["GET", "POST"])
    def pay(session_id: str) -> ResponseReturnValue:
        session = find(store, "checkout", session_id)
        if flask.request.method == "GET" and session["status"] == "open":
            return _show_session(session)
        if checkout.pay_checkout(store, session_id)["status"] != "complete":
            return flask.redirect(session["cancel_url"] or session["success_url"])
        return flask.redirect(session["success_url"])


def _show_session(session: Object) -> str:
    amount = _shown(session["amount_total"], session["currency"].upper())
    cancel = session["cancel_url"]
    return _PAGE.format(
        title=f"Pay {amount}",
        text="This stands in for Stripe. No card is needed and no money moves.",
        button=f"Pay {amount}",
        more=Markup('<p><a href="{}">Cancel</a></p>').format(cancel) if cancel else "",
    )


def _shown(amount: int, currency: str) -> str:
    major = Decimal(amount).scaleb(-get_currency_precision(currency))
    return format_currency(major, currency, locale="en_US")
