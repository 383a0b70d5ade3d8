"""What requests do to accounts, transfers, payouts and checkouts."""

from typing import Any

from gigcx.sandbox.stripe import events
from gigcx.sandbox.stripe.store import PLATFORM, Object, Store

FEE_BPS = 150
FEE_FIXED_MINOR = 25
"""What a card payment costs: 1.5 % and 25 of the smallest unit."""
LINK_SECONDS = 300


class Refused(Exception):
    """An answer of Stripe's that refuses.

    Source: docs.stripe.com/api/errors.
    """

    def __init__(
        self, status: int, code: str, message: str, *, kind: str = "invalid_request_error"
    ) -> None:
        """Refuse with a status and Stripe's own code."""
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


def find(store: Store, kind: str, id_: str, *, account: str | None = None) -> Object:
    """Return an object, or refuse as Stripe does."""
    found = store.get(kind, id_, account=account)
    if found is None:
        raise Refused(404, "resource_missing", f"No such {kind}: '{id_}'")
    return found


def create_account(store: Store, body: Object) -> Object:
    """Create an account that may do nothing until its person has answered.

    Source: docs.stripe.com/connect/express-accounts.
    """
    account = {
        "id": store.new_id("acct"),
        "object": "account",
        "type": "none",
        "created": store.now(),
        "email": body.get("email"),
        "country": body.get("country", "DE"),
        "controller": body.get("controller", {}),
        "capabilities": {"transfers": "inactive"},
        "charges_enabled": False,
        "payouts_enabled": False,
        "details_submitted": False,
        "default_currency": "eur",
        "external_accounts": _list([], "/v1/accounts/external_accounts"),
        "requirements": {
            "currently_due": ["external_account", "individual.first_name"],
            "past_due": [],
            "eventually_due": [],
            "disabled_reason": "requirements.past_due",
        },
        "metadata": body.get("metadata", {}),
    }
    return store.put("account", account)


def create_link(store: Store, body: Object, base: str) -> Object:
    """Make a link: used once, and soon.

    Source: docs.stripe.com/api/account_links.
    """
    account = find(store, "account", body["account"])
    token = store.new_id("link")
    store.put(
        "link",
        {
            "id": token,
            "account": account["id"],
            "return_url": body["return_url"],
            "refresh_url": body["refresh_url"],
            "expires_at": store.now() + LINK_SECONDS,
        },
    )
    return {
        "object": "account_link",
        "created": store.now(),
        "expires_at": store.now() + LINK_SECONDS,
        "url": f"{base}/onboard/{token}",
    }


def complete_account(store: Store, account_id: str, *, bank: str = "") -> Object:
    """Do what the account's person does: identity and bank account."""
    account = find(store, "account", account_id)
    fingerprint = bank or f"fp{account_id[5:17]}"
    account |= {
        "capabilities": {"transfers": "active"},
        "payouts_enabled": True,
        "details_submitted": True,
        "requirements": {
            "currently_due": [],
            "past_due": [],
            "eventually_due": [],
            "disabled_reason": None,
        },
        "external_accounts": _list(
            [
                {
                    "id": store.new_id("ba"),
                    "object": "bank_account",
                    "fingerprint": fingerprint,
                    "country": account["country"],
                    "currency": "eur",
                    "last4": "3000",
                    "status": "new",
                }
            ],
            f"/v1/accounts/{account_id}/external_accounts",
        ),
    }
    with store.unit():
        store.put("account", account)
        events.record(store, "account.updated", account, account=account_id)
    return account


def create_checkout(store: Store, body: Object, base: str) -> Object:
    """Open a page on which somebody pays.

    Source: docs.stripe.com/api/checkout/sessions/create.
    """
    item = body["line_items"][0]
    price = item["price_data"]
    session_id = store.new_id("cs_test")
    session = {
        "id": session_id,
        "object": "checkout.session",
        "created": store.now(),
        "mode": body["mode"],
        "status": "open",
        "payment_status": "unpaid",
        "amount_total": price["unit_amount"] * item.get("quantity", 1),
        "currency": price["currency"],
        "payment_intent": None,
        "metadata": body.get("metadata", {}),
        "success_url": body["success_url"],
        "cancel_url": body.get("cancel_url"),
        "url": f"{base}/checkout/{session_id}",
        "livemode": False,
    }
    hidden = {**session, "_payment_metadata": body["payment_intent_data"].get("metadata", {})}
    store.put("checkout", hidden)
    return session


def pay_checkout(store: Store, session_id: str) -> Object:
    """Do what the payer does: the payment succeeds and the platform can use it, less the fee."""
    with store.unit():
        session = find(store, "checkout", session_id)
        if session["status"] != "open":
            return session
        payment = {
            "id": store.new_id("pi"),
            "object": "payment_intent",
            "created": store.now(),
            "amount": session["amount_total"],
            "amount_received": session["amount_total"],
            "currency": session["currency"],
            "status": "succeeded",
            "metadata": session["_payment_metadata"],
            "livemode": False,
        }
        session |= {
            "status": "complete",
            "payment_status": "paid",
            "payment_intent": payment["id"],
        }
        store.put("payment_intent", payment)
        store.put("checkout", session)
        fee = session["amount_total"] * FEE_BPS // 10_000 + FEE_FIXED_MINOR
        charge = store.new_id("ch")
        move(store, "charge", charge, session["amount_total"], session["currency"], fee=fee)
        shown = {k: v for k, v in session.items() if not k.startswith("_")}
        events.record(store, "checkout.session.completed", shown)
        events.record(store, "payment_intent.succeeded", payment)
    return session


def create_transfer(store: Store, body: Object) -> Object:
    """Move money to an account, if it may have it and there is enough.

    Source: docs.stripe.com/connect/separate-charges-and-transfers (a transfer beyond the
    available balance fails).
    """
    with store.unit():
        account = store.get("account", body["destination"])
        if account is None:
            raise Refused(400, "account_invalid", f"No such destination: {body['destination']}")
        if account["capabilities"]["transfers"] != "active":
            raise Refused(
                400, "insufficient_capabilities_for_transfer", "The account may not receive it."
            )
        if balance(store).get(body["currency"], 0) < body["amount"]:
            raise Refused(400, "balance_insufficient", "You have insufficient funds.")
        id_ = store.new_id("tr")
        movement = move(store, "transfer", id_, -body["amount"], body["currency"])
        move(store, "payment", id_, body["amount"], body["currency"], account=account["id"])
        transfer = {
            "id": id_,
            "object": "transfer",
            "created": store.now(),
            "amount": body["amount"],
            "amount_reversed": 0,
            "reversed": False,
            "reversals": _list([], f"/v1/transfers/{id_}/reversals"),
            "currency": body["currency"],
            "destination": account["id"],
            "balance_transaction": movement["id"],
            "transfer_group": body.get("transfer_group"),
            "metadata": body.get("metadata", {}),
            "livemode": False,
        }
        store.put("transfer", transfer)
        events.record(store, "transfer.created", transfer)
    return transfer


def reverse_transfer(store: Store, transfer_id: str, body: Object) -> Object:
    """Take a transfer back, if the account still has the money.

    Source: docs.stripe.com/api/transfer_reversals.
    """
    with store.unit():
        transfer = find(store, "transfer", transfer_id)
        amount = body.get("amount", transfer["amount"] - transfer["amount_reversed"])
        account, currency = transfer["destination"], transfer["currency"]
        if amount > transfer["amount"] - transfer["amount_reversed"]:
            raise Refused(400, "transfer_already_reversed", "More than is left of it.")
        if balance(store, account=account).get(currency, 0) < amount:
            raise Refused(400, "balance_insufficient", "The account has insufficient funds.")
        id_ = store.new_id("trr")
        movement = move(store, "transfer_refund", id_, amount, currency)
        move(store, "payment_refund", id_, -amount, currency, account=account)
        reversal = {
            "id": id_,
            "object": "transfer_reversal",
            "created": store.now(),
            "amount": amount,
            "currency": currency,
            "balance_transaction": movement["id"],
            "transfer": transfer_id,
            "metadata": body.get("metadata", {}),
        }
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        store.put("transfer", transfer)
        store.put("reversal", reversal)
        events.record(store, "transfer.reversed", transfer)
    return reversal


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
        move(store, "payout", id_, -body["amount"], body["currency"], account=account)
        payout = {
            "id": id_,
            "object": "payout",
            "created": store.now(),
            "amount": body["amount"],
            "currency": body["currency"],
            "status": "pending",
            "type": "bank_account",
            "method": "standard",
            "automatic": False,
            "failure_code": None,
            "metadata": body.get("metadata", {}),
            "livemode": False,
        }
        store.put("payout", payout, account=account)
        events.record(store, "payout.created", payout, account=account)
    return payout


def settle_payout(store: Store, payout_id: str, account: str, status: str = "paid") -> Object:
    """Do what the bank does; ``paid`` can still become ``failed``, which brings the money back."""
    with store.unit():
        payout = find(store, "payout", payout_id, account=account)
        if status == payout["status"]:
            return payout
        payout["status"] = status
        if status == "failed":
            payout["failure_code"] = "account_closed"
            move(
                store,
                "payout_failure",
                payout_id,
                payout["amount"],
                payout["currency"],
                account=account,
            )
        store.put("payout", payout, account=account)
        events.record(store, f"payout.{status}", payout, account=account)
    return payout


def balance(store: Store, *, account: str = PLATFORM) -> dict[str, int]:
    """Return currency → what an account can use now."""
    sums: dict[str, int] = {}
    for movement in store.all("balance_transaction", account=account):
        sums[movement["currency"]] = sums.get(movement["currency"], 0) + movement["net"]
    return sums


def move(
    store: Store,
    kind: str,
    source: str,
    amount: int,
    currency: str,
    *,
    fee: int = 0,
    account: str = PLATFORM,
) -> Object:
    """Write a balance transaction."""
    return store.put(
        "balance_transaction",
        {
            "id": store.new_id("txn"),
            "object": "balance_transaction",
            "created": store.now(),
            "available_on": store.now(),
            "amount": amount,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "currency": currency,
            "type": kind,
            "reporting_category": kind,
            "source": source,
            "status": "available",
            "exchange_rate": None,
            "description": None,
        },
        account=account,
    )


def _list(data: list[Any], url: str) -> Object:
    return {"object": "list", "data": data, "has_more": False, "url": url}
