"""Transfers to connected accounts, and their reversals."""

from gigcx.sandbox.stripe import events
from gigcx.sandbox.stripe.balance import balance, move
from gigcx.sandbox.stripe.refusals import Refused, find
from gigcx.sandbox.stripe.store import Object, Store


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


def list_transfers(store: Store, query: Object) -> list[Object]:
    """Return the platform's transfers, of one group if it is named.

    Source: docs.stripe.com/api/transfers/list.
    """
    group = query.get("transfer_group")
    return [one for one in store.all("transfer") if group in {None, one["transfer_group"]}]


def reverse_transfer(store: Store, transfer_id: str, body: Object) -> Object:
    """Take a transfer back, if the account still has the money.

    Source: docs.stripe.com/api/transfer_reversals.
    """
    with store.unit():
        transfer = find(store, "transfer", transfer_id)
        left = transfer["amount"] - transfer["amount_reversed"]
        amount = body.get("amount", left)
        account, currency = transfer["destination"], transfer["currency"]
        if amount > left:
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
        transfer["reversals"]["data"].insert(0, reversal)
        store.put("transfer", transfer)
        events.record(store, "transfer.reversed", transfer)
    return reversal


def list_reversals(store: Store, transfer_id: str) -> list[Object]:
    """Return what was taken back of a transfer, the latest first.

    Source: docs.stripe.com/api/transfer_reversals/list.
    """
    found: list[Object] = find(store, "transfer", transfer_id)["reversals"]["data"]
    return found


def _list(data: list[Object], url: str) -> Object:
    return {"object": "list", "data": data, "has_more": False, "url": url}
