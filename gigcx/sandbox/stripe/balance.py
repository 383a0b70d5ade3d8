"""Balances: the sums of balance transactions, the platform's and each account's."""

from gigcx.sandbox.stripe.store import PLATFORM, Object, Store


def balance(store: Store, *, account: str = PLATFORM) -> dict[str, int]:
    """Return currency → what an account can use now, in the currency's smallest unit."""
    sums: dict[str, int] = {}
    for movement in store.all("balance_transaction", account=account):
        sums[movement["currency"]] = sums.get(movement["currency"], 0) + movement["net"]
    return sums


def show_balance(store: Store, *, account: str) -> Object:
    """Return an account's balance as Stripe shows it.

    Source: docs.stripe.com/api/balance/balance_object.
    """
    available = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in balance(store, account=account).items()
    ]
    return {"object": "balance", "available": available, "pending": [], "livemode": False}


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
    """Write a balance transaction.

    Source: docs.stripe.com/api/balance_transactions/object.
    """
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
            "balance_type": "payments",
            "reporting_category": kind,
            "source": source,
            "status": "available",
            "exchange_rate": None,
            "description": None,
        },
        account=account,
    )
