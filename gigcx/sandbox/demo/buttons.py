"""The buttons that people press at Stripe: here the stand-in's own pages, over HTTP."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from typing_extensions import override

TIMEOUT_SECONDS = 10


class _Stay(HTTPRedirectHandler):
    """Stripe sends people back to us afterwards; nobody needs to be there yet."""

    @override
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = build_opener(_Stay)


def pay_checkout(url: str) -> str:
    """Pay on a checkout page and return the payment's id at Stripe."""
    session_id = urlsplit(url).path.rpartition("/")[2]
    payment: str = json.loads(_press(_switch(url, f"pay/{session_id}")))["payment_intent"]
    return payment


def complete_onboarding(url: str) -> None:
    """Answer Stripe's questions on an account link's page."""
    _press(url)


def settle_payouts(url: str) -> None:
    """Let the banks take every payout that is on its way.

    :param url: of any page of the stand-in.
    """
    _press(_switch(url, "settle"))


def lose_events(url: str) -> None:
    """Let Stripe tell nobody of what was read there already.

    :param url: of any page of the stand-in.
    """
    _press(_switch(url, "lose"))


def _switch(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/_switch/{name}", "", ""))


def _press(url: str) -> bytes:
    pressed = Request(url, data=b"", method="POST")  # noqa: S310 - an address of the stand-in's
    try:
        with _opener.open(pressed, timeout=TIMEOUT_SECONDS) as answer:
            told: bytes = answer.read()
    except HTTPError as answer:
        if answer.code >= 400:  # noqa: PLR2004 - anything less is a redirect
            raise
        return b""
    return told
