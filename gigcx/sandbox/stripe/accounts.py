"""Connected accounts, and the links on which their people answer Stripe's questions."""

from typing import Any

from gigcx.sandbox.stripe import events
from gigcx.sandbox.stripe.refusals import Refused, find
from gigcx.sandbox.stripe.store import Object, Store

LINK_SECONDS = 300
_ASKED = ["external_account", "individual.first_name"]


def create_account(store: Store, body: Object) -> Object:
    """Create an account that may do nothing until its person has answered.

    Source: docs.stripe.com/connect/express-accounts.
    """
    account_id = store.new_id("acct")
    return store.put(
        "account",
        {
            "id": account_id,
            "object": "account",
            "type": "none",
            "created": store.now(),
            "email": body.get("email"),
            "country": body.get("country", "DE"),
            "controller": {"type": "application", "is_controller": True}
            | body.get("controller", {}),
            "capabilities": {"transfers": "inactive"},
            "charges_enabled": False,
            "payouts_enabled": False,
            "details_submitted": False,
            "default_currency": "eur",
            "external_accounts": _banks(account_id, []),
            "requirements": _requirements(_ASKED, "requirements.past_due"),
            "metadata": body.get("metadata", {}),
        },
    )


def create_link(store: Store, body: Object, base: str) -> Object:
    """Make a link: used once, and soon.

    Source: docs.stripe.com/api/account_links.
    """
    account = find(store, "account", body["account"])
    token = store.new_id("link")
    link = {
        "id": token,
        "account": account["id"],
        "return_url": body["return_url"],
        "refresh_url": body["refresh_url"],
        "expires_at": store.now() + LINK_SECONDS,
        "is_used": False,
    }
    store.put("link", link)
    return {
        "object": "account_link",
        "created": store.now(),
        "expires_at": link["expires_at"],
        "url": f"{base}/onboard/{account['id']}/{token}",
    }


def use_link(store: Store, link: Object) -> None:
    """Do what its person does on the page of a link.

    :raises Refused: if somebody was faster.
    """
    with store.unit():
        if find(store, "link", link["id"])["is_used"]:
            raise Refused(400, "account_invalid", "This link has been used.")
        store.put("link", link | {"is_used": True})
        complete_account(store, link["account"])


def complete_account(store: Store, account_id: str, *, bank: str = "") -> Object:
    """Do what the account's person does: identity and bank account.

    :param bank: its fingerprint; the same bank has the same one. Empty: the account's own.

    Source: docs.stripe.com/connect/handling-api-verification (``account.updated`` tells of it).
    """
    account = find(store, "account", account_id)
    account |= {
        "capabilities": {"transfers": "active"},
        "payouts_enabled": True,
        "details_submitted": True,
        "requirements": _requirements([], None),
        "external_accounts": _banks(
            account_id,
            [
                {
                    "id": store.new_id("ba"),
                    "object": "bank_account",
                    "account": account_id,
                    "fingerprint": bank or f"fp{account_id[5:17]}",
                    "country": account["country"],
                    "currency": "eur",
                    "last4": "3000",
                    "status": "new",
                }
            ],
        ),
    }
    with store.unit():
        store.put("account", account)
        events.record(store, "account.updated", account, account=account_id)
    return account


def _requirements(due: list[str], disabled_reason: str | None) -> Object:
    return {
        "currently_due": due,
        "past_due": [],
        "eventually_due": [],
        "disabled_reason": disabled_reason,
    }


def _banks(account_id: str, banks: list[Any]) -> Object:
    return {
        "object": "list",
        "data": banks,
        "has_more": False,
        "url": f"/v1/accounts/{account_id}/external_accounts",
    }
