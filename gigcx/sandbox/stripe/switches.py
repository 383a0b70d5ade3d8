"""Switches of tests and the demo: what people and banks do, and what goes wrong."""

import flask
from flask import request

from gigcx.sandbox.stripe import accounts, checkout, payouts
from gigcx.sandbox.stripe.events import Deliverer
from gigcx.sandbox.stripe.faults import KINDS, Faults
from gigcx.sandbox.stripe.refusals import Refused
from gigcx.sandbox.stripe.store import Object, Store

_ENDS = frozenset({"paid", "failed"})


def add_switches(app: flask.Flask, store: Store, deliverer: Deliverer, faults: Faults) -> None:
    """Add ``/_switch/…``."""
    _add_people(app, store)
    _add_faults(app, store, deliverer, faults)


def _add_people(app: flask.Flask, store: Store) -> None:
    @app.post("/_switch/pay/<session_id>")
    def pay_session(session_id: str) -> Object:
        return checkout.pay_checkout(store, session_id)

    @app.post("/_switch/onboard/<account>")
    def complete(account: str) -> Object:
        return accounts.complete_account(store, account, bank=request.args.get("bank", ""))

    @app.post("/_switch/settle")
    def settle() -> Object:
        return {"settled": payouts.settle_all(store, _end())}

    @app.post("/_switch/settle/<payout>")
    def settle_one(payout: str) -> Object:
        """Also for a paid payout that the bank sends back later."""
        return payouts.settle_payout(store, payout, payouts.owner_of(store, payout), _end())


def _add_faults(app: flask.Flask, store: Store, deliverer: Deliverer, faults: Faults) -> None:
    @app.post("/_switch/fail/<kind>")
    def fail(kind: str) -> Object:
        """Let the next POSTs fail, or the next requests to ``where``, as ``GET /v1/balance``."""
        if kind not in KINDS:
            raise Refused(400, "parameter_invalid", f"No such fault; there are {sorted(KINDS)}.")
        where = request.args.get("where", "")
        faults.slow_seconds = request.args.get("seconds", faults.slow_seconds, float)
        faults.queued += [f"{kind} {where}".strip()] * request.args.get("times", 1, int)
        return {"queued": faults.queued}

    @app.post("/_switch/hold/<int:is_held>")
    def hold(is_held: int) -> Object:
        deliverer.is_held = bool(is_held)
        return {"is_held": deliverer.is_held}

    @app.post("/_switch/webhooks")
    def webhooks() -> Object:
        """Let events come more than once, or the latest first."""
        deliverer.copies = request.args.get("copies", deliverer.copies, int)
        deliverer.is_reversed = request.args.get("order") == "reversed"
        return {"copies": deliverer.copies, "is_reversed": deliverer.is_reversed}

    @app.post("/_switch/lose")
    def lose() -> Object:
        """Lose every event that is on its way."""
        return {"lost": deliverer.lose()}

    @app.post("/_switch/clock")
    def clock() -> Object:
        """Set its clock ahead by so many seconds, or behind."""
        store.shift = request.args.get("shift", 0.0, float)
        return {"now": store.now()}


def _end() -> str:
    status = request.args.get("status", "paid")
    if status not in _ENDS:
        raise Refused(400, "parameter_invalid", "A payout ends as paid or failed.")
    return status
