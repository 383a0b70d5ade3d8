"""The stand-in's pages and its API."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gigcx.sandbox.stripe import events, objects
from gigcx.sandbox.stripe.forms import nested, problem_of
from gigcx.sandbox.stripe.objects import Refused, find
from gigcx.sandbox.stripe.store import PLATFORM, Object, Store

KEY_SECONDS = 24 * 3600
"""How long a key is kept at least. Source: docs.stripe.com/api/idempotent_requests."""
PAGE_MAX = 100


@dataclass
class Faults:
    """What goes wrong next, in order: switched on by tests and the demo."""

    queued: list[str] = field(default_factory=list)
    """``500-before``, ``500-after``, ``429``, ``reset-after`` or ``slow``."""


def create_stripe(
    store: Store,
    *,
    api_key: str,
    webhook_url: str,
    webhook_secret: str,
    description: Path | None = None,
) -> flask.Flask:
    """Make the stand-in.

    :param description: Stripe's API as OpenAPI; requests are held against it where it is given.
    """
    app = flask.Flask(__name__)
    deliverer = events.Deliverer(store, url=webhook_url, secret=webhook_secret)
    faults = Faults()
    app.extensions["stripe"] = (store, deliverer, faults)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if not flask.request.path.startswith("/v1/"):
            return None
        given = flask.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given, f"Bearer {api_key}"):
            return _refusal(Refused(401, "api_key_invalid", "Invalid API Key provided."))
        rule = flask.request.url_rule
        if rule is None:
            return _refusal(Refused(404, "url_invalid", "Unrecognized request URL."))
        if description is not None:
            path = str(rule).replace("<", "{").replace(">", "}")
            problem = problem_of(description, path, flask.request.method.lower(), _body())
            if problem is not None:
                return _refusal(Refused(400, "parameter_invalid", problem))
        return None

    app.register_error_handler(Refused, _refusal)
    _add_api(app, store, faults)
    _add_pages(app, store)
    _add_switches(app, store, deliverer, faults)
    return app


def _add_api(app: flask.Flask, store: Store, faults: Faults) -> None:
    def post(rule: str, work: Callable[..., Object]) -> None:
        def view(**names: str) -> ResponseReturnValue:
            return _once(store, faults, lambda: work(**names))

        app.add_url_rule(rule, f"post {rule}", view, methods=["POST"])

    def get(rule: str, work: Callable[..., Object]) -> None:
        app.add_url_rule(rule, f"get {rule}", work, methods=["GET"])

    def base() -> str:
        return flask.request.host_url.rstrip("/")

    post("/v1/accounts", lambda: objects.create_account(store, _body()))
    get("/v1/accounts/<account>", lambda account: find(store, "account", account))
    post("/v1/account_links", lambda: objects.create_link(store, _body(), base()))
    post("/v1/transfers", lambda: objects.create_transfer(store, _body()))
    get("/v1/transfers", lambda: _page(_matching(store.all("transfer"), "transfer_group")))
    get("/v1/transfers/<transfer>", lambda transfer: find(store, "transfer", transfer))
    post("/v1/transfers/<id>/reversals", lambda id: objects.reverse_transfer(store, id, _body()))  # noqa: A006 - the name in Stripe's own path
    post("/v1/payouts", lambda: objects.create_payout(store, _body(), _account()))
    get("/v1/payouts", lambda: _page(store.all("payout", account=_account())))
    get("/v1/payouts/<payout>", lambda payout: find(store, "payout", payout, account=_account()))
    post("/v1/checkout/sessions", lambda: objects.create_checkout(store, _body(), base()))
    get("/v1/checkout/sessions/<session>", lambda session: find(store, "checkout", session))
    get("/v1/payment_intents/<intent>", lambda intent: find(store, "payment_intent", intent))
    get("/v1/balance", lambda: _balance(store))
    get("/v1/balance_transactions", lambda: _page(store.all("balance_transaction")))
    get("/v1/events", lambda: _page(store.all("event")))


def _once(store: Store, faults: Faults, work: Callable[[], Object]) -> ResponseReturnValue:
    """Answer a request under a key once; the first answer is kept, 500s included.

    Source: docs.stripe.com/api/idempotent_requests.
    """
    key = flask.request.headers.get("Idempotency-Key")
    wanted = json.dumps([flask.request.path, _account(), _body()], sort_keys=True)
    fault = faults.queued.pop(0) if faults.queued else ""
    if fault == "429":
        raise Refused(429, "rate_limit", "Too many requests.", kind="rate_limit_error")
    if fault == "slow":
        time.sleep(0.5)
    with store.unit() as line:
        line.execute("DELETE FROM answers WHERE at < ?", (store.now() - KEY_SECONDS,))
        kept = line.execute(
            "SELECT request, status, body FROM answers WHERE key = ?", (key,)
        ).fetchone()
        if kept is not None:
            if kept[0] != wanted:
                raise Refused(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters.",
                    kind="idempotency_error",
                )
            return json.loads(kept[2]), kept[1], {"Idempotent-Replayed": "true"}
        status, body = _worked(fault, work)
        if key is not None and fault != "reset-after":
            line.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?)",
                (key, wanted, status, json.dumps(body), store.now()),
            )
        elif key is not None:
            line.execute(
                "INSERT INTO answers VALUES (?, ?, 200, ?, ?)",
                (key, wanted, json.dumps(body), store.now()),
            )
    if fault == "reset-after":
        _hang_up()
    return body, status


def _worked(fault: str, work: Callable[[], Object]) -> tuple[int, Object]:
    broken: Object = {"error": {"type": "api_error", "message": "Something went wrong."}}
    if fault == "500-before":
        return 500, broken
    try:
        body = work()
    except Refused as refusal:
        return refusal.status, refusal.body
    return (500, broken) if fault == "500-after" else (200, body)


def _hang_up() -> None:
    """Close the line without an answer: the effect is there, nobody is told."""
    line = flask.request.environ.get("werkzeug.socket")
    if line is not None:
        line.close()


def _add_pages(app: flask.Flask, store: Store) -> None:
    @app.route("/onboard/<token>", methods=["GET", "POST"])
    def onboard(token: str) -> ResponseReturnValue:
        link = store.get("link", token)
        if link is None or link.get("used") or link["expires_at"] < store.now():
            return flask.redirect(link["refresh_url"]) if link else ("No such link", 404)
        if flask.request.method == "GET":
            return _form(
                "Verify your identity",
                "This stands in for Stripe. It asks nothing and believes everything.",
                "Complete identity check",
            )
        store.put("link", link | {"used": True})
        objects.complete_account(store, link["account"])
        return flask.redirect(link["return_url"])

    @app.route("/checkout/<session_id>", methods=["GET", "POST"])
    def checkout(session_id: str) -> ResponseReturnValue:
        session = find(store, "checkout", session_id)
        if flask.request.method == "GET" and session["status"] == "open":
            amount = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
            return _form(
                f"Pay {amount}",
                "This stands in for Stripe. No card is needed and no money moves.",
                f"Pay {amount}",
            )
        objects.pay_checkout(store, session_id)
        return flask.redirect(session["success_url"])


def _add_switches(
    app: flask.Flask, store: Store, deliverer: events.Deliverer, faults: Faults
) -> None:
    @app.post("/_switch/pay/<session_id>")
    def pay(session_id: str) -> Object:
        return objects.pay_checkout(store, session_id)

    @app.post("/_switch/onboard/<account>")
    def complete(account: str) -> Object:
        return objects.complete_account(store, account, bank=flask.request.args.get("bank", ""))

    @app.post("/_switch/settle")
    def settle() -> Object:
        return {"settled": settle_all(store, flask.request.args.get("status", "paid"))}

    @app.post("/_switch/fail/<fault>")
    def fail(fault: str) -> Object:
        faults.queued += [fault] * int(flask.request.args.get("times", "1"))
        return {"queued": faults.queued}

    @app.post("/_switch/hold/<int:is_held>")
    def hold(is_held: int) -> Object:
        deliverer.is_held = bool(is_held)
        return {"is_held": deliverer.is_held}


def settle_all(store: Store, status: str = "paid") -> int:
    """Let the banks take every payout that is on its way."""
    settled = 0
    for account in store.all("account"):
        for payout in store.all("payout", account=account["id"]):
            if payout["status"] in {"pending", "in_transit"}:
                objects.settle_payout(store, payout["id"], account["id"], status)
                settled += 1
    return settled


def _refusal(refusal: Refused) -> ResponseReturnValue:
    return refusal.body, refusal.status


def _body() -> dict[str, Any]:
    values = flask.request.args if flask.request.method == "GET" else flask.request.form
    return nested(values.items(multi=True))


def _account() -> str:
    return flask.request.headers.get("Stripe-Account", PLATFORM)


def _balance(store: Store) -> Object:
    available = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in objects.balance(store, account=_account()).items()
    ]
    return {"object": "balance", "available": available, "pending": [], "livemode": False}


def _matching(found: list[Object], name: str) -> list[Object]:
    wanted = flask.request.args.get(name)
    return [one for one in found if wanted is None or one[name] == wanted]


def _page(found: list[Object]) -> Object:
    """Return one page, the latest first.

    Source: docs.stripe.com/api/pagination.
    """
    query = _body()
    since = (query.get("created") or {}).get("gte", 0)
    found = [one for one in found if one["created"] >= since]
    after = query.get("starting_after")
    if after is not None:
        ids = [one["id"] for one in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    limit = min(int(query.get("limit", 10)), PAGE_MAX)
    return {
        "object": "list",
        "data": found[:limit],
        "has_more": len(found) > limit,
        "url": flask.request.path,
    }


def _form(title: str, text: str, button: str) -> str:
    return Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>{0}</title><main><h1>{0}</h1><p>{1}</p>"
        '<form method="post"><button>{2}</button></form></main></html>'
    ).format(title, text, button)
