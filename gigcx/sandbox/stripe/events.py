"""Events: recorded with the change, signed and delivered until somebody answers.

Source: docs.stripe.com/webhooks (at least once, in no order, retried for days).
"""

import hashlib
import hmac
import http.client
import json
import threading
import urllib.request
from typing import Any

from gigcx.sandbox.stripe.store import PLATFORM, Object, Store

TRIES_MAX = 30
TIMEOUT_SECONDS = 10


def record(store: Store, kind: str, subject: Object, *, account: str = PLATFORM) -> Object:
    """Write an event down; it is delivered by and by."""
    event: dict[str, Any] = {
        "id": store.new_id("evt"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": store.now(),
        "type": kind,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": subject},
    }
    if account:
        event["account"] = account
    if store.description is not None:
        store.description.check_event(event)
    with store.unit() as line:
        store.put("event", event)
        line.execute("INSERT INTO deliveries VALUES (?, 0, 0)", (event["id"],))
    return event


def signature(payload: bytes, secret: str, at: int) -> str:
    """Sign as Stripe does.

    Source: docs.stripe.com/webhooks#verify-manually.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Deliverer:
    """Posts what is due to the webhook's address."""

    def __init__(self, store: Store, *, url: str, secret: str) -> None:
        """Deliver nothing yet.

        :param url: where events go; empty keeps them for the list.
        """
        self._store = store
        self._url = url
        self._secret = secret
        self._stop = threading.Event()
        self.is_held = False
        """Whether events wait: a fault that tests switch on, as are the next two."""
        self.copies = 1
        """How often each event comes. Source: docs.stripe.com/webhooks (duplicate events)."""
        self.is_reversed = False
        """Whether the latest comes first. Source: docs.stripe.com/webhooks (event ordering)."""

    def start(self) -> None:
        """Deliver from a thread until stopped."""
        threading.Thread(target=self._loop, daemon=True, name="webhooks").start()

    def stop(self) -> None:
        """Deliver nothing more."""
        self._stop.set()

    def deliver_due(self) -> int:
        """Post what is due once and return how many were answered."""
        if self.is_held or not self._url:
            return 0
        with self._store.unit() as line:
            due = line.execute(
                "SELECT event, tries FROM deliveries WHERE due <= ? ORDER BY rowid LIMIT 50",
                (self._store.now(),),
            ).fetchall()
        if self.is_reversed:
            due.reverse()
        return sum(self._deliver(event, tries) for event, tries in due)

    def lose(self) -> int:
        """Forget what is on its way and return how much that was."""
        with self._store.unit() as line:
            return int(line.execute("DELETE FROM deliveries").rowcount)

    def _loop(self) -> None:
        while not self._stop.wait(0.2):
            self.deliver_due()

    def _deliver(self, event_id: str, tries: int) -> bool:
        event = self._store.get("event", event_id)
        payload = json.dumps(event).encode()
        answers = [self._post(payload) for _ in range(self.copies)]
        is_answered = all(answers)
        with self._store.unit() as line:
            if is_answered or tries + 1 >= TRIES_MAX:
                line.execute("DELETE FROM deliveries WHERE event = ?", (event_id,))
            else:
                pause = min(2**tries, 3600)
                line.execute(
                    "UPDATE deliveries SET tries = tries + 1, due = ? WHERE event = ?",
                    (self._store.now() + pause, event_id),
                )
        return is_answered

    def _post(self, payload: bytes) -> bool:
        request = urllib.request.Request(  # noqa: S310 - an address that we were given
            self._url,
            payload,
            {
                "Content-Type": "application/json",
                "Stripe-Signature": signature(payload, self._secret, self._store.now()),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return bool(200 <= answer.status < 300)  # noqa: PLR2004 - success
        except (OSError, http.client.HTTPException):
            return False
