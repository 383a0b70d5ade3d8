"""The stand-in as a process of its own."""

import logging
import threading
from pathlib import Path

from werkzeug.serving import make_server

from gigcx.sandbox.stripe.app import create_stripe, settle_all
from gigcx.sandbox.stripe.events import Deliverer
from gigcx.sandbox.stripe.store import Store

BANK_SECONDS = 2.0
"""How long a bank takes here."""


def serve(
    *,
    host: str,
    port: int,
    file: Path,
    api_key: str,
    webhook_url: str,
    webhook_secret: str,
    description: Path | None = None,
) -> None:
    """Answer until the process ends: requests, webhooks, and banks that take every payout."""
    store = Store(str(file))
    app = create_stripe(
        store,
        api_key=api_key,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        description=description,
    )
    deliverer: Deliverer = app.extensions["stripe"][1]
    deliverer.start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    threading.Thread(target=_be_the_banks, args=(store,), daemon=True, name="banks").start()
    make_server(host, port, app, threaded=True).serve_forever()


def _be_the_banks(store: Store) -> None:
    waiting = threading.Event()
    while not waiting.wait(BANK_SECONDS):
        settle_all(store)
