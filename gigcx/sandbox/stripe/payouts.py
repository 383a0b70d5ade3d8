"""Payouts of connected accounts to their banks."""

from gigcx.sandbox.stripe import events
from gigcx.sandbox.stripe.balance import balance, move
from gigcx.sandbox.stripe.refusals import Refused, find
from gigcx.sandbox.stripe.store import Object, Store

DAY_SECONDS = 24 * 3600
_ON_ITS_WAY = frozenset({"pending", "in_transit"})
_NEXT = {
    "pending": frozenset({"in_transit", "failed"}),
    "in_transit": frozenset({"paid", "failed"}),
    "paid": frozenset({"failed"}),
    "failed": frozenset[str](),
}
"""Source: docs.stripe.com/api/payouts/object (``status``: a paid one can fail later)."""


def create_payout(store: Store, body: Object, account: str) -> Object:
    """Order money of an account to its bank.

    Source: docs.stripe.com/api/payouts/create.
    """
    with store.unit():
        owner = find(store, "account", account)
        if not owner["payouts_enabled"]:
            raise Refused(400, "payouts_not_allowed", "Payouts are not enabled.")
        if balance(store, account=account).get(body["currency"], 0) < body["amount"]:
            raise Refused(400, "balance_insufficient", "The account has insufficient funds.")
        id_ = store.new_id("po")
        movement = move(store, "payout", id_, -body["amount"], body["currency"], account=account)
        payout = {
            "id": id_,
            "object": "payout",
            "created": store.now(),
            "arrival_date": store.now() + DAY_SECONDS,
            "amount": body["amount"],
            "currency": body["currency"],
            "status": "pending",
            "type": "bank_account",
            "method": "standard",
            "source_type": "card",
            "automatic": False,
            "reconciliation_status": "not_applicable",
            "balance_transaction": movement["id"],
            "failure_code": None,
            "failure_balance_transaction": None,
            "metadata": body.get("metadata", {}),
            "livemode": False,
        }
        store.put("payout", payout, account=account)
        events.record(store, "payout.created", payout, account=account)
    return payout


def settle_payout(store: Store, payout_id: str, account: str, status: str = "paid") -> Object:
    """Do what the bank does; ``paid`` can still become ``failed``, which brings the money back.

    :param status: where the payout ends, by way of ``in_transit``; what it cannot become, it
        does not.
    """
    with store.unit():
        payout = find(store, "payout", payout_id, account=account)
        if payout["status"] == "pending" and status == "paid":
            _become(store, payout, account, "in_transit")
        if status in _NEXT[payout["status"]]:
            _become(store, payout, account, status)
    return payout


def settle_all(store: Store, status: str = "paid") -> int:
    """Let the banks decide on every payout that is on its way, and return how many were."""
    settled = 0
    for account in store.all("account"):
        for payout in store.all("payout", account=account["id"]):
            if payout["status"] in _ON_ITS_WAY:
                settle_payout(store, payout["id"], account["id"], status)
                settled += 1
    return settled


def owner_of(store: Store, payout_id: str) -> str:
    """Return the account of a payout.

    :raises Refused: if there is no such payout.
    """
    for account in store.all("account"):
        if store.get("payout", payout_id, account=account["id"]) is not None:
            owner: str = account["id"]
            return owner
    raise Refused(404, "resource_missing", f"No such payout: '{payout_id}'")


def _become(store: Store, payout: Object, account: str, status: str) -> None:
    payout["status"] = status
    if status == "failed":
        returned = move(
            store,
            "payout_failure",
            payout["id"],
            payout["amount"],
            payout["currency"],
            account=account,
        )
        payout |= {
            "failure_code": "account_closed",
            "failure_balance_transaction": returned["id"],
        }
    store.put("payout", payout, account=account)
    kind = "payout.updated" if status == "in_transit" else f"payout.{status}"
    events.record(store, kind, payout, account=account)
