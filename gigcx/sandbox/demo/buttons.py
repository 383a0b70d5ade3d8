"""The buttons that people press at Stripe: here the stand-in's own pages, over HTTP."""

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


def pay_checkout(url: str) -> None:
    """Pay on a checkout page."""
    _press(url)


def complete_onboarding(url: str) -> None:
    """Answer Stripe's questions on an account link's page."""
    _press(url)


def settle_payouts(url: str) -> None:
    """Let the banks take every payout that is on its way.

    :param url: of any page of the stand-in.
    """
    parts = urlsplit(url)
    _press(urlunsplit((parts.scheme, parts.netloc, "/_switch/settle", "", "")))


def _press(url: str) -> None:
    try:
        _opener.open(Request(url, data=b"", method="POST"), timeout=TIMEOUT_SECONDS).close()  # noqa: S310 - an address of the stand-in's
    except HTTPError as answer:
        if answer.code >= 400:  # noqa: PLR2004 - anything less is a redirect
            raise
