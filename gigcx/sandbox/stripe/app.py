"""The stand-in's API."""

import hmac
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask
from flask.typing import ResponseReturnValue

from gigcx.sandbox.stripe import accounts, checkout, events, payouts, transfers
from gigcx.sandbox.stripe import faults as broken
from gigcx.sandbox.stripe.balance import show_balance
from gigcx.sandbox.stripe.conformance import describe
from gigcx.sandbox.stripe.faults import Faults
from gigcx.sandbox.stripe.forms import nested
from gigcx.sandbox.stripe.idempotency import answer_once
from gigcx.sandbox.stripe.pages import add_pages
from gigcx.sandbox.stripe.paging import page
from gigcx.sandbox.stripe.payouts import settle_all
from gigcx.sandbox.stripe.refusals import Refused, find
from gigcx.sandbox.stripe.store import PLATFORM, Object, Store
from gigcx.sandbox.stripe.switches import add_switches

__all__ = ["create_stripe", "settle_all"]


def create_stripe(
    store: Store,
    *,
    api_key: str,
    webhook_url: str,
    webhook_secret: str,
    description: Path | None = None,
) -> flask.Flask:
    """Make the stand-in.

    :param description: Stripe's API as OpenAPI; requests, answers and events are held against it
        where it is given.
    """
    app = flask.Flask(__name__)
    deliverer = events.Deliverer(store, url=webhook_url, secret=webhook_secret)
    faults = Faults()
    app.extensions["stripe"] = (store, deliverer, faults)
    store.description = describe(description) if description is not None else None
    app.before_request(lambda: _check(store, api_key) if _is_api() else None)
    app.before_request(lambda: _meet_fault(faults) if _is_api() else None)
    app.after_request(lambda response: _checked(store, response))
    app.register_error_handler(Refused, lambda refusal: (refusal.body, refusal.status))
    _add_changes(app, store)
    _add_readers(app, store)
    add_pages(app, store)
    add_switches(app, store, deliverer, faults)
    return app


def _check(store: Store, api_key: str) -> None:
    """Refuse who does not know the key, and what Stripe does not describe.

    Source: docs.stripe.com/api/authentication, docs.stripe.com/api/errors.
    """
    given = flask.request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {api_key}".encode()):
        raise Refused(401, "api_key_invalid", "Invalid API Key provided.")
    if _account() != PLATFORM and store.get("account", _account()) is None:
        raise Refused(403, "account_invalid", "The key has no access to this account.")
    if flask.request.url_rule is None:
        raise Refused(404, "url_invalid", "Unrecognized request URL.")
    if store.description is not None:
        problem = store.description.problem_of(_path(), _method(), _body())
        if problem is not None:
            raise Refused(400, "parameter_invalid", problem)


def _meet_fault(faults: Faults) -> ResponseReturnValue | None:
    """Let a request meet its fault: a reader at once, a change when it is worked on."""
    fault = faults.take(flask.request.method, flask.request.path)
    if fault == "slow":
        time.sleep(faults.slow_seconds)
    flask.g.fault = fault
    if flask.request.method == "POST" or fault in {"", "slow"}:
        return None
    broken.refuse(fault)
    return broken.answer_with(fault, broken.BROKEN, 500)


def _checked(store: Store, response: flask.Response) -> flask.Response:
    """Hold an answer against the description before it leaves, unless it is broken on purpose."""
    is_whole = response.is_json and flask.g.get("fault") != "garbled-after"
    if store.description is not None and _is_api() and flask.request.url_rule and is_whole:
        store.description.check_answer(_path(), _method(), response.status_code, response.json)
    return response


def _add_changes(app: flask.Flask, store: Store) -> None:
    def post(rule: str, work: Callable[..., Object]) -> None:
        def view(**names: str) -> ResponseReturnValue:
            request = {"path": flask.request.path, "account": _account(), "body": _body()}
            return answer_once(store, flask.g.fault, request, lambda: work(**names))

        app.add_url_rule(rule, f"post {rule}", view, methods=["POST"])

    def base() -> str:
        return flask.request.host_url.rstrip("/")

    post("/v1/accounts", lambda: accounts.create_account(store, _body()))
    post("/v1/account_links", lambda: accounts.create_link(store, _body(), base()))
    post("/v1/transfers", lambda: transfers.create_transfer(store, _body()))
    post(
        "/v1/transfers/<id>/reversals",
        lambda **names: transfers.reverse_transfer(store, names["id"], _body()),
    )
    post("/v1/payouts", lambda: payouts.create_payout(store, _body(), _account()))
    post("/v1/checkout/sessions", lambda: checkout.create_checkout(store, _body(), base()))


def _add_readers(app: flask.Flask, store: Store) -> None:
    def get(rule: str, work: Callable[..., Object]) -> None:
        app.add_url_rule(rule, f"get {rule}", work, methods=["GET"])

    def one(rule: str, kind: str) -> None:
        def view(**names: str) -> Object:
            return find(store, kind, *names.values(), account=_account())

        get(rule, view)

    def many(rule: str, work: Callable[..., list[Object]]) -> None:
        def view(**names: str) -> Object:
            return page(work(**names), query=_body(), path=flask.request.path)

        get(rule, view)

    one("/v1/accounts/<account>", "account")
    one("/v1/transfers/<transfer>", "transfer")
    one("/v1/payouts/<payout>", "payout")
    one("/v1/checkout/sessions/<session>", "checkout")
    one("/v1/payment_intents/<intent>", "payment_intent")
    one("/v1/balance_transactions/<id>", "balance_transaction")
    one("/v1/events/<id>", "event")
    get("/v1/balance", lambda: show_balance(store, account=_account()))
    many("/v1/accounts", lambda: store.all("account"))
    many("/v1/transfers", lambda: transfers.list_transfers(store, _body()))
    many(
        "/v1/transfers/<id>/reversals",
        lambda **names: transfers.list_reversals(store, names["id"]),
    )
    many("/v1/payouts", lambda: store.all("payout", account=_account()))
    many("/v1/balance_transactions", lambda: store.all("balance_transaction", account=_account()))
    many("/v1/events", lambda: store.all("event"))


def _is_api() -> bool:
    return flask.request.path.startswith("/v1/")


def _path() -> str:
    """Return the path as Stripe's description names it."""
    return str(flask.request.url_rule).replace("<", "{").replace(">", "}")


def _method() -> str:
    return flask.request.method.lower()


def _body() -> dict[str, Any]:
    values = flask.request.args if flask.request.method == "GET" else flask.request.form
    return nested(values.items(multi=True))


def _account() -> str:
    return flask.request.headers.get("Stripe-Account", PLATFORM)
